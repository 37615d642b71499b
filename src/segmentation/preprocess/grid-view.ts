import type { Affine, Shape } from '../../contracts/index.ts';
import { refuse } from '../../contracts/index.ts';
import type { Vec3 } from '../plans/plan.ts';

/**
 * A box of an array seen along permuted and flipped axes: element (a, b, c) lies at
 * `base + a·stride[0] + b·stride[1] + c·stride[2]`. No voxel is moved to turn or crop.
 */
export interface GridView {
  readonly shape: Vec3;
  readonly stride: Vec3;
  readonly base: number;
}

/** Half-open [start, end) per axis. */
export type Box = readonly [
  readonly [number, number],
  readonly [number, number],
  readonly [number, number],
];

export interface LpsOrientation {
  /** Source array axis ([slice, row, column] = 0, 1, 2) of each axis of the turned array [S, P, L]. */
  readonly axes: Vec3;
  readonly flipped: readonly [boolean, boolean, boolean];
}

/** Cosines this close are a tie: dividing the affine by spacings leaves such differences. */
const TIE = 1e-12;

/**
 * Which source axis runs along S, P and L, and whether against it: ITK's rule (nnunet-inference §1.1), largest
 * direction cosine first, on a tie the later physical and then the later image axis. Oblique angles stay.
 * @param affine takes (column, row, slice) to LPS millimetres
 * @throws SitusError `VOLUME_GEOMETRY_INVALID` when an axis has no direction.
 */
export function lpsOrientation(affine: Affine): LpsOrientation {
  const lengths = [0, 1, 2].map((c) =>
    Math.hypot(affine[c] ?? 0, affine[4 + c] ?? 0, affine[8 + c] ?? 0),
  );
  if (!lengths.every((length) => length > 0 && Number.isFinite(length))) {
    throw refuse(
      'VOLUME_GEOMETRY_INVALID',
      'The affine of the volume gives one of its axes no direction.',
      'Check orientation, pixel spacing and slice positions of the series.',
    );
  }
  const direction = (p: number, c: number): number => (affine[4 * p + c] ?? 0) / (lengths[c] ?? 1);
  const imageAxis = [-1, -1, -1];
  const taken = new Set<number>();
  for (let round = 0; round < 3; round += 1) {
    let best = { size: -1, p: 0, c: 0 };
    for (let p = 0; p < 3; p += 1) {
      for (let c = 0; c < 3; c += 1) {
        const size = Math.abs(direction(p, c));
        if (imageAxis[p] !== -1 || taken.has(c) || size < best.size - TIE) continue;
        best = { size, p, c };
      }
    }
    imageAxis[best.p] = best.c;
    taken.add(best.c);
  }
  const [l = 0, p = 1, s = 2] = imageAxis;
  return {
    axes: [2 - s, 2 - p, 2 - l],
    flipped: [direction(2, s) < 0, direction(1, p) < 0, direction(0, l) < 0],
  };
}

/** The source array as nnU-Net's reader would hold it: [S, P, L], every axis increasing in LPS. */
export function lpsView(orientation: LpsOrientation, shape: Shape): GridView {
  const strides = [shape[1] * shape[2], shape[2], 1];
  const turned = orientation.axes.map((axis) => shape[axis] ?? 1);
  const steps = orientation.axes.map((axis) => strides[axis] ?? 1);
  let base = 0;
  const stride = steps.map((step, a) => {
    if (orientation.flipped[a] !== true) return step;
    base += step * ((turned[a] ?? 1) - 1);
    return -step;
  });
  return { shape: triple(turned), stride: triple(stride), base };
}

/** The source array as the reader holds it that the model was trained with; RAS is LPS turned half about the z axis. */
export function readerView(affine: Affine, shape: Shape, orientation: 'LPS' | 'RAS'): GridView {
  const view = lpsView(lpsOrientation(affine), shape);
  if (orientation === 'LPS') return view;
  const [, rows, columns] = view.shape;
  const [s0, s1, s2] = view.stride;
  const base = view.base + (rows - 1) * s1 + (columns - 1) * s2;
  return { shape: view.shape, stride: [s0, -s1, -s2], base };
}

/** Axis a of the result is axis `order[a]` of the view, as numpy's transpose. */
export function transposeView(view: GridView, order: Vec3): GridView {
  return {
    shape: permute(view.shape, order),
    stride: permute(view.stride, order),
    base: view.base,
  };
}

export function cropView(view: GridView, box: Box): GridView {
  return {
    shape: [box[0][1] - box[0][0], box[1][1] - box[1][0], box[2][1] - box[2][0]],
    stride: view.stride,
    base:
      view.base +
      box[0][0] * view.stride[0] +
      box[1][0] * view.stride[1] +
      box[2][0] * view.stride[2],
  };
}

export function permute<T>(values: readonly [T, T, T], order: Vec3): [T, T, T] {
  const pick = (axis: number): T => (axis === 0 ? values[0] : axis === 1 ? values[1] : values[2]);
  return [pick(order[0]), pick(order[1]), pick(order[2])];
}

export function voxelCount(shape: Vec3): number {
  return shape[0] * shape[1] * shape[2];
}

/** Voxels of a side of the squares in which turned arrays are copied, so that neighbours in memory are used together. */
const SQUARE = 32;

/** Copies the view into a dense row-major array. */
export function gatherView(source: Float32Array, view: GridView): Float32Array<ArrayBuffer> {
  const [n0, n1, n2] = view.shape;
  const dense = new Float32Array(n0 * n1 * n2);
  const [s0, s1, s2] = view.stride.map(Math.abs) as [number, number, number];
  if (s2 <= s0 && s2 <= s1) {
    copyBox(source, view, dense, [0, n0], [0, n1], [0, n2]);
    return dense;
  }
  for (let c = 0; c < n2; c += SQUARE) {
    const columns = [c, Math.min(c + SQUARE, n2)] as const;
    if (s1 <= s0) {
      for (let a = 0; a < n0; a += 1) {
        for (let b = 0; b < n1; b += SQUARE) {
          copyBox(source, view, dense, [a, a + 1], [b, Math.min(b + SQUARE, n1)], columns);
        }
      }
    } else {
      for (let b = 0; b < n1; b += 1) {
        for (let a = 0; a < n0; a += SQUARE) {
          copyBox(source, view, dense, [a, Math.min(a + SQUARE, n0)], [b, b + 1], columns);
        }
      }
    }
  }
  return dense;
}

type Range = readonly [number, number];

function copyBox(
  source: Float32Array,
  { shape, stride, base }: GridView,
  dense: Float32Array,
  [a0, a1]: Range,
  [b0, b1]: Range,
  [c0, c1]: Range,
): void {
  for (let a = a0; a < a1; a += 1) {
    for (let b = b0; b < b1; b += 1) {
      const line = (a * shape[1] + b) * shape[2];
      let at = base + a * stride[0] + b * stride[1] + c0 * stride[2];
      if (stride[2] === 1) {
        dense.set(source.subarray(at, at + c1 - c0), line + c0);
        continue;
      }
      for (let c = c0; c < c1; c += 1, at += stride[2]) dense[line + c] = source[at] ?? 0;
    }
  }
}

function triple(values: readonly number[]): Vec3 {
  const [a = 0, b = 0, c = 0] = values;
  return [a, b, c];
}
