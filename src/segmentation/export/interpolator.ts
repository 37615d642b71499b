import type { VolumeTaps } from './axis-taps.ts';
import type { LogitRow } from './logit-row.ts';

/** The number of every half; looking up is faster than converting. */
const HALVES = Float32Array.from(
  new Float16Array(Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern).buffer),
);

/**
 * Interpolates single output voxels as nnU-Net does: taps in row-major order, each ((logit · w0) · w1) · w2, added in
 * binary64, rounded to binary16 once (nnunet-inference §2.7 item 4, §4).
 */
export class Interpolator {
  private readonly taps: VolumeTaps;
  private readonly plane: number;
  private readonly columns: number;
  private near: Uint16Array = new Uint16Array();
  private far: Uint16Array = this.near;
  private u0 = 1;
  private u1 = 0;
  private v0 = 1;
  private v1 = 0;
  private line0 = 0;
  private line1 = 0;

  constructor(taps: VolumeTaps, rows: number, columns: number) {
    this.taps = taps;
    this.plane = rows * columns;
    this.columns = columns;
  }

  startSlice(first: LogitRow, second: LogitRow, k: number): void {
    const [axis] = this.taps;
    this.near = first.bits;
    this.far = second.bits;
    this.u0 = axis.w0[k] ?? 0;
    this.u1 = axis.w1[k] ?? 0;
  }

  startLine(j: number): void {
    const [, axis] = this.taps;
    this.line0 = (axis.first[j] ?? 0) * this.columns;
    this.line1 = (axis.second[j] ?? 0) * this.columns;
    this.v0 = axis.w0[j] ?? 0;
    this.v1 = axis.w1[j] ?? 0;
  }

  /** The first largest of channels[from … from + count), which rise, at voxel i of the line. */
  largest(i: number, channels: Uint8Array, from: number, count: number): number {
    const { near, far, u0, u1, v0, v1 } = this;
    const [axis0, axis1, axis2] = this.taps;
    const isTwo = [axis0.taps === 2, axis1.taps === 2, axis2.taps === 2] as const;
    const x0 = axis2.first[i] ?? 0;
    const x1 = axis2.second[i] ?? 0;
    const w0 = axis2.w0[i] ?? 0;
    const w1 = axis2.w1[i] ?? 0;
    let best = Number.NEGATIVE_INFINITY;
    let label = 0;
    for (let n = from; n < from + count; n += 1) {
      const channel = channels[n] ?? 0;
      const above = channel * this.plane + this.line0;
      const below = channel * this.plane + this.line1;
      let value = logit(near, above + x0) * u0 * v0 * w0;
      if (isTwo[2]) value += logit(near, above + x1) * u0 * v0 * w1;
      if (isTwo[1]) value += logit(near, below + x0) * u0 * v1 * w0;
      if (isTwo[1] && isTwo[2]) value += logit(near, below + x1) * u0 * v1 * w1;
      if (isTwo[0]) {
        value += logit(far, above + x0) * u1 * v0 * w0;
        if (isTwo[2]) value += logit(far, above + x1) * u1 * v0 * w1;
        if (isTwo[1]) value += logit(far, below + x0) * u1 * v1 * w0;
        if (isTwo[1] && isTwo[2]) value += logit(far, below + x1) * u1 * v1 * w1;
      }
      if (value <= best) continue;
      const rounded = Math.f16round(value);
      if (rounded <= best) continue;
      best = rounded;
      label = channel;
    }
    return label;
  }
}

function logit(bits: Uint16Array, at: number): number {
  return HALVES[bits[at] ?? 0] ?? 0;
}
