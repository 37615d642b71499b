import { describe, expect, it } from '@jest/globals';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { lpsView } from '../../../src/segmentation/preprocess/grid-view.ts';
import { filledMask } from '../../../src/segmentation/preprocess/holes.ts';
import { nonzeroBox } from '../../../src/segmentation/preprocess/nonzero.ts';
import { errorCode } from '../support/errors.ts';
import { noise } from '../support/nnunet-folder.ts';

const identity = (shape: Vec3): ReturnType<typeof lpsView> =>
  lpsView({ axes: [0, 1, 2], flipped: [false, false, false] }, shape);

/** Foreground everywhere but at the given [a, b, c]. */
function solid(shape: Vec3, holes: readonly Vec3[]): Float32Array {
  const values = new Float32Array(shape[0] * shape[1] * shape[2]).fill(1);
  for (const [a, b, c] of holes) values[(a * shape[1] + b) * shape[2] + c] = 0;
  return values;
}

const background = (mask: Uint8Array): number => mask.filter((value) => value === 0).length;

describe('the box around what is not zero', () => {
  it('is tight and half-open', () => {
    const values = new Float32Array(60);
    values[(1 * 4 + 2) * 5 + 3] = -1;
    values[(2 * 4 + 1) * 5 + 4] = 1e-30;
    expect(nonzeroBox(values, identity([3, 4, 5]))).toEqual([
      [1, 3],
      [1, 3],
      [3, 5],
    ]);
  });

  it('counts minus zero as zero and takes all of an empty array', () => {
    const values = new Float32Array(24).fill(-0);
    expect(nonzeroBox(values, identity([2, 3, 4]))).toEqual([
      [0, 2],
      [0, 3],
      [0, 4],
    ]);
  });

  it('follows the view’s axes', () => {
    const values = new Float32Array(24);
    values[(1 * 3 + 0) * 4 + 1] = 5;
    const view = lpsView({ axes: [2, 0, 1], flipped: [true, false, false] }, [2, 3, 4]);
    expect(nonzeroBox(values, view)).toEqual([
      [2, 3],
      [1, 2],
      [0, 1],
    ]);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %s', (value) => {
    const values = new Float32Array(8);
    values[3] = value;
    expect(errorCode(() => nonzeroBox(values, identity([2, 2, 2])))).toBe('VOLUME_NOT_FINITE');
  });
});

describe('filling holes', () => {
  const shape: Vec3 = [5, 5, 5];

  it('fills what no face leads out of', () => {
    expect(background(filledMask(solid(shape, [[2, 2, 2]]), shape))).toBe(0);
    expect(
      background(
        filledMask(
          solid(shape, [
            [1, 1, 1],
            [2, 2, 2],
          ]),
          shape,
        ),
      ),
    ).toBe(0);
  });

  it('does not let a diagonal be a way out', () => {
    const holes: Vec3[] = [
      [1, 1, 2],
      [0, 0, 2],
    ];
    expect(background(filledMask(solid(shape, holes), shape))).toBe(1);
  });

  it('leaves what reaches the border, however crooked the way', () => {
    const holes: Vec3[] = [
      [2, 2, 2],
      [2, 3, 2],
      [3, 3, 2],
      [3, 3, 3],
      [3, 3, 4],
    ];
    expect(background(filledMask(solid(shape, holes), shape))).toBe(holes.length);
  });

  it('agrees with growing the outside step by step on random masks', () => {
    const random = noise(11);
    for (let round = 0; round < 20; round += 1) {
      const size: Vec3 = [4 + (round % 3), 5, 6];
      const values = Float32Array.from({ length: size[0] * 30 }, () => (random() > 0.1 ? 1 : 0));
      expect(filledMask(values, size)).toEqual(fillSlowly(values, size));
    }
  });
});

function fillSlowly(values: Float32Array, [n0, n1, n2]: Vec3): Uint8Array {
  const outside = new Set<number>();
  for (let changed = true; changed;) {
    changed = false;
    for (let i = 0; i < values.length; i += 1) {
      if (values[i] !== 0 || outside.has(i)) continue;
      const [a, b, c] = [Math.floor(i / (n1 * n2)), Math.floor(i / n2) % n1, i % n2];
      const border = [a, b, c].some((v, axis) => v === 0 || v === ([n0, n1, n2][axis] ?? 0) - 1);
      const next = [i - 1, i + 1, i - n2, i + n2, i - n1 * n2, i + n1 * n2];
      if (!border && !next.some((neighbour) => outside.has(neighbour))) continue;
      outside.add(i);
      changed = true;
    }
  }
  return Uint8Array.from(values, (_, i) => (outside.has(i) ? 0 : 1));
}
