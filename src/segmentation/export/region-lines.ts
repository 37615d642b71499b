import type { VolumeTaps } from './axis-taps.ts';
import type { SliceLabeller } from './slice-labeller.ts';

/** sigmoid(x) > 0.5 in binary32 holds for every half above this one (nnunet-inference §4). */
export const ABOVE_HALF = 2 ** -24;

/** One row of the network's grid: logits [channels, y, x]. */
export interface RegionRow {
  readonly halves: Float16Array<ArrayBuffer>;
}

/**
 * Labels of region models: channel by channel, in order, a region's label is written where its probability exceeds one
 * half, over what earlier regions wrote. Logits are interpolated with the taps in row-major order, the weight of axis 0
 * first, and rounded from binary64 to binary16 once (nnunet-inference §2.7 item 4, §4).
 */
export class RegionLines implements SliceLabeller<RegionRow> {
  private readonly plane: readonly [number, number];
  private readonly classOrder: readonly number[];
  private readonly taps: VolumeTaps;
  private readonly values: Float64Array;
  private first: RegionRow;
  private second: RegionRow;
  private slice = 0;

  constructor(classOrder: readonly number[], plane: readonly [number, number], taps: VolumeTaps) {
    this.plane = plane;
    this.classOrder = classOrder;
    this.taps = taps;
    this.values = new Float64Array(taps[2].first.length);
    this.first = this.newRow();
    this.second = this.first;
  }

  newRow(): RegionRow {
    return { halves: new Float16Array(this.classOrder.length * this.plane[0] * this.plane[1]) };
  }

  load(row: RegionRow, logits: Float16Array<ArrayBuffer>): void {
    row.halves.set(logits);
  }

  label(first: RegionRow, second: RegionRow, k: number, slice: Uint8Array): void {
    this.first = first;
    this.second = second;
    this.slice = k;
    const width = this.values.length;
    for (let j = 0; j < this.taps[1].first.length; j += 1) {
      this.labelLine(j, slice.subarray(j * width, (j + 1) * width));
    }
  }

  private labelLine(j: number, line: Uint8Array): void {
    line.fill(0);
    for (const [channel, label] of this.classOrder.entries()) {
      this.interpolate(channel, j);
      for (let i = 0; i < line.length; i += 1) {
        if (Math.f16round(this.values[i] ?? 0) > ABOVE_HALF) line[i] = label;
      }
    }
  }

  private interpolate(channel: number, j: number): void {
    const [axis0, axis1] = this.taps;
    const [rows, columns] = this.plane;
    const near = (channel * rows + (axis1.first[j] ?? 0)) * columns;
    const far = (channel * rows + (axis1.second[j] ?? 0)) * columns;
    const [u0, u1] = [axis0.w0[this.slice] ?? 0, axis0.w1[this.slice] ?? 0];
    const [v0, v1] = [axis1.w0[j] ?? 0, axis1.w1[j] ?? 0];
    this.values.fill(0);
    this.addLine(this.first.halves, near, u0, v0);
    if (axis1.taps === 2) this.addLine(this.first.halves, far, u0, v1);
    if (axis0.taps === 1) return;
    this.addLine(this.second.halves, near, u1, v0);
    if (axis1.taps === 2) this.addLine(this.second.halves, far, u1, v1);
  }

  private addLine(halves: Float16Array, start: number, u: number, v: number): void {
    const { values } = this;
    const { first, second, w0, w1, taps } = this.taps[2];
    for (let i = 0; i < values.length; i += 1) {
      const near = (halves[start + (first[i] ?? 0)] ?? 0) * u * v * (w0[i] ?? 0);
      values[i] = (values[i] ?? 0) + near;
      if (taps === 1) continue;
      const far = (halves[start + (second[i] ?? 0)] ?? 0) * u * v * (w1[i] ?? 0);
      values[i] = (values[i] ?? 0) + far;
    }
  }
}
