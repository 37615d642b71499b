import { describe, expect, it } from '@jest/globals';
import { cielab } from '../../src/results/colours.ts';

describe('cielab', () => {
  it.each<[[number, number, number], [number, number, number]]>([
    [
      [255, 0, 0],
      [34886, 53484, 50172],
    ],
    [
      [0, 0, 0],
      [0, 32896, 32896],
    ],
    [
      [221, 130, 101],
      [41661, 41167, 40792],
    ],
    [
      [255, 255, 255],
      [65535, 32896, 32896],
    ],
  ])('takes %j to %j within the digits of the matrix', (rgb, expected) => {
    const found = cielab(rgb);
    found.forEach((value, axis) => {
      expect(Math.abs(value - (expected[axis] ?? 0))).toBeLessThanOrEqual(8);
      expect(Number.isInteger(value)).toBe(true);
    });
  });
});
