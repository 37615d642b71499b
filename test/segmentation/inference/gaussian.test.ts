import { describe, expect, it } from '@jest/globals';
import { gaussianMap } from '../../../src/segmentation/inference/gaussian.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';

const SHAPES: Vec3[] = [
  [16, 16, 16],
  [27, 33, 35],
  [12, 32, 32],
  [40, 24, 32],
];

describe.each(SHAPES)('Gaussian weights of %i×%i×%i', (...shape) => {
  const map = gaussianMap(shape);
  const [n0, n1, n2] = shape;
  const at = (a: number, b: number, c: number): number => map[(a * n1 + b) * n2 + c] ?? Number.NaN;

  it('are halves, 10 at the centre, nowhere zero', () => {
    expect(map.every((weight) => weight === Math.f16round(weight))).toBe(true);
    expect(at(Math.floor(n0 / 2), Math.floor(n1 / 2), Math.floor(n2 / 2))).toBe(10);
    expect(Math.max(...map)).toBe(10);
    expect(Math.min(...map)).toBe(2 ** -24);
  });

  it('fall off as a Gaussian of σ = size / 8, to half precision', () => {
    for (const [a, b, c] of [
      [2, 0, 1],
      [0, 3, 0],
      [1, 2, 2],
    ] as const) {
      const distance = (a / (n0 / 8)) ** 2 + (b / (n1 / 8)) ** 2 + (c / (n2 / 8)) ** 2;
      const weight = at(Math.floor(n0 / 2) + a, Math.floor(n1 / 2) - b, Math.floor(n2 / 2) + c);
      expect(weight / (10 * Math.exp(-distance / 2))).toBeCloseTo(1, 3);
    }
  });

  it('are symmetric about the centre voxel', () => {
    const [z, y, x] = [Math.floor(n0 / 2), Math.floor(n1 / 2), Math.floor(n2 / 2)];
    for (let d = 1; d < Math.min(z, y, x, n0 - z, n1 - y, n2 - x); d += 1) {
      expect(at(z + d, y - d, x + d)).toBe(at(z - d, y + d, x - d));
    }
  });
});
