import fc from 'fast-check';
import { describe, expect, it } from '@jest/globals';
import { compareLabels } from '../../src/evaluation/index.ts';
import { affineOf } from './reference-masks.ts';

/** Surface lattice points of a mask by its definition: some but not all of eight voxels are inside. */
function surfacePoints(mask: Uint8Array, shape: readonly [number, number, number]): number[][] {
  const [slices, rows, columns] = shape;
  const inside = (z: number, y: number, x: number): number =>
    z < 0 || y < 0 || x < 0 || z >= slices || y >= rows || x >= columns
      ? 0
      : (mask[(z * rows + y) * columns + x] ?? 0);
  const points: number[][] = [];
  for (let z = 0; z <= slices; z += 1)
    for (let y = 0; y <= rows; y += 1)
      for (let x = 0; x <= columns; x += 1) {
        let sum = 0;
        for (let corner = 0; corner < 8; corner += 1) {
          sum += inside(z - (corner & 1), y - ((corner >> 1) & 1), x - (corner >> 2));
        }
        if (sum > 0 && sum < 8) points.push([z, y, x]);
      }
  return points;
}

function hausdorff(a: number[][], b: number[][], spacing: readonly number[]): number {
  const oneWay = (from: number[][], to: number[][]): number =>
    Math.max(
      ...from.map((p) =>
        Math.min(
          ...to.map((q) =>
            Math.hypot(...p.map((v, axis) => (v - (q[axis] ?? 0)) * (spacing[axis] ?? 1))),
          ),
        ),
      ),
    );
  return Math.max(oneWay(a, b), oneWay(b, a));
}

describe('Hausdorff distance', () => {
  it('is that of every element with every other, on random masks, spacings and shapes', () => {
    const side = fc.integer({ min: 1, max: 6 });
    const edge = fc.double({ min: 0.3, max: 7, noNaN: true });
    fc.assert(
      fc.property(
        fc.tuple(side, side, side),
        fc.tuple(edge, edge, edge),
        fc.infiniteStream(fc.integer({ min: 0, max: 9 })),
        fc.integer({ min: 1, max: 8 }),
        (shape, spacing, stream, level) => {
          const mask = (): Uint8Array =>
            Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, () =>
              Number(stream.next().value) < level ? 1 : 0,
            );
          const [reference, prediction] = [mask(), mask()];
          fc.pre(reference.includes(1) && prediction.includes(1));
          const [measures] = compareLabels(
            { reference, prediction, shape, affine: affineOf(spacing) },
            { structures: { 1: 'organ' }, toleranceMm: 1 },
          );
          const wanted = hausdorff(
            surfacePoints(reference, shape),
            surfacePoints(prediction, shape),
            spacing,
          );
          expect(measures?.hd).toBeCloseTo(wanted, 9);
        },
      ),
      { seed: 4, numRuns: 150 },
    );
  });
});
