import { describe, expect, it } from '@jest/globals';
import { measuresOf, REFERENCE } from './reference-masks.ts';

describe(`as surface-distance ${REFERENCE.versions['surface-distance']} measures`, () => {
  it('the committed masks are many and of many kinds', () => {
    expect(REFERENCE.cases.length).toBeGreaterThan(45);
  });

  for (const [place, one] of REFERENCE.cases.entries()) {
    it(`${one.name} (${place}), ${one.shape.join('×')} voxels of ${one.spacing.join('×')} mm`, () => {
      REFERENCE.tolerances.forEach((tolerance, index) => {
        const measures = measuresOf(one, tolerance);
        close(measures.dice, one.dice);
        close(measures.hd, one.hd);
        close(measures.hd95, one.hd95);
        close(measures.surfaceDice, one.surfaceDice[index] ?? null);
      });
    });
  }

  it('does not depend on how the grid lies in the patient', () => {
    for (const one of REFERENCE.cases) {
      const [slice, row, column] = one.spacing;
      // Turned by 30° about z and 40° about x.
      const [c, s, d, t] = [Math.cos(0.5236), Math.sin(0.5236), Math.cos(0.6981), Math.sin(0.6981)];
      const axes = [
        [c, s * d, s * t],
        [-s, c * d, c * t],
        [0, -t, d],
      ];
      const lengths = [column, row, slice];
      const affine = [0, 1, 2].flatMap((world) => [
        ...axes.map((axis, index) => (axis[world] ?? 0) * (lengths[index] ?? 0)),
        17,
      ]);
      const turned = measuresOf(one, 3, [...affine, 0, 0, 0, 1]);
      const straight = measuresOf(one, 3);
      close(turned.hd95, straight.hd95);
      close(turned.referenceMl, straight.referenceMl);
      close(turned.volumeErrorMl, straight.volumeErrorMl);
    }
  });
});

function close(value: number | null, wanted: number | null): void {
  if (wanted === null) expect(value).toBeNull();
  else expect(Math.abs((value ?? Number.NaN) - wanted)).toBeLessThan(1e-9 * Math.max(1, wanted));
}
