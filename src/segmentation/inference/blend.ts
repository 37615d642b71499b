import { fault } from '../../contracts/index.ts';
import type { Tiling } from './tiles.ts';

const r32 = Math.fround;

/** Receives one finished row of logits: halves [channels, y, x] without padding. The array is reused afterwards. */
export type RowSink = (z: number, logits: Float16Array<ArrayBuffer>) => void;

/**
 * Adds weighted patches up in binary16 as nnU-Net does on the CPU (nnunet-inference §3.5), keeping only a ring of one
 * patch's rows: patches come with axis 0 outermost, so rows before the current patch are final. The order of
 * additions per voxel is that of the original, hence every bit too.
 */
export class BlendRing {
  private readonly tiling: Tiling;
  private readonly channels: number;
  private readonly weights: Float32Array;
  private readonly sink: RowSink;
  /** [row modulo patch rows][channel][y][x] of the padded array. */
  private readonly sums: Float16Array<ArrayBuffer>;
  /** [row modulo patch rows][y][x]: the weights' sums. */
  private readonly totals: Float16Array<ArrayBuffer>;
  private readonly finished: Float16Array<ArrayBuffer>;
  private nextRow = 0;

  constructor(tiling: Tiling, channels: number, weights: Float32Array, sink: RowSink) {
    this.tiling = tiling;
    this.channels = channels;
    this.weights = weights;
    this.sink = sink;
    const plane = tiling.padded[1] * tiling.padded[2];
    this.sums = new Float16Array(tiling.patch[0] * channels * plane);
    this.totals = new Float16Array(tiling.patch[0] * plane);
    this.finished = new Float16Array(channels * tiling.shape[1] * tiling.shape[2]);
  }

  /** Adds the logits [channels, patch…] of the patch at `start`; starts must not go back along axis 0. */
  add(logits: Float32Array, start: readonly [number, number, number]): void {
    this.finishRowsBefore(start[0]);
    const { patch, padded } = this.tiling;
    const plane = padded[1] * padded[2];
    const { sums, totals, weights } = this;
    for (let a = 0; a < patch[0]; a += 1) {
      const slot = (start[0] + a) % patch[0];
      for (let b = 0; b < patch[1]; b += 1) {
        const weightLine = (a * patch[1] + b) * patch[2];
        const line = (start[1] + b) * padded[2] + start[2];
        const total = slot * plane + line;
        for (let c = 0; c < patch[2]; c += 1) {
          totals[total + c] = r32((totals[total + c] ?? 0) + (weights[weightLine + c] ?? 0));
        }
        for (let channel = 0; channel < this.channels; channel += 1) {
          const sum = (slot * this.channels + channel) * plane + line;
          const logit = ((channel * patch[0] + a) * patch[1] + b) * patch[2];
          for (let c = 0; c < patch[2]; c += 1) {
            const product = r32((logits[logit + c] ?? 0) * (weights[weightLine + c] ?? 0));
            sums[sum + c] = r32((sums[sum + c] ?? 0) + product);
          }
        }
      }
    }
  }

  /** Hands out the rows that are left. */
  finish(): void {
    this.finishRowsBefore(this.tiling.padded[0]);
  }

  private finishRowsBefore(end: number): void {
    for (; this.nextRow < end; this.nextRow += 1) this.finishRow(this.nextRow);
  }

  private finishRow(row: number): void {
    const { padded, shape, below, patch } = this.tiling;
    const plane = padded[1] * padded[2];
    const slot = row % patch[0];
    const z = row - below[0];
    if (z >= 0 && z < shape[0]) {
      let at = 0;
      for (let channel = 0; channel < this.channels; channel += 1) {
        for (let y = 0; y < shape[1]; y += 1) {
          const line = (y + below[1]) * padded[2] + below[2];
          const sum = (slot * this.channels + channel) * plane + line;
          const total = slot * plane + line;
          for (let x = 0; x < shape[2]; x += 1) {
            this.finished[at] = r32((this.sums[sum + x] ?? 0) / (this.totals[total + x] ?? 0));
            at += 1;
          }
        }
      }
      requireFinite(this.finished);
      this.sink(z, this.finished);
    }
    this.sums.fill(0, slot * this.channels * plane, (slot + 1) * this.channels * plane);
    this.totals.fill(0, slot * plane, (slot + 1) * plane);
  }
}

function requireFinite(logits: Float16Array): void {
  for (const value of logits) {
    if (!Number.isFinite(value)) {
      throw fault(
        'LOGITS_NOT_FINITE',
        'The network answered with numbers beyond half precision, so labels would be arbitrary.',
      );
    }
  }
}
