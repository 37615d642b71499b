import { KernelMemory, spaceFor } from '../wasm/kernels.ts';
import type { Tiling } from './tiles.ts';

const HALF_BYTES = 2;
const FLOAT_BYTES = 4;

/** Voxels of a plane of the padded array, and of a plane of a patch. */
function planes({ padded, patch }: Tiling): { readonly padded: number; readonly patch: number } {
  return { padded: padded[1] * padded[2], patch: patch[1] * patch[2] };
}

/** Bytes of a shard with so many channels. */
function shardBytes(tiling: Tiling, channels: number): number {
  const plane = planes(tiling);
  return (
    spaceFor(tiling.patch[0] * (channels + 1) * plane.padded * HALF_BYTES) +
    spaceFor(tiling.patch[0] * plane.patch * FLOAT_BYTES) +
    2 * spaceFor(plane.patch * FLOAT_BYTES) +
    spaceFor(plane.padded * HALF_BYTES)
  );
}

/**
 * How many channels each shard takes, so that no shard needs more than `limit` bytes.
 * @throws RangeError when one channel alone needs more
 */
export function shardChannels(tiling: Tiling, channels: number, limit: number): number[] {
  const one = shardBytes(tiling, 1);
  const perChannel = shardBytes(tiling, 2) - one;
  const most = Math.floor((limit - one) / perChannel) + 1;
  if (most < 1) throw new RangeError('Array buffer allocation failed: a channel needs too much.');
  const count = Math.ceil(channels / most);
  return Array.from({ length: count }, (_, shard) => {
    const until = Math.floor(((shard + 1) * channels) / count);
    return until - Math.floor((shard * channels) / count);
  });
}

/**
 * The blending ring of some channels in the kernels' memory: rows of axis 0 modulo the patch's, each [channels + 1, y, x]
 * halves of the padded array. The last channel holds the sums of the weights, which are added like logits of 1.
 */
export class RingShard {
  readonly channels: number;
  private readonly tiling: Tiling;
  private readonly memory: KernelMemory;
  private readonly sums: number;
  private readonly weights: number;
  private readonly ones: number;
  private readonly logits: number;
  private readonly quotients: number;
  private readonly logitsView: Float32Array;
  private readonly quotientsView: Float16Array;

  constructor(tiling: Tiling, channels: number, weights: Float32Array) {
    const plane = planes(tiling);
    this.tiling = tiling;
    this.channels = channels;
    this.memory = new KernelMemory(shardBytes(tiling, channels));
    this.sums = this.memory.place(tiling.patch[0] * (channels + 1) * plane.padded * HALF_BYTES);
    this.weights = this.memory.place(weights.length * FLOAT_BYTES);
    this.ones = this.memory.place(plane.patch * FLOAT_BYTES);
    this.logits = this.memory.place(plane.patch * FLOAT_BYTES);
    this.quotients = this.memory.place(plane.padded * HALF_BYTES);
    this.memory.floats(this.weights, weights.length).set(weights);
    this.memory.floats(this.ones, plane.patch).fill(1);
    this.logitsView = this.memory.floats(this.logits, plane.patch);
    this.quotientsView = this.memory.halves(this.quotients, plane.padded);
  }

  /** Adds this shard's channels, from `first` on, of the patch's logits [channels, patch…]. */
  add(logits: Float32Array, first: number, start: readonly [number, number, number]): void {
    const [rows] = this.tiling.patch;
    const plane = planes(this.tiling).patch;
    for (let channel = 0; channel < this.channels; channel += 1) {
      for (let a = 0; a < rows; a += 1) {
        const at = ((first + channel) * rows + a) * plane;
        this.logitsView.set(logits.subarray(at, at + plane));
        this.addPlane(this.logits, channel, a, start);
      }
    }
    for (let a = 0; a < rows; a += 1) this.addPlane(this.ones, this.channels, a, start);
  }

  private addPlane(
    logits: number,
    channel: number,
    a: number,
    start: readonly [number, number, number],
  ): void {
    const { patch, padded } = this.tiling;
    const line = start[1] * padded[2] + start[2];
    this.memory.kernels.accumulate(
      this.planeAddress(start[0] + a, channel) + line * HALF_BYTES,
      logits,
      this.weights + a * patch[1] * patch[2] * FLOAT_BYTES,
      patch[1],
      patch[2],
      padded[2] * HALF_BYTES,
    );
  }

  /**
   * Writes the blended logits [channels, y, x] of a row, without padding.
   * @returns whether all are finite
   */
  finishRow(row: number, target: Float16Array): boolean {
    const { padded, shape, below } = this.tiling;
    const plane = shape[1] * shape[2];
    const line = (below[1] * padded[2] + below[2]) * HALF_BYTES;
    const totals = this.planeAddress(row, this.channels) + line;
    let allFinite = true;
    for (let channel = 0; channel < this.channels; channel += 1) {
      const infinite = this.memory.kernels.divide(
        this.planeAddress(row, channel) + line,
        totals,
        this.quotients,
        shape[1],
        shape[2],
        padded[2] * HALF_BYTES,
      );
      allFinite &&= infinite === 0;
      target.set(this.quotientsView.subarray(0, plane), channel * plane);
    }
    return allFinite;
  }

  /** Makes a row's place free for a later row. */
  clearRow(row: number): void {
    const length = (this.channels + 1) * planes(this.tiling).padded;
    this.memory.bytes(this.planeAddress(row, 0), length * HALF_BYTES).fill(0);
  }

  private planeAddress(row: number, channel: number): number {
    const slot = row % this.tiling.patch[0];
    const plane = slot * (this.channels + 1) + channel;
    return this.sums + plane * planes(this.tiling).padded * HALF_BYTES;
  }
}
