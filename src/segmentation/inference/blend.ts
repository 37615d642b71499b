import { fault } from '../../contracts/index.ts';
import { LARGEST_MEMORY } from '../wasm/kernels.ts';
import { RingShard, shardChannels } from './ring-shard.ts';
import type { Tiling } from './tiles.ts';

/** Receives one finished row of logits: halves [channels, y, x] without padding. The array is reused afterwards. */
export type RowSink = (z: number, logits: Float16Array<ArrayBuffer>) => void;

/**
 * Adds weighted patches up in binary16 as nnU-Net does on the CPU (nnunet-inference §3.5), keeping only a ring of one
 * patch's rows: patches come with axis 0 outermost, so rows before the current patch are final. The order of
 * additions per voxel is that of the original, hence every bit too.
 */
export class BlendRing {
  private readonly tiling: Tiling;
  private readonly shards: readonly RingShard[];
  private readonly finished: Float16Array<ArrayBuffer>;
  private sink: RowSink = () => undefined;
  private nextRow = 0;

  /** @param memoryLimit bytes that one block of memory may have; a larger ring is spread over several */
  constructor(
    tiling: Tiling,
    channels: number,
    weights: Float32Array,
    memoryLimit: number = LARGEST_MEMORY,
  ) {
    this.tiling = tiling;
    this.shards = shardChannels(tiling, channels, memoryLimit).map(
      (count) => new RingShard(tiling, count, weights),
    );
    this.finished = new Float16Array(channels * tiling.shape[1] * tiling.shape[2]);
  }

  /** Makes ready for the patches of a fold; the ring is new or its last fold is finished. */
  begin(sink: RowSink): void {
    this.sink = sink;
    this.nextRow = 0;
  }

  /** Adds the logits [channels, patch…] of the patch at `start`; starts must not go back along axis 0. */
  add(logits: Float32Array, start: readonly [number, number, number]): void {
    this.finishRowsBefore(start[0]);
    let first = 0;
    for (const shard of this.shards) {
      shard.add(logits, first, start);
      first += shard.channels;
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
    const { shape, below } = this.tiling;
    const z = row - below[0];
    if (z >= 0 && z < shape[0]) {
      let first = 0;
      let allFinite = true;
      for (const shard of this.shards) {
        const target = this.finished.subarray(first * shape[1] * shape[2]);
        allFinite = shard.finishRow(row, target) && allFinite;
        first += shard.channels;
      }
      if (!allFinite) throw notFinite();
      this.sink(z, this.finished);
    }
    for (const shard of this.shards) shard.clearRow(row);
  }
}

/** For logits that are infinite or not a number as halves. */
export function notFinite(): Error {
  return fault(
    'LOGITS_NOT_FINITE',
    'The network answered with numbers beyond half precision, so labels would be arbitrary.',
  );
}
