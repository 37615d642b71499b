import { refuse } from '../../contracts/index.ts';
import type { Vec3 } from '../plans/plan.ts';
import type { Box, GridView } from './grid-view.ts';
import { permute } from './grid-view.ts';

/**
 * The box around all voxels that are not zero; the whole array when all are zero (nnunet-inference §2.2).
 * Filling holes can't enlarge it: a hole is enclosed by foreground on every axis.
 * @throws SitusError `VOLUME_NOT_FINITE` when a voxel is NaN or infinite.
 */
export function nonzeroBox(source: Float32Array, view: GridView): Box {
  const order = axesInMemoryOrder(view.stride);
  const [n0, n1, n2] = permute(view.shape, order);
  const [s0, s1, s2] = permute(view.stride, order);
  const box = new WideningBox();
  for (let a = 0; a < n0; a += 1) {
    for (let b = 0; b < n1; b += 1) {
      let at = view.base + a * s0 + b * s1;
      let first = -1;
      let last = -1;
      for (let c = 0; c < n2; c += 1, at += s2) {
        const value = source[at] ?? 0;
        if (value === 0) continue;
        if (!Number.isFinite(value)) throw notFinite();
        if (first < 0) first = c;
        last = c;
      }
      if (first >= 0) box.widen(a, b, first, last);
    }
  }
  const ranges = box.ranges(n0, n1, n2);
  const range = (axis: 0 | 1 | 2): readonly [number, number] =>
    ranges[order.indexOf(axis)] ?? ranges[0];
  return [range(0), range(1), range(2)];
}

/** Axes from the farthest apart to the nearest neighbours in memory, so that voxels are visited as they lie. */
function axesInMemoryOrder(stride: Vec3): Vec3 {
  const [a = 0, b = 1, c = 2] = [0, 1, 2].sort(
    (p, q) => Math.abs(stride[q] ?? 0) - Math.abs(stride[p] ?? 0),
  );
  return [a, b, c];
}

class WideningBox {
  private readonly low = [Infinity, Infinity, Infinity];
  private readonly high = [-1, -1, -1];

  widen(a: number, b: number, first: number, last: number): void {
    const { low, high } = this;
    if (a < (low[0] ?? 0)) low[0] = a;
    if (b < (low[1] ?? 0)) low[1] = b;
    if (first < (low[2] ?? 0)) low[2] = first;
    if (a > (high[0] ?? 0)) high[0] = a;
    if (b > (high[1] ?? 0)) high[1] = b;
    if (last > (high[2] ?? 0)) high[2] = last;
  }

  /** Half-open; the whole axes when nothing was seen. */
  ranges(n0: number, n1: number, n2: number): Box {
    const range = (axis: number, n: number): readonly [number, number] =>
      (this.high[axis] ?? -1) < 0 ? [0, n] : [this.low[axis] ?? 0, (this.high[axis] ?? 0) + 1];
    return [range(0, n0), range(1, n1), range(2, n2)];
  }
}

function notFinite(): Error {
  return refuse(
    'VOLUME_NOT_FINITE',
    'The volume holds a voxel that is not a number or infinite.',
    'Check the rescale slope and intercept of the series.',
  );
}
