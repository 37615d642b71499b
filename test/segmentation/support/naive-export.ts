import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';

/**
 * nnunet-inference §2.7 item 4, §2.8 and §4 voxel by voxel: every channel, every tap in row-major order, one rounding to
 * binary16. Knows nothing of the product's code.
 */
export class NaiveExport {
  private readonly logits: Float16Array;
  private readonly shape: Vec3;
  private readonly target: Vec3;
  private readonly heads: number;
  private readonly separate: number;

  /**
   * @param spacings the plan's, and the told one as it was passed on export; they decide which axis is copied along
   */
  constructor(
    logits: Float16Array,
    heads: number,
    shape: Vec3,
    target: Vec3,
    spacings: readonly [Vec3, Vec3],
  ) {
    this.logits = logits;
    this.heads = heads;
    this.shape = shape;
    this.target = target;
    this.separate = coarseAxis(spacings);
  }

  /** The halves of all channels at one voxel of the target. */
  halves(k: number, j: number, i: number): Float16Array {
    const { shape, logits } = this;
    const values = new Float16Array(this.heads);
    const [planes, lines, points] = [this.taps(0, k), this.taps(1, j), this.taps(2, i)];
    for (let channel = 0; channel < this.heads; channel += 1) {
      let sum = 0;
      for (const [z, u] of planes) {
        for (const [y, v] of lines) {
          const line = ((channel * shape[0] + z) * shape[1] + y) * shape[2];
          for (const [x, w] of points) sum += (logits[line + x] ?? Number.NaN) * u * v * w;
        }
      }
      values[channel] = sum;
    }
    return values;
  }

  /** First largest channel of every voxel, row-major. */
  labels(): Uint8Array {
    const [planes, lines, points] = this.target;
    const labels = new Uint8Array(planes * lines * points);
    let at = 0;
    for (let k = 0; k < planes; k += 1) {
      for (let j = 0; j < lines; j += 1) {
        for (let i = 0; i < points; i += 1, at += 1) {
          const halves = this.halves(k, j, i);
          halves.forEach((value, channel) => {
            if (value > (halves[labels[at] ?? 0] ?? 0)) labels[at] = channel;
          });
        }
      }
    }
    return labels;
  }

  private taps(axis: 0 | 1 | 2, k: number): readonly (readonly [number, number])[] {
    const n = this.shape[axis];
    const m = this.target[axis];
    if (this.shape.join() === this.target.join()) return [[k, 1]];
    const clamp = (index: number): number => Math.min(Math.max(index, 0), n - 1);
    const c = (k + 0.5) * (n / m) - 0.5;
    if (axis === this.separate) return [[clamp(Math.floor(c + 0.5)), 1]];
    const f = Math.floor(c);
    const w0 = 1 - (c - f);
    return [
      [clamp(f), w0],
      [clamp(f + 1), 1 - w0],
    ];
  }
}

/** The one coarsest axis of the first spacing that is anisotropic; -1 when there is none. */
function coarseAxis(spacings: readonly Vec3[]): number {
  const spacing = spacings.find((s) => Math.max(...s) / Math.min(...s) > 3);
  if (spacing === undefined) return -1;
  const largest = Math.max(...spacing);
  return spacing.filter((s) => s === largest).length === 1 ? spacing.indexOf(largest) : -1;
}
