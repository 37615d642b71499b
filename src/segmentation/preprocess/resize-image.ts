import type { Vec3 } from '../plans/plan.ts';
import { KernelMemory } from '../wasm/kernels.ts';
import { permute, voxelCount } from './grid-view.ts';
import { extremes } from './normalise.ts';
import { PlaneResizer } from './plane-resizer.ts';
import { AxisResizer } from './spline.ts';
import { nearestSlices } from './target-shape.ts';

/** Called now and then with the share of the work that is done; may throw to stop it. */
export type Tick = (done: number, total: number) => void;

/** Columns that are resized across the planes together. */
const BAND = 1024;

/**
 * Resizes a row-major array in 3-D (nnunet-inference §2.7): planes first, then across them, so that besides the result
 * only one binary64 array of [old planes, new rows, new columns] exists. Clipped to the input's own range.
 */
export function resizeVolume(
  values: Float32Array,
  shape: Vec3,
  target: Vec3,
  order: 1 | 3,
  tick: Tick,
): Float32Array<ArrayBuffer> {
  const range = extremes(values);
  const [n0, n1, n2] = shape;
  const [m0, m1, m2] = target;
  const isLast = n0 === m0;
  const result = new Float32Array(voxelCount(target));
  const planes = isLast ? result : new Float64Array(n0 * m1 * m2);
  const plane = new PlaneResizer([n1, n2], [m1, m2], order);
  const bands = isLast ? 0 : Math.ceil((m1 * m2) / BAND);
  for (let z = 0; z < n0; z += 1) {
    plane.run(values, z * n1 * n2, isLast ? range : undefined);
    for (let y = 0; y < m1; y += 1) planes.set(plane.line(y), (z * m1 + y) * m2);
    tick(z + 1, n0 + bands);
  }
  if (isLast) return result;
  const axis = new AxisResizer(
    new KernelMemory(AxisResizer.bytes(n0, m0, order, BAND)),
    n0,
    m0,
    order,
    BAND,
  );
  for (let band = 0; band < bands; band += 1) {
    const start = band * BAND;
    const width = Math.min(BAND, m1 * m2 - start);
    for (let z = 0; z < n0; z += 1) {
      const at = z * m1 * m2 + start;
      axis.sourceRow(z, width).set(planes.subarray(at, at + width));
    }
    axis.run(width, range);
    for (let z = 0; z < m0; z += 1) {
      result.set(axis.targetRow(z, width), z * m1 * m2 + start);
    }
    tick(n0 + band + 1, n0 + bands);
  }
  return result;
}

/**
 * Resizes plane by plane across `axis`, each clipped to its own range, and copies planes along it
 * (nnunet-inference §2.8). Planes that no output plane copies are not computed.
 */
export function resizeSeparately(
  values: Float32Array,
  shape: Vec3,
  target: Vec3,
  axis: 0 | 1 | 2,
  order: 1 | 3,
  tick: Tick,
): Float32Array<ArrayBuffer> {
  const axesOrder: Vec3 = axis === 0 ? [0, 1, 2] : axis === 1 ? [1, 0, 2] : [2, 0, 1];
  const [planes, rows, columns] = permute(shape, axesOrder);
  const [planesOut, rowsOut, columnsOut] = permute(target, axesOrder);
  const sourceStride = permute([shape[1] * shape[2], shape[2], 1], axesOrder);
  const targetStride = permute([target[1] * target[2], target[2], 1], axesOrder);
  const chosen = nearestSlices(planes, planesOut);
  const result = new Float32Array(voxelCount(target));
  const plane = new Float32Array(rows * columns);
  const resizer = new PlaneResizer([rows, columns], [rowsOut, columnsOut], order);
  let ready = -1;
  for (let k = 0; k < planesOut; k += 1) {
    const source = chosen[k] ?? 0;
    if (source !== ready) {
      for (let y = 0; y < rows; y += 1) {
        const line = source * sourceStride[0] + y * sourceStride[1];
        for (let x = 0; x < columns; x += 1) {
          plane[y * columns + x] = values[line + x * sourceStride[2]] ?? 0;
        }
      }
      resizer.run(plane, 0, extremes(plane));
      ready = source;
    }
    for (let y = 0; y < rowsOut; y += 1) {
      const line = k * targetStride[0] + y * targetStride[1];
      const resized = resizer.line(y);
      for (let x = 0; x < columnsOut; x += 1) {
        result[line + x * targetStride[2]] = resized[x] ?? 0;
      }
    }
    tick(k + 1, planesOut);
  }
  return result;
}
