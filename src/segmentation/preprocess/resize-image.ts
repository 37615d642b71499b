import type { Vec3 } from '../plans/plan.ts';
import { permute, voxelCount } from './grid-view.ts';
import { extremes } from './normalise.ts';
import { resizeAxis } from './spline.ts';
import { nearestSlices } from './target-shape.ts';

/** Called now and then with the share of the work that is done; may throw to stop it. */
export type Tick = (done: number, total: number) => void;

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
  const { lowest, highest } = extremes(values);
  const [n0, n1, n2] = shape;
  const [m0, m1, m2] = target;
  const planes = new Float64Array(n0 * m1 * m2);
  for (let z = 0; z < n0; z += 1) {
    resizePlane(values, z * n1 * n2, [n1, n2], planes, z * m1 * m2, [m1, m2], order);
    tick(z + 1, n0 + 1);
  }
  const result = new Float32Array(m0 * m1 * m2);
  if (n0 === m0) {
    for (let i = 0; i < result.length; i += 1) {
      result[i] = Math.min(Math.max(planes[i] ?? 0, lowest), highest);
    }
    return result;
  }
  resizeAxis({
    source: planes,
    sourceOffset: 0,
    outer: 1,
    inner: m1 * m2,
    n: n0,
    m: m0,
    order,
    target: result,
    targetOffset: 0,
    lowest,
    highest,
  });
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
  const resized = new Float64Array(rowsOut * columnsOut);
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
      const range = extremes(plane);
      resizePlane(plane, 0, [rows, columns], resized, 0, [rowsOut, columnsOut], order);
      for (let i = 0; i < resized.length; i += 1) {
        resized[i] = Math.min(Math.max(resized[i] ?? 0, range.lowest), range.highest);
      }
      ready = source;
    }
    for (let y = 0; y < rowsOut; y += 1) {
      const line = k * targetStride[0] + y * targetStride[1];
      for (let x = 0; x < columnsOut; x += 1) {
        result[line + x * targetStride[2]] = resized[y * columnsOut + x] ?? 0;
      }
    }
    tick(k + 1, planesOut);
  }
  return result;
}

/** Columns first, then rows; an axis that keeps its length is left alone. */
function resizePlane(
  source: Float32Array,
  sourceOffset: number,
  shape: readonly [number, number],
  target: Float64Array,
  targetOffset: number,
  targetShape: readonly [number, number],
  order: 1 | 3,
): void {
  const [rows, columns] = shape;
  const [rowsOut, columnsOut] = targetShape;
  const unclipped = { lowest: Number.NEGATIVE_INFINITY, highest: Number.POSITIVE_INFINITY };
  let lines: Float32Array | Float64Array = source;
  let linesOffset = sourceOffset;
  if (columns !== columnsOut) {
    lines = new Float64Array(rows * columnsOut);
    linesOffset = 0;
    resizeAxis({
      source,
      sourceOffset,
      outer: rows,
      inner: 1,
      n: columns,
      m: columnsOut,
      order,
      target: lines,
      targetOffset: 0,
      ...unclipped,
    });
  }
  if (rows === rowsOut) {
    target.set(lines.subarray(linesOffset, linesOffset + rows * columnsOut), targetOffset);
    return;
  }
  resizeAxis({
    source: lines,
    sourceOffset: linesOffset,
    outer: 1,
    inner: columnsOut,
    n: rows,
    m: rowsOut,
    order,
    target,
    targetOffset,
    ...unclipped,
  });
}
