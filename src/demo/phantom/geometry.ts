import type { Point } from './curve.ts';
import type { Phantom } from './phantom.ts';
import { PI, cos, floor, round, sin } from './maths.ts';

export type Orientation = 'axial' | 'coronal' | 'sagittal';

/** The grid a scan is taken on. Arrays are [slices, rows, columns], column fastest. */
export interface ScanGrid {
  readonly shape: readonly [slices: number, rows: number, columns: number];
  /** Centre-to-centre distances in mm of [slices, rows, columns]. */
  readonly spacing: readonly [number, number, number];
  /** Thickness that a slice averages over, mm; with a gap less than the distance of the slices. */
  readonly thickness: number;
  /** Row-major 4×4: (column, row, slice, 1) to patient LPS mm. */
  readonly affine: readonly number[];
}

/** What a grid is planned from. */
export interface Plan {
  readonly orientation: Orientation;
  /** [rows, columns] */
  readonly matrix: readonly [number, number];
  readonly slices: number;
  /** Pixel size in mm, square. */
  readonly pixel: number;
  /** Centre-to-centre distance of slices, mm. */
  readonly sliceSpacing: number;
  readonly thickness: number;
  /** Patient LPS mm of the middle of the volume. */
  readonly centre: Point;
  /** Degrees the whole grid is turned about the patient's x, y, z; small in practice. */
  readonly tilt?: Point;
}

/** Column direction, row direction and slice normal (column × row), as scanners lay them out for a supine patient. */
const DIRECTIONS: Readonly<Record<Orientation, readonly [Point, Point, Point]>> = {
  axial: [
    [1, 0, 0],
    [0, 1, 0],
    [0, 0, 1],
  ],
  coronal: [
    [1, 0, 0],
    [0, 0, -1],
    [0, 1, 0],
  ],
  sagittal: [
    [0, 1, 0],
    [0, 0, -1],
    [-1, 0, 0],
  ],
};

/** Turned by degrees about x, then y, then z. */
function turned(p: Point, degrees: Point): Point {
  let [x, y, z] = p;
  const [a, b, c] = [degrees[0], degrees[1], degrees[2]].map((d) => (d * PI) / 180);
  const turn = (u: number, v: number, angle = 0): [number, number] => [
    u * cos(angle) - v * sin(angle),
    u * sin(angle) + v * cos(angle),
  ];
  [y, z] = turn(y, z, a);
  [z, x] = turn(z, x, b);
  [x, y] = turn(x, y, c);
  return [x, y, z];
}

/** Six decimals: what scanners write, so that the grid in memory is the grid in the headers. */
function rounded(value: number): number {
  return round(value * 1e6) / 1e6 + 0;
}

/** The grid of a plan. Slices ascend along the normal (column direction × row direction). */
export function planGrid(plan: Plan): ScanGrid {
  const [rows, columns] = plan.matrix;
  const tilt = plan.tilt ?? [0, 0, 0];
  const [u, v, n] = DIRECTIONS[plan.orientation].map(
    (d) => turned(d, tilt).map(rounded) as unknown as Point,
  ) as unknown as [Point, Point, Point];
  const affine: number[] = [];
  for (const i of [0, 1, 2] as const) {
    const origin =
      plan.centre[i] -
      u[i] * plan.pixel * ((columns - 1) / 2) -
      v[i] * plan.pixel * ((rows - 1) / 2) -
      n[i] * plan.sliceSpacing * ((plan.slices - 1) / 2);
    affine.push(u[i] * plan.pixel, v[i] * plan.pixel, n[i] * plan.sliceSpacing, rounded(origin));
  }
  affine.push(0, 0, 0, 1);
  return {
    shape: [plan.slices, rows, columns],
    spacing: [plan.sliceSpacing, plan.pixel, plan.pixel],
    thickness: plan.thickness,
    affine,
  };
}

/** Middle and size in mm of the body of a phantom along x, y, z. */
export function bodyBox(phantom: Phantom): { centre: Point; size: Point } {
  const [nz, ny, nx] = phantom.shape;
  let [x0, x1, y0, y1] = [nx, 0, ny, 0];
  for (let k = 0, i = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let h = 0; h < nx; h++, i++) {
        if (phantom.tissue[i] === 0) continue;
        if (h < x0) x0 = h;
        if (h > x1) x1 = h;
        if (j < y0) y0 = j;
        if (j > y1) y1 = j;
      }
  const { spacing: s, origin: o } = phantom;
  return {
    centre: [o[0] + (s * (x0 + x1)) / 2, o[1] + (s * (y0 + y1)) / 2, o[2] + (s * (nz - 1)) / 2],
    size: [s * (x1 - x0 + 1), s * (y1 - y0 + 1), s * nz],
  };
}

/** Height (patient z, mm) of the top and bottom of a label in a phantom. */
export function heightOf(phantom: Phantom, label: number): { bottom: number; top: number } {
  const plane = phantom.shape[1] * phantom.shape[2];
  const first = phantom.labels.indexOf(label);
  const last = phantom.labels.lastIndexOf(label);
  const z = (i: number): number => phantom.origin[2] + phantom.spacing * floor(i / plane);
  return { bottom: z(first), top: z(last) };
}
