import { describe, expect, it } from '@jest/globals';
import type { Resampling, Vec3 } from '../../../src/segmentation/plans/plan.ts';
import {
  nearestSlices,
  roundHalfEven,
  separateAxis,
  targetShape,
} from '../../../src/segmentation/preprocess/target-shape.ts';

const AUTO: Resampling = { order: 3, forceSeparateZ: null, anisotropyThreshold: 3 };

describe('target shape', () => {
  it.each([
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [2.500001, 3],
    [2.499999, 2],
    [7, 7],
  ])('rounds %d to %d, halves to the even neighbour', (x, expected) => {
    expect(roundHalfEven(x)).toBe(expected);
  });

  it('rounds products that land on a half to even', () => {
    expect(targetShape([5, 7, 9], [1, 1, 1], [2, 2, 2])).toEqual([2, 4, 4]);
  });

  it('divides first, then multiplies, in doubles', () => {
    const spacing: Vec3 = [0.7, 0.7, 0.7];
    const shape = targetShape([45, 45, 45], spacing, [0.9, 0.9, 0.9]);
    expect(shape[0]).toBe(roundHalfEven((0.7 / 0.9) * 45));
  });

  it('can differ between 0.9 and its binary32 neighbour', () => {
    const exact = targetShape([5, 5, 5], [0.9, 0.9, 0.9], [1, 1, 1]);
    const single = Math.fround(0.9);
    const rounded = targetShape([5, 5, 5], [single, single, single], [1, 1, 1]);
    expect([exact[0], rounded[0]]).toEqual([4, 4]);
    expect(targetShape([15, 1, 1], [0.9, 1, 1], [1, 1, 1])[0]).toBe(14);
    expect(targetShape([15, 1, 1], [single, 1, 1], [1, 1, 1])[0]).toBe(13);
  });
});

describe('separate resampling', () => {
  it.each<[string, Vec3, Vec3, 0 | 1 | 2 | null]>([
    ['exactly threefold', [3, 1, 1], [1, 1, 1], null],
    ['just above threefold', [3.0001, 1, 1], [1, 1, 1], 0],
    ['the middle axis', [1, 5, 1], [1, 1, 1], 1],
    ['two coarse axes', [5, 5, 1], [1, 1, 1], null],
    ['only the target', [1, 1, 1], [1, 1, 4], 2],
    ['current before target', [1, 5, 1], [1, 1, 4], 1],
    ['neither', [1, 1.5, 2], [1, 1, 1], null],
  ])('decides for %s', (_, current, next, axis) => {
    expect(separateAxis(current, next, AUTO)).toBe(axis);
  });

  it('obeys the plan', () => {
    expect(separateAxis([1, 1, 1.1], [1, 1, 1], { ...AUTO, forceSeparateZ: true })).toBe(2);
    expect(separateAxis([1, 1, 1], [1, 1, 1], { ...AUTO, forceSeparateZ: true })).toBeNull();
    expect(separateAxis([9, 1, 1], [9, 1, 1], { ...AUTO, forceSeparateZ: false })).toBeNull();
    expect(separateAxis([5, 1, 1], [1, 1, 1], { ...AUTO, anisotropyThreshold: 6 })).toBeNull();
  });

  it('copies slices, halves upwards', () => {
    expect([...nearestSlices(6, 3)]).toEqual([1, 3, 5]);
    expect([...nearestSlices(3, 6)]).toEqual([0, 0, 1, 1, 2, 2]);
    expect([...nearestSlices(4, 4)]).toEqual([0, 1, 2, 3]);
    expect([...nearestSlices(1, 3)]).toEqual([0, 0, 0]);
  });
});
