import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { measure } from '../../src/findings/index.ts';
import { refusalOf } from '../support/refusal.ts';
import { STRUCTURES, labelsOf, volumeOf } from './volumes.ts';
import type { Shape } from './volumes.ts';

const SHAPE: Shape = [6, 8, 9];

/** The statistics by their definitions, from all values at once. */
function reference(values: readonly number[]) {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  const lower = sorted[middle - 1] ?? upper;
  return {
    mean,
    sd: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length),
    median: sorted.length % 2 === 1 ? upper : (lower + upper) / 2,
    minimum: sorted[0] ?? Number.NaN,
    maximum: sorted.at(-1) ?? Number.NaN,
  };
}

describe('measures of a structure', () => {
  it('are volume, statistics and centroid on the source grid', () => {
    const volume = volumeOf(SHAPE, (s, r, c) => 10 * s + r - c);
    const isLiver = (s: number, r: number, c: number) =>
      s >= 2 && s <= 3 && r >= 3 && r <= 5 && c >= 2 && c <= 5;
    const findings = measure(
      volume,
      labelsOf(SHAPE, (s, r, c) => (isLiver(s, r, c) ? 4 : 0)),
      STRUCTURES,
    );
    expect(findings.unit).toBe('HU');
    expect(findings.structures).toHaveLength(1);
    const [liver] = findings.structures;
    const values = volume.voxels.filter((_, i) =>
      isLiver(Math.floor(i / 72), Math.floor(i / 9) % 8, i % 9),
    );
    expect(liver).toMatchObject({ label: 4, structure: 'liver', voxels: 24, truncated: false });
    expect(liver?.volumeMl).toBeCloseTo(24 * 2 * 1 * 1 * 1e-3, 12);
    expect(liver?.centroid).toEqual([-10 + 3.5, -20 + 4, -30 + 2 * 2.5]);
    for (const [name, value] of Object.entries(reference(Array.from(values)))) {
      expect(liver?.intensity?.[name as 'mean']).toBeCloseTo(value, 9);
    }
  });

  it('leave padding out of the statistics, not out of the volume', () => {
    const volume = volumeOf(
      SHAPE,
      (_s, _r, c) => (c === 4 ? -1024 : 50),
      (_s, _r, c) => c === 4,
    );
    const [liver] = measure(
      volume,
      labelsOf(SHAPE, (s, r, c) => (s === 2 && r === 3 && c >= 2 && c <= 6 ? 4 : 0)),
      STRUCTURES,
    ).structures;
    expect(liver?.voxels).toBe(5);
    expect(liver?.intensity).toEqual({ mean: 50, sd: 0, median: 50, minimum: 50, maximum: 50 });
    expect(liver?.truncated).toBe(true);
  });

  it('have no statistics when everything is padding', () => {
    const volume = volumeOf(
      SHAPE,
      () => 0,
      () => true,
    );
    const [liver] = measure(
      volume,
      labelsOf(SHAPE, (s) => (s === 2 ? 4 : 0)),
      STRUCTURES,
    ).structures;
    expect(liver?.intensity).toBeNull();
  });

  it.each([
    ['the first slice', [0, 3, 3], true],
    ['the last slice', [5, 3, 3], true],
    ['the first row', [2, 0, 3], true],
    ['the last row', [2, 7, 3], true],
    ['the first column', [2, 3, 0], true],
    ['the last column', [2, 3, 8], true],
    ['the inside', [2, 3, 3], false],
    ['next to the border', [1, 1, 1], false],
  ] as const)('know that a voxel in %s is cut or not', (_, [slice, row, column], truncated) => {
    const labels = labelsOf(SHAPE, (s, r, c) => (s === slice && r === row && c === column ? 5 : 0));
    const [aorta] = measure(
      volumeOf(SHAPE, (s) => s),
      labels,
      STRUCTURES,
    ).structures;
    expect(aorta?.truncated).toBe(truncated);
  });

  it.each([
    [[2, 3, 5], true],
    [[2, 4, 4], true],
    [[3, 3, 4], true],
    [[2, 3, 6], false],
    [[3, 4, 4], false],
  ] as const)('take padding at %j for the edge of the field of view', (at, truncated) => {
    const isPadding = (s: number, r: number, c: number) =>
      s === at[0] && r === at[1] && c === at[2];
    const labels = labelsOf(SHAPE, (s, r, c) => (s === 2 && r === 3 && c === 4 ? 5 : 0));
    const [aorta] = measure(
      volumeOf(SHAPE, (s) => s, isPadding),
      labels,
      STRUCTURES,
    ).structures;
    expect(aorta?.truncated).toBe(truncated);
  });

  it('equal the definitions for any values and labels (property)', () => {
    const shape: Shape = [3, 4, 5];
    const value = fc.oneof(
      fc.integer({ min: -1024, max: 3000 }),
      fc.float({ min: -1e4, max: 1e4, noNaN: true }),
      fc.constantFrom(0, 7),
    );
    fc.assert(
      fc.property(
        fc.array(value, { minLength: 60, maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 3 }), { minLength: 60, maxLength: 60 }),
        (values, labels) => {
          const index = (s: number, r: number, c: number) => (s * 4 + r) * 5 + c;
          const volume = volumeOf(shape, (s, r, c) => values[index(s, r, c)] ?? 0);
          const { structures } = measure(
            volume,
            labelsOf(shape, (s, r, c) => labels[index(s, r, c)] ?? 0),
            STRUCTURES,
          );
          for (const label of [1, 2, 3]) {
            const own = Array.from(volume.voxels).filter((_, i) => labels[i] === label);
            const found = structures.find((one) => one.label === label);
            if (own.length === 0) {
              expect(found).toBeUndefined();
              continue;
            }
            const expected = reference(own);
            expect((found?.intensity?.median ?? Number.NaN) + 0).toBe(expected.median + 0);
            expect((found?.intensity?.minimum ?? Number.NaN) + 0).toBe(expected.minimum + 0);
            expect((found?.intensity?.maximum ?? Number.NaN) + 0).toBe(expected.maximum + 0);
            expect(found?.intensity?.mean).toBeCloseTo(expected.mean, 6);
            expect(found?.intensity?.sd).toBeCloseTo(expected.sd, 6);
          }
        },
      ),
      { numRuns: 200, seed: 3 },
    );
  });

  it('refuses labels without a structure, and labels of another grid, as faults', async () => {
    const volume = volumeOf(SHAPE, (s) => s);
    for (const labels of [labelsOf(SHAPE, () => 41), labelsOf([6, 9, 8], () => 1)]) {
      const error = await refusalOf(() => measure(volume, labels, STRUCTURES));
      expect(error.code).toBe('INVALID_LABEL');
      expect(error.errorClass).toBe('fault');
    }
  });
});
