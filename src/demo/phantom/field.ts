import type { Point } from './curve.ts';
import type { Random } from './random.ts';
import { ceil } from './maths.ts';

/** A smooth random scalar field over a box: normal values on a coarse lattice, interpolated with cubic B-splines or linearly. */
export interface Field {
  at(x: number, y: number, z: number): number;
}

/**
 * Field of about unit deviation with features of `pitch` mm.
 * @param low, high  the box in mm; outside it the field continues with its edge
 */
export function smoothField(random: Random, low: Point, high: Point, pitch: number): Field {
  const n = [0, 1, 2].map((i) => ceil(((high[i] ?? 0) - (low[i] ?? 0)) / pitch) + 4);
  const [nx = 1, ny = 1, nz = 1] = n;
  const values = new Float32Array(nx * ny * nz);
  // B-spline smoothing shrinks the deviation by about 0.36 in three dimensions; 2.2 brings it back to about 1.
  for (let i = 0; i < values.length; i++) values[i] = random.normal(0, 2.2);
  const clamp = (v: number, top: number): number => (v < 0 ? 0 : v > top ? top : v);
  return {
    at(x, y, z) {
      const px = clamp((x - low[0]) / pitch + 1, nx - 3.001);
      const py = clamp((y - low[1]) / pitch + 1, ny - 3.001);
      const pz = clamp((z - low[2]) / pitch + 1, nz - 3.001);
      const ix = px | 0;
      const iy = py | 0;
      const iz = pz | 0;
      const fx = px - ix;
      const fy = py - iy;
      const fz = pz - iz;
      // Quadratic B-spline weights: three taps an axis, continuous slope.
      const wx0 = 0.5 * (1 - fx) * (1 - fx);
      const wx2 = 0.5 * fx * fx;
      const wx1 = 1 - wx0 - wx2;
      const wy0 = 0.5 * (1 - fy) * (1 - fy);
      const wy2 = 0.5 * fy * fy;
      const wy1 = 1 - wy0 - wy2;
      const wz0 = 0.5 * (1 - fz) * (1 - fz);
      const wz2 = 0.5 * fz * fz;
      const wz1 = 1 - wz0 - wz2;
      let sum = 0;
      for (let c = 0; c < 3; c++) {
        const wz = c === 0 ? wz0 : c === 1 ? wz1 : wz2;
        for (let b = 0; b < 3; b++) {
          const w = wz * (b === 0 ? wy0 : b === 1 ? wy1 : wy2);
          const o = ((iz + c) * ny + iy + b) * nx + ix;
          sum +=
            w * (wx0 * (values[o] ?? 0) + wx1 * (values[o + 1] ?? 0) + wx2 * (values[o + 2] ?? 0));
        }
      }
      return sum;
    },
  };
}

/**
 * The field sampled on a grid quickly: computed on every `stride`-th voxel and interpolated linearly between.
 * @returns Float32Array [z, y, x], x fastest
 */
export function sampled(
  field: Field,
  origin: Point,
  spacing: number,
  shape: readonly [number, number, number],
  stride: number,
): Float32Array {
  const [nz, ny, nx] = shape;
  const cx = ceil(nx / stride) + 2;
  const cy = ceil(ny / stride) + 2;
  const cz = ceil(nz / stride) + 2;
  const coarse = new Float32Array(cx * cy * cz);
  const step = spacing * stride;
  for (let k = 0, i = 0; k < cz; k++)
    for (let j = 0; j < cy; j++)
      for (let h = 0; h < cx; h++, i++)
        coarse[i] = field.at(origin[0] + h * step, origin[1] + j * step, origin[2] + k * step);
  const out = new Float32Array(nx * ny * nz);
  const row = new Float32Array(cx);
  for (let z = 0, i = 0; z < nz; z++) {
    const k = (z / stride) | 0;
    const fz = z / stride - k;
    for (let y = 0; y < ny; y++) {
      const j = (y / stride) | 0;
      const fy = y / stride - j;
      const o00 = (k * cy + j) * cx;
      const o10 = o00 + cy * cx;
      for (let h = 0; h < cx; h++) {
        const a = (coarse[o00 + h] ?? 0) * (1 - fy) + (coarse[o00 + cx + h] ?? 0) * fy;
        const b = (coarse[o10 + h] ?? 0) * (1 - fy) + (coarse[o10 + cx + h] ?? 0) * fy;
        row[h] = a * (1 - fz) + b * fz;
      }
      for (let x = 0; x < nx; x++, i++) {
        const h = (x / stride) | 0;
        const fx = x / stride - h;
        out[i] = (row[h] ?? 0) * (1 - fx) + (row[h + 1] ?? 0) * fx;
      }
    }
  }
  return out;
}
