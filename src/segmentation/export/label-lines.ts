import type { LabelRule } from '../plans/plan.ts';
import type { VolumeTaps } from './axis-taps.ts';

/** sigmoid(x) > 0.5 in binary32 holds for every half above this one (nnunet-inference §4). */
const ABOVE_HALF = 2 ** -24;

/** One row of the network's grid: logits [channels, y, x], halves widened to binary32. */
export interface LogitRow {
  readonly logits: Float32Array;
}

/**
 * Labels of one output line: logits are interpolated with the taps in row-major order, the weight of axis 0 first, and
 * rounded from binary64 to binary16 once (nnunet-inference §2.7 item 4, §4). The first largest channel wins.
 */
export class LineLabeller {
  private readonly heads: number;
  private readonly plane: readonly [number, number];
  private readonly rule: LabelRule;
  private readonly taps: VolumeTaps;
  /** Largest half so far for each voxel of the line. */
  private readonly best: Float64Array;
  private readonly values: Float64Array;

  constructor(heads: number, plane: readonly [number, number], rule: LabelRule, taps: VolumeTaps) {
    this.heads = heads;
    this.plane = plane;
    this.rule = rule;
    this.taps = taps;
    this.best = new Float64Array(taps[2].first.length);
    this.values = new Float64Array(taps[2].first.length);
  }

  newRow(): LogitRow {
    return { logits: new Float32Array(this.heads * this.plane[0] * this.plane[1]) };
  }

  load(row: LogitRow, logits: Float16Array): void {
    row.logits.set(logits);
  }

  /**
   * Writes the labels of output line (k, j).
   * @param first,second the rows that axis 0 taps for slice k
   */
  label(first: LogitRow, second: LogitRow, k: number, j: number, line: Uint8Array): void {
    line.fill(0);
    this.best.fill(Number.NEGATIVE_INFINITY);
    for (let channel = 0; channel < this.heads; channel += 1) {
      this.interpolate(first.logits, second.logits, channel, k, j);
      if (this.rule.kind === 'argmax') this.keepLargest(channel, line);
      else this.writeRegion(this.rule.classOrder[channel] ?? 0, line);
    }
  }

  private interpolate(
    first: Float32Array,
    second: Float32Array,
    channel: number,
    k: number,
    j: number,
  ): void {
    const [axis0, axis1] = this.taps;
    const { values } = this;
    const [rows, columns] = this.plane;
    const near = (channel * rows + (axis1.first[j] ?? 0)) * columns;
    const far = (channel * rows + (axis1.second[j] ?? 0)) * columns;
    const [u0, u1] = [axis0.w0[k] ?? 0, axis0.w1[k] ?? 0];
    const [v0, v1] = [axis1.w0[j] ?? 0, axis1.w1[j] ?? 0];
    values.fill(0);
    this.addLine(first, near, u0, v0);
    if (axis1.taps === 2) this.addLine(first, far, u0, v1);
    if (axis0.taps === 2) {
      this.addLine(second, near, u1, v0);
      if (axis1.taps === 2) this.addLine(second, far, u1, v1);
    }
  }

  private addLine(logits: Float32Array, start: number, u: number, v: number): void {
    const { values } = this;
    const { first, second, w0, w1, taps } = this.taps[2];
    if (taps === 1) {
      for (let i = 0; i < values.length; i += 1) {
        values[i] = (values[i] ?? 0) + (logits[start + (first[i] ?? 0)] ?? 0) * u * v;
      }
      return;
    }
    for (let i = 0; i < values.length; i += 1) {
      const near = (values[i] ?? 0) + (logits[start + (first[i] ?? 0)] ?? 0) * u * v * (w0[i] ?? 0);
      values[i] = near + (logits[start + (second[i] ?? 0)] ?? 0) * u * v * (w1[i] ?? 0);
    }
  }

  private keepLargest(channel: number, line: Uint8Array): void {
    const { values, best } = this;
    for (let i = 0; i < line.length; i += 1) {
      const value = values[i] ?? 0;
      if (value <= (best[i] ?? 0)) continue;
      const half = Math.f16round(value);
      if (half <= (best[i] ?? 0)) continue;
      best[i] = half;
      line[i] = channel;
    }
  }

  private writeRegion(label: number, line: Uint8Array): void {
    for (let i = 0; i < line.length; i += 1) {
      if (Math.f16round(this.values[i] ?? 0) > ABOVE_HALF) line[i] = label;
    }
  }
}
