import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { extractPatch, patchStarts, tile } from '../../../src/segmentation/inference/tiles.ts';

describe('patches', () => {
  it.each([
    [10, 10, [0]],
    [11, 10, [0, 1]],
    [28, 24, [0, 4]],
    [19, 12, [0, 4, 7]],
    [26, 16, [0, 5, 10]],
    [33, 13, [0, 5, 10, 15, 20]],
  ])('start for %i voxels and a patch of %i', (size, patch, expected) => {
    expect(patchStarts(size, patch)).toEqual(expected);
  });

  it('cover everything in steps of at most half a patch', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 2, max: 160 }),
        (extra, patch) => {
          const size = patch + extra - 1;
          const starts = patchStarts(size, patch);
          expect(starts[0]).toBe(0);
          expect(starts.at(-1)).toBe(size - patch);
          starts.forEach((start, i) => {
            expect(start - (starts[i - 1] ?? start)).toBeLessThanOrEqual(Math.ceil(patch / 2));
          });
          expect(starts).toHaveLength(Math.ceil((size - patch) / (patch / 2)) + 1);
        },
      ),
      { seed: 1, numRuns: 300 },
    );
  });

  it.each([
    [40, 20, 0.8, [0, 10, 20]],
    [52, 20, 0.8, [0, 16, 32]],
    [40, 20, 1, [0, 20]],
    [41, 20, 1, [0, 10, 21]],
    [30, 20, 0.25, [0, 5, 10]],
    [27, 9, 0.37, [0, 3, 6, 9, 12, 15, 18]],
  ])('start for %i voxels and a patch of %i in steps of %f', (size, patch, step, expected) => {
    expect(patchStarts(size, patch, step)).toEqual(expected);
  });

  it('of 2-D models lie on every slice once, whatever the step', () => {
    for (const step of [0.25, 0.5, 1]) {
      const { starts, padded } = tile([5, 4, 30], [1, 8, 20], step, 2);
      expect(starts[0]).toEqual([0, 1, 2, 3, 4]);
      expect(starts[1]).toEqual([0]);
      expect(padded).toEqual([5, 8, 30]);
    }
  });

  it('are padded with zeros, the smaller half in front', () => {
    const tiling = tile([2, 3, 9], [5, 4, 6]);
    expect(tiling).toMatchObject({ padded: [5, 4, 9], below: [1, 0, 0] });
    const values = Float32Array.from({ length: 54 }, (_, i) => i + 1);
    const patch = new Float32Array(120).fill(-1);
    extractPatch(values, tiling, [0, 0, 3], patch);
    const at = (a: number, b: number, c: number): number => patch[(a * 4 + b) * 6 + c] ?? -1;
    for (let a = 0; a < 5; a += 1) {
      for (let b = 0; b < 4; b += 1) {
        for (let c = 0; c < 6; c += 1) {
          const inside = a >= 1 && a < 3 && b < 3;
          expect(at(a, b, c)).toBe(inside ? ((a - 1) * 3 + b) * 9 + c + 3 + 1 : 0);
        }
      }
    }
  });
});
