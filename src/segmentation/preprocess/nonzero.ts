import { refuse } from '../../contracts/index.ts';
import type { Vec3 } from '../plans/plan.ts';
import type { Box, GridView } from './grid-view.ts';

/**
 * The box around all voxels that are not zero; the whole array when all are zero (nnunet-inference §2.2).
 * Filling holes can't enlarge it: a hole is enclosed by foreground on every axis.
 * @throws SitusError `VOLUME_NOT_FINITE` when a voxel is NaN or infinite.
 */
export function nonzeroBox(source: Float32Array, view: GridView): Box {
  const [n0, n1, n2] = view.shape;
  const [s0, s1, s2] = view.stride;
  const low = [n0, n1, n2];
  const high = [-1, -1, -1];
  for (let a = 0; a < n0; a += 1) {
    for (let b = 0; b < n1; b += 1) {
      const line = view.base + a * s0 + b * s1;
      let first = -1;
      let last = -1;
      for (let c = 0; c < n2; c += 1) {
        const value = source[line + c * s2] ?? 0;
        if (value === 0) continue;
        if (!Number.isFinite(value)) throw notFinite();
        if (first < 0) first = c;
        last = c;
      }
      if (first < 0) continue;
      widen(low, high, 0, a, a);
      widen(low, high, 1, b, b);
      widen(low, high, 2, first, last);
    }
  }
  const range = (axis: number): [number, number] =>
    (high[axis] ?? -1) < 0 ? [0, view.shape[axis] ?? 0] : [low[axis] ?? 0, (high[axis] ?? 0) + 1];
  return [range(0), range(1), range(2)];
}

function widen(low: number[], high: number[], axis: number, first: number, last: number): void {
  low[axis] = Math.min(low[axis] ?? first, first);
  high[axis] = Math.max(high[axis] ?? last, last);
}

/**
 * 1 where a voxel is not zero or lies in a hole: background from which no path of faces (6-connectivity) leads to
 * the border of the array (nnunet-inference §2.2).
 */
export function filledMask(values: Float32Array, shape: Vec3): Uint8Array {
  const [n0, n1, n2] = shape;
  const plane = n1 * n2;
  const FOREGROUND = 1;
  const OUTSIDE = 2;
  const state = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i += 1) if (values[i] !== 0) state[i] = FOREGROUND;

  let stack = new Int32Array(1024);
  let size = 0;
  const visit = (index: number): void => {
    if (state[index] !== 0) return;
    state[index] = OUTSIDE;
    if (size === stack.length) {
      const larger = new Int32Array(2 * size);
      larger.set(stack);
      stack = larger;
    }
    stack[size] = index;
    size += 1;
  };
  for (let a = 0; a < n0; a += 1) {
    for (let b = 0; b < n1; b += 1) {
      const line = a * plane + b * n2;
      const onFace = a === 0 || a === n0 - 1 || b === 0 || b === n1 - 1;
      for (let c = 0; c < n2; c += onFace ? 1 : Math.max(1, n2 - 1)) visit(line + c);
    }
  }
  while (size > 0) {
    size -= 1;
    const index = stack[size] ?? 0;
    const c = index % n2;
    const b = Math.floor(index / n2) % n1;
    const a = Math.floor(index / plane);
    if (c > 0) visit(index - 1);
    if (c < n2 - 1) visit(index + 1);
    if (b > 0) visit(index - n2);
    if (b < n1 - 1) visit(index + n2);
    if (a > 0) visit(index - plane);
    if (a < n0 - 1) visit(index + plane);
  }
  return state.map((value) => (value === OUTSIDE ? 0 : 1));
}

function notFinite(): Error {
  return refuse(
    'VOLUME_NOT_FINITE',
    'The volume holds a voxel that is not a number or infinite.',
    'Check the rescale slope and intercept of the series.',
  );
}
