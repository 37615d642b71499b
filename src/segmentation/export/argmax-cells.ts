import { KernelMemory, spaceFor } from '../wasm/kernels.ts';
import { MIXED } from '../wasm/label-kernels.ts';
import type { VolumeTaps } from './axis-taps.ts';
import { Candidates } from './candidates.ts';
import { LogitRow, logitRowBytes, summaryStride, type RowLayout } from './logit-row.ts';
import type { SliceLabeller } from './slice-labeller.ts';

/** Rows that are kept at a time. */
const ROWS = 2;

/**
 * Labels by the largest channel, exactly as interpolating every channel would give them, at a fraction of the work
 * (nnunet-inference §7.2 items 4 and 5): where all taps of a voxel agree on the winner, and it leads every lower channel by
 * more than rounding to binary16 can level, it wins between them too. Other voxels are interpolated, but only the channels
 * that can win there; taps in row-major order, the weight of axis 0 first, rounded from binary64 to binary16 once (§2.7 item 4,
 * §4).
 */
export class ArgmaxCells implements SliceLabeller<LogitRow> {
  private readonly layout: RowLayout;
  private readonly taps: VolumeTaps;
  private readonly memory: KernelMemory;
  private readonly decidedAddress: number;
  /** [y, x]: label of a cell of the slice in work, or MIXED. */
  private readonly decided: Uint8Array;
  private candidates: Candidates | null = null;
  private readonly offsets = new Int32Array(4);
  private readonly weights1 = new Float64Array(4);
  private readonly weights2 = new Float64Array(4);

  constructor(heads: number, plane: readonly [number, number], taps: VolumeTaps) {
    const [rows, columns] = plane;
    const [, axis1, axis2] = taps;
    this.taps = taps;
    this.layout = {
      heads,
      rows,
      columns,
      down: axis1.taps === 2 ? columns : 0,
      right: axis2.taps === 2 ? 1 : 0,
    };
    this.memory = new KernelMemory(ROWS * logitRowBytes(this.layout) + spaceFor(rows * columns));
    this.decidedAddress = this.memory.place(rows * columns);
    this.decided = this.memory.bytes(this.decidedAddress, rows * columns);
  }

  newRow(): LogitRow {
    return new LogitRow(this.layout, this.memory);
  }

  load(row: LogitRow, logits: Float16Array<ArrayBuffer>): void {
    row.load(logits);
  }

  label(first: LogitRow, second: LogitRow, k: number, slice: Uint8Array): void {
    const [axis0, axis1, axis2] = this.taps;
    this.decide(first, second);
    this.candidates ??= new Candidates(this.layout, first, second);
    this.candidates.restart(first, second);
    const { decided, candidates } = this;
    const { columns } = this.layout;
    const weights = [axis0.w0[k] ?? 0, axis0.w1[k] ?? 0] as const;
    const width = axis2.first.length;
    let at = 0;
    for (let j = 0; j < axis1.first.length; j += 1) {
      const y = axis1.first[j] ?? 0;
      for (let i = 0; i < width; i += 1) {
        const x = axis2.first[i] ?? 0;
        const label = decided[y * columns + x] ?? MIXED;
        slice[at] =
          label === MIXED
            ? this.evaluate(first, second, weights, j, i, candidates.at(y, x))
            : label;
        at += 1;
      }
    }
  }

  private decide(first: LogitRow, second: LogitRow): void {
    const { rows, columns, down, right } = this.layout;
    const [axis0] = this.taps;
    if (axis0.taps === 1 && down === 0 && right === 0) {
      this.decided.set(first.winners);
      return;
    }
    const { decide } = this.memory.kernels;
    const stride = summaryStride(this.layout);
    const [near, far, decided] = [first.summary, second.summary, this.decidedAddress];
    const lastLine = (rows - 1) * columns;
    decide(near, far, stride, right, down, decided, 0, lastLine);
    decide(near, far, stride, right, 0, decided, lastLine, rows * columns);
  }

  private evaluate(
    first: LogitRow,
    second: LogitRow,
    [weight0, weight1]: readonly [number, number],
    j: number,
    i: number,
    channels: Uint8Array,
  ): number {
    const count = this.prepareTaps(j, i);
    const plane = this.layout.rows * this.layout.columns;
    const both = this.taps[0].taps === 2;
    const { offsets, weights1, weights2 } = this;
    const near = first.halves;
    const far = second.halves;
    let best = Number.NEGATIVE_INFINITY;
    let label = 0;
    for (const channel of channels) {
      const start = channel * plane;
      let value = 0;
      for (let t = 0; t < count; t += 1) {
        const half = near[start + (offsets[t] ?? 0)] ?? 0;
        value += half * weight0 * (weights1[t] ?? 0) * (weights2[t] ?? 0);
      }
      for (let t = 0; both && t < count; t += 1) {
        const half = far[start + (offsets[t] ?? 0)] ?? 0;
        value += half * weight1 * (weights1[t] ?? 0) * (weights2[t] ?? 0);
      }
      if (value <= best) continue;
      const rounded = Math.f16round(value);
      if (rounded <= best) continue;
      best = rounded;
      label = channel;
    }
    return label;
  }

  /** Offsets and weights of the voxel's taps inside a row, in row-major order. */
  private prepareTaps(j: number, i: number): number {
    const [, axis1, axis2] = this.taps;
    let count = 0;
    for (let b = 0; b < axis1.taps; b += 1) {
      const y = (b === 0 ? axis1.first[j] : axis1.second[j]) ?? 0;
      const v = (b === 0 ? axis1.w0[j] : axis1.w1[j]) ?? 0;
      for (let c = 0; c < axis2.taps; c += 1) {
        this.offsets[count] =
          y * this.layout.columns + ((c === 0 ? axis2.first[i] : axis2.second[i]) ?? 0);
        this.weights1[count] = v;
        this.weights2[count] = (c === 0 ? axis2.w0[i] : axis2.w1[i]) ?? 0;
        count += 1;
      }
    }
    return count;
  }
}
