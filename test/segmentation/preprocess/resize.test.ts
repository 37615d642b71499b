import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import {
  resizeSeparately,
  resizeVolume,
} from '../../../src/segmentation/preprocess/resize-image.ts';
import { noise } from '../support/nnunet-folder.ts';

const quiet = (): void => undefined;
const volume = ([a, b, c]: Vec3, seed = 1): Float32Array => {
  const random = noise(seed);
  return Float32Array.from({ length: a * b * c }, random);
};

/** B-spline interpolation of a line that its edge values extend endlessly, by solving for the coefficients. */
function splineLine(line: readonly number[], m: number): number[] {
  const pad = 60;
  const n = line.length;
  const at = (i: number): number => line[Math.min(Math.max(i - pad, 0), n - 1)] ?? 0;
  const size = n + 2 * pad;
  let coefficients = Array.from({ length: size }, (_, i) => at(i));
  for (let round = 0; round < 200; round += 1) {
    coefficients = coefficients.map((_, i) => {
      const before = coefficients[Math.max(i - 1, 0)] ?? 0;
      const after = coefficients[Math.min(i + 1, size - 1)] ?? 0;
      return (6 * at(i) - before - after) / 4;
    });
  }
  const b3 = (x: number): number => {
    const d = Math.abs(x);
    if (d < 1) return 2 / 3 - d * d + d ** 3 / 2;
    return d < 2 ? (2 - d) ** 3 / 6 : 0;
  };
  return Array.from({ length: m }, (_, k) => {
    const x = (k + 0.5) * (n / m) - 0.5 + pad;
    return coefficients.reduce((sum, value, i) => sum + value * b3(x - i), 0);
  });
}

describe('resizing images', () => {
  it.each([
    [9, 14],
    [14, 9],
    [1, 5],
    [7, 21],
  ])('interpolates a line of %i to %i samples by cubic B-splines', (n, m) => {
    const line = volume([n, 1, 1], n);
    const expected = splineLine([...line], m);
    const low = Math.min(...line);
    const high = Math.max(...line);
    const result = resizeVolume(line, [n, 1, 1], [m, 1, 1], 3, quiet);
    result.forEach((value, k) => {
      const clipped = Math.min(Math.max(expected[k] ?? Number.NaN, low), high);
      expect(Math.abs(value - clipped)).toBeLessThan(3.1e-8);
    });
  });

  it('keeps a constant constant, in every shape', () => {
    const size = fc.tuple(
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
      fc.integer({ min: 1, max: 9 }),
    );
    fc.assert(
      fc.property(size, size, fc.constantFrom(1 as const, 3 as const), (from, to, order) => {
        const values = new Float32Array(from[0] * from[1] * from[2]).fill(3.7);
        const resized = resizeVolume(values, from, to, order, quiet);
        return resized.every((value) => value === Math.fround(3.7));
      }),
      { seed: 20_261_124, numRuns: 60 },
    );
  });

  it('is the identity where the shape stays', () => {
    const values = volume([4, 5, 6]);
    expect(resizeVolume(values, [4, 5, 6], [4, 5, 6], 3, quiet)).toEqual(values);
  });

  it('does the same along every axis', () => {
    const line = volume([8, 1, 1], 3);
    const along0 = resizeVolume(line, [8, 1, 1], [13, 1, 1], 3, quiet);
    expect(resizeVolume(line, [1, 8, 1], [1, 13, 1], 3, quiet)).toEqual(along0);
    expect(resizeVolume(line, [1, 1, 8], [1, 1, 13], 3, quiet)).toEqual(along0);
  });

  it('never leaves the range of the input, though cubic splines overshoot at edges', () => {
    const step = Float32Array.from({ length: 10 }, (_, i) => (i < 5 ? 0 : 1));
    const resized = resizeVolume(step, [10, 1, 1], [33, 1, 1], 3, quiet);
    expect(Math.min(...resized)).toBe(0);
    expect(Math.max(...resized)).toBe(1);
    expect(splineLine([...step], 33).some((value) => value > 1.01)).toBe(true);
  });

  it('interpolates linearly with order 1, edges clamped', () => {
    const line = Float32Array.of(0, 4);
    expect([...resizeVolume(line, [2, 1, 1], [4, 1, 1], 1, quiet)]).toEqual([0, 1, 3, 4]);
  });

  it.each([0, 1, 2] as const)(
    'copies planes along axis %i and clips each to its own range',
    (axis) => {
      const shape: Vec3 = [5, 5, 5].map((n, a) => (a === axis ? 4 : n)) as unknown as Vec3;
      const target: Vec3 = [8, 8, 8].map((n, a) => (a === axis ? 2 : n)) as unknown as Vec3;
      const values = new Float32Array(100);
      const index = (p: Vec3, [, b, c]: Vec3): number => (p[0] * b + p[1]) * c + p[2];
      const place = (along: number, u: number, v: number): Vec3 =>
        axis === 0 ? [along, u, v] : axis === 1 ? [u, along, v] : [u, v, along];
      const random = noise(4);
      for (let along = 0; along < 4; along += 1) {
        for (let u = 0; u < 5; u += 1) {
          for (let v = 0; v < 5; v += 1)
            values[index(place(along, u, v), shape)] = along * 100 + random();
        }
      }
      const resized = resizeSeparately(values, shape, target, axis, 3, quiet);
      for (let k = 0; k < 2; k += 1) {
        const plane = Float32Array.from(
          { length: 25 },
          (_, i) => values[index(place(2 * k + 1, Math.floor(i / 5), i % 5), shape)] ?? 0,
        );
        const expected = resizeVolume(plane, [1, 5, 5], [1, 8, 8], 3, quiet);
        const got = Float32Array.from(
          { length: 64 },
          (_, i) => resized[index(place(k, Math.floor(i / 8), i % 8), target)] ?? 0,
        );
        expect(got).toEqual(expected);
      }
    },
  );

  it('can be stopped between planes', () => {
    const stop = (): void => {
      throw new Error('stopped');
    };
    expect(() => resizeVolume(volume([4, 4, 4]), [4, 4, 4], [8, 8, 8], 3, stop)).toThrow('stopped');
  });
});
