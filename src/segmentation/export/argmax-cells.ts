import { KernelMemory, spaceFor } from '../wasm/kernels.ts';
import { MIXED } from '../wasm/label-kernels.ts';
import type { VolumeTaps } from './axis-taps.ts';
import { Candidates } from './candidates.ts';
import { Interpolator } from './interpolator.ts';
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
  private readonly interpolator: Interpolator;
  private candidates: Candidates | null = null;

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
    this.interpolator = new Interpolator(taps, rows, columns);
    this.decided = this.memory.bytes(this.decidedAddress, rows * columns);
  }

  newRow(): LogitRow {
    return new LogitRow(this.layout, this.memory);
  }

  load(row: LogitRow, logits: Float16Array<ArrayBuffer>): void {
    row.load(logits);
  }

  label(first: LogitRow, second: LogitRow, k: number, slice: Uint8Array): void {
    const [, axis1, axis2] = this.taps;
    this.decide(first, second);
    this.candidates ??= new Candidates(this.layout, first, second);
    this.candidates.restart(first, second);
    this.interpolator.startSlice(first, second, k);
    const { decided, candidates, interpolator } = this;
    const { channels } = candidates;
    const width = axis2.first.length;
    for (let j = 0; j < axis1.first.length; j += 1) {
      const y = axis1.first[j] ?? 0;
      const cells = y * this.layout.columns;
      interpolator.startLine(j);
      for (let i = 0; i < width; i += 1) {
        const x = axis2.first[i] ?? 0;
        let label = decided[cells + x] ?? MIXED;
        if (label === MIXED) {
          const tile = candidates.tileAt(y, x);
          label = interpolator.largest(i, channels, candidates.start(tile), candidates.count(tile));
        }
        slice[j * width + i] = label;
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
}
