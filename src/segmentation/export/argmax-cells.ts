import type { VolumeTaps } from './axis-taps.ts';
import type { SliceLabeller } from './slice-labeller.ts';

/** A row of the network's grid with what decides most of the voxels between its samples. */
export interface CellRow {
  /** [channels, y, x] */
  readonly halves: Float16Array<ArrayBuffer>;
  /** [y, x]: the first largest channel, how far the best lower channel is behind, and the size of the largest. */
  readonly winner: Uint8Array;
  readonly gap: Float32Array;
  readonly size: Float32Array;
  /** [y, x] over the cell of samples (y, x) … (y + 1, x + 1): common winner or MIXED, least gap, largest size. */
  readonly cellWinner: Int16Array;
  readonly cellGap: Float32Array;
  readonly cellSize: Float32Array;
}

const MIXED = -1;
/** Two halves this close, relative to their size, may round to the same half after interpolation. */
const RELATIVE_GAP = 2 ** -10;
const ABSOLUTE_GAP = 2 ** -24;

/**
 * Labels by the largest channel, exactly as interpolating every channel would give them, at a fraction of the work
 * (nnunet-inference §7.2 item 4): where all taps of a voxel agree on the winner, and it leads every lower channel by more
 * than rounding to binary16 can level, it wins between them too. Other voxels are interpolated channel by channel, taps in
 * row-major order, the weight of axis 0 first, rounded from binary64 to binary16 once (§2.7 item 4, §4).
 */
export class ArgmaxCells implements SliceLabeller<CellRow> {
  private readonly heads: number;
  private readonly rows: number;
  private readonly columns: number;
  private readonly taps: VolumeTaps;
  /** Nothing is interpolated: the winners are the labels. */
  private readonly copies: boolean;
  /** [y, x]: label of a cell of the slice in work, or MIXED. */
  private readonly decided: Int16Array;
  private readonly offsets = new Int32Array(4);
  private readonly weights1 = new Float64Array(4);
  private readonly weights2 = new Float64Array(4);
  private first: CellRow;
  private second: CellRow;
  private weight0 = 1;
  private weight1 = 0;

  constructor(heads: number, plane: readonly [number, number], taps: VolumeTaps) {
    this.heads = heads;
    [this.rows, this.columns] = plane;
    this.taps = taps;
    this.copies = taps.every((axis) => axis.taps === 1);
    this.decided = new Int16Array(this.rows * this.columns);
    this.first = this.newRow();
    this.second = this.first;
  }

  newRow(): CellRow {
    const plane = this.rows * this.columns;
    return {
      halves: new Float16Array(this.heads * plane),
      winner: new Uint8Array(plane),
      gap: new Float32Array(plane),
      size: new Float32Array(plane),
      cellWinner: new Int16Array(plane),
      cellGap: new Float32Array(plane),
      cellSize: new Float32Array(plane),
    };
  }

  load(row: CellRow, logits: Float16Array<ArrayBuffer>): void {
    row.halves.set(logits);
    this.findWinners(row);
    if (!this.copies) this.findCells(row);
  }

  /**
   * `gap` holds the best lower channel until the last channel has been seen. Four channels are compared at a time, which
   * saves three quarters of the traffic with `size` and a third of the time.
   */
  private findWinners(row: CellRow): void {
    const { winner, gap, size } = row;
    winner.fill(0);
    gap.fill(Number.NEGATIVE_INFINITY);
    size.fill(Number.NEGATIVE_INFINITY);
    let channel = 0;
    for (; channel + 4 <= this.heads; channel += 4) compareFour(row, channel);
    for (; channel < this.heads; channel += 1) compareOne(row, channel);
    for (let i = 0; i < winner.length; i += 1) {
      gap[i] = (size[i] ?? 0) - (gap[i] ?? 0);
      size[i] = Math.abs(size[i] ?? 0);
    }
  }

  private findCells(row: CellRow): void {
    const { winner, gap, size, cellWinner, cellGap, cellSize } = row;
    const { rows, columns } = this;
    for (let y = 0; y < rows; y += 1) {
      const down = y < rows - 1 ? columns : 0;
      for (let x = 0; x < columns; x += 1) {
        const a = y * columns + x;
        const right = x < columns - 1 ? 1 : 0;
        const [b, c, d] = [a + right, a + down, a + down + right];
        const common = winner[a] ?? 0;
        const agree = common === winner[b] && common === winner[c] && common === winner[d];
        cellWinner[a] = agree ? common : MIXED;
        cellGap[a] = Math.min(gap[a] ?? 0, gap[b] ?? 0, gap[c] ?? 0, gap[d] ?? 0);
        cellSize[a] = Math.max(size[a] ?? 0, size[b] ?? 0, size[c] ?? 0, size[d] ?? 0);
      }
    }
  }

  startSlice(first: CellRow, second: CellRow, k: number): void {
    const [axis] = this.taps;
    this.first = first;
    this.second = second;
    this.weight0 = axis.w0[k] ?? 0;
    this.weight1 = axis.w1[k] ?? 0;
    const { decided } = this;
    if (this.copies) {
      decided.set(first.winner);
      return;
    }
    for (let i = 0; i < decided.length; i += 1) {
      const winner = first.cellWinner[i] ?? MIXED;
      const gap = Math.min(first.cellGap[i] ?? 0, second.cellGap[i] ?? 0);
      const size = Math.max(first.cellSize[i] ?? 0, second.cellSize[i] ?? 0);
      const leads = winner === 0 || gap > RELATIVE_GAP * size + ABSOLUTE_GAP;
      decided[i] = winner === second.cellWinner[i] && leads ? winner : MIXED;
    }
  }

  label(j: number, line: Uint8Array): void {
    const [, axis1, axis2] = this.taps;
    const start = (axis1.first[j] ?? 0) * this.columns;
    const { first } = axis2;
    for (let i = 0; i < line.length; i += 1) {
      const label = this.decided[start + (first[i] ?? 0)] ?? MIXED;
      line[i] = label === MIXED ? this.evaluate(j, i) : label;
    }
  }

  private evaluate(j: number, i: number): number {
    const count = this.prepareTaps(j, i);
    const plane = this.rows * this.columns;
    const both = this.taps[0].taps === 2;
    const { offsets, weights1, weights2, weight0, weight1 } = this;
    const near = this.first.halves;
    const far = this.second.halves;
    let best = Number.NEGATIVE_INFINITY;
    let label = 0;
    for (let channel = 0; channel < this.heads; channel += 1) {
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
          y * this.columns + ((c === 0 ? axis2.first[i] : axis2.second[i]) ?? 0);
        this.weights1[count] = v;
        this.weights2[count] = (c === 0 ? axis2.w0[i] : axis2.w1[i]) ?? 0;
        count += 1;
      }
    }
    return count;
  }
}

function compareOne({ halves, winner, gap, size }: CellRow, channel: number): void {
  const plane = winner.length;
  const start = channel * plane;
  for (let i = 0; i < plane; i += 1) {
    const value = halves[start + i] ?? 0;
    const best = size[i] ?? 0;
    if (value <= best) continue;
    gap[i] = best;
    size[i] = value;
    winner[i] = channel;
  }
}

function compareFour({ halves, winner, gap, size }: CellRow, channel: number): void {
  const plane = winner.length;
  const start = channel * plane;
  for (let i = 0; i < plane; i += 1) {
    let best = size[i] ?? 0;
    let below = 0;
    let label = -1;
    const at = start + i;
    const a = halves[at] ?? 0;
    const b = halves[at + plane] ?? 0;
    const c = halves[at + 2 * plane] ?? 0;
    const d = halves[at + 3 * plane] ?? 0;
    if (a > best) {
      below = best;
      best = a;
      label = channel;
    }
    if (b > best) {
      below = best;
      best = b;
      label = channel + 1;
    }
    if (c > best) {
      below = best;
      best = c;
      label = channel + 2;
    }
    if (d > best) {
      below = best;
      best = d;
      label = channel + 3;
    }
    if (label < 0) continue;
    gap[i] = below;
    size[i] = best;
    winner[i] = label;
  }
}
