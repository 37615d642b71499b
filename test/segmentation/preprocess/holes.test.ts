import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { filledMask } from '../../../src/segmentation/preprocess/holes.ts';

/** Spreads the outside through faces until nothing changes, voxel by voxel. */
function filledPlainly(values: Float32Array, shape: readonly [number, number, number]): Uint8Array {
  const [n0, n1, n2] = shape;
  const outside = new Uint8Array(values.length);
  const isOutside = (a: number, b: number, c: number): boolean =>
    a < 0 || b < 0 || c < 0 || a === n0 || b === n1 || c === n2
      ? true
      : outside[(a * n1 + b) * n2 + c] === 1;
  let changed = true;
  while (changed) {
    changed = false;
    for (let at = 0; at < values.length; at += 1) {
      const [a, b, c] = [Math.floor(at / (n1 * n2)), Math.floor(at / n2) % n1, at % n2];
      if (values[at] !== 0 || outside[at] === 1) continue;
      const reached =
        isOutside(a - 1, b, c) ||
        isOutside(a + 1, b, c) ||
        isOutside(a, b - 1, c) ||
        isOutside(a, b + 1, c) ||
        isOutside(a, b, c - 1) ||
        isOutside(a, b, c + 1);
      if (!reached) continue;
      outside[at] = 1;
      changed = true;
    }
  }
  return outside.map((value) => 1 - value);
}

describe('filling holes of random arrays', () => {
  it('equals spreading the outside voxel by voxel', () => {
    const axis = fc.integer({ min: 1, max: 9 });
    fc.assert(
      fc.property(
        fc.tuple(axis, axis, axis),
        fc.constantFrom(0.2, 0.45, 0.7, 0.9),
        fc.infiniteStream(fc.double({ min: 0, max: 1, noNaN: true })),
        (shape, share, stream) => {
          const values = new Float32Array(shape[0] * shape[1] * shape[2]);
          for (let i = 0; i < values.length; i += 1) {
            values[i] = stream.next().value < share ? 1 : i % 2 === 0 ? 0 : -0;
          }
          expect(filledMask(values, shape)).toEqual(filledPlainly(values, shape));
        },
      ),
      { seed: 4, numRuns: 300 },
    );
  });

  it('follows a way out that winds through all three axes', () => {
    const shape = [7, 7, 7] as const;
    const values = new Float32Array(343).fill(1);
    const open = (a: number, b: number, c: number): void => {
      values[(a * 7 + b) * 7 + c] = 0;
    };
    for (let c = 1; c < 6; c += 1) open(1, 1, c);
    for (let b = 1; b < 6; b += 1) open(1, b, 5);
    for (let a = 1; a < 6; a += 1) open(a, 5, 5);
    for (let c = 1; c < 6; c += 1) open(5, 5, c);
    const sealed = filledMask(values, [...shape]);
    expect(sealed.every((value) => value === 1)).toBe(true);
    open(6, 5, 1);
    expect(filledMask(values, [...shape])).toEqual(filledPlainly(values, [...shape]));
    expect(filledMask(values, [...shape]).filter((value) => value === 0)).toHaveLength(18);
  });

  it('keeps more runs than it first has room for apart', () => {
    const n = 20_001;
    const values = Float32Array.from({ length: 9 * n }, (_, i) =>
      Math.floor(i / n) === 4 ? i % 2 : 1,
    );
    const open = filledMask(values, [3, 3, n]).filter((value) => value === 0);
    expect(values.filter((value) => value === 0).length).toBeGreaterThan(10_000 - 1);
    expect(open).toHaveLength(values[4 * n] === 0 ? 2 : 0);
  });
});
