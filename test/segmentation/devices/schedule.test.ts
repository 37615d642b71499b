import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { copyTaps, linearTaps } from '../../../src/segmentation/export/axis-taps.ts';
import { suitsGraphs, type VolumeGeometry } from '../../../src/segmentation/fused/geometry.ts';
import { scheduleGroups } from '../../../src/segmentation/fused/schedule.ts';
import { tile } from '../../../src/segmentation/inference/tiles.ts';

const plane = copyTaps(4, 4);
const BASE = {
  inputChannels: 1,
  heads: 41,
  folds: 5,
  rule: { kind: 'argmax' },
  mirrorAxes: [],
} as const;

describe('schedule of groups', () => {
  it('makes every slice once, in order, from rows that are in the ring and final', () => {
    const sizes = fc.record({
      size: fc.integer({ min: 1, max: 60 }),
      patch: fc.integer({ min: 1, max: 24 }),
      target: fc.integer({ min: 1, max: 90 }),
      step: fc.constantFrom(0.25, 0.5, 0.8, 1),
      isCopied: fc.boolean(),
    });
    fc.assert(
      fc.property(sizes, ({ size, patch, target, step, isCopied }) => {
        const tiling = tile([size, 4, 4], [patch, 4, 4], step);
        const axis = isCopied ? copyTaps(size, target) : linearTaps(size, target);
        if (new Set(tiling.starts[0]).size < tiling.starts[0].length) return;
        const groups = scheduleGroups(tiling, [axis, plane, plane]);
        const made: number[] = [];
        for (const group of groups) {
          expect(group.slices.length).toBeGreaterThan(0);
          expect(group.rows).toBeGreaterThan(0);
          expect(group.rows).toBeLessThanOrEqual(patch);
          for (const { output, first, second } of group.slices) {
            expect(first).toBeGreaterThanOrEqual(output === null ? 1 : 0);
            expect(second).toBeLessThanOrEqual(group.rows);
            if (output === null) continue;
            made.push(output);
            const row = (local: number): number => local - 1 + group.start - tiling.below[0];
            expect([row(first), row(second)]).toEqual([axis.first[output], axis.second[output]]);
          }
        }
        expect(made).toEqual(Array.from({ length: target }, (_, i) => i));
        expect(groups.reduce((sum, { rows }) => sum + rows, 0)).toBe(tiling.padded[0]);
      }),
      { seed: 9, numRuns: 150 },
    );
  });

  it('leaves volumes alone whose tensors have more elements than kernels can count', () => {
    const geometry = (side: number): VolumeGeometry => ({
      ...BASE,
      tiling: tile([300, side, side], [128, 128, 128]),
      taps: [copyTaps(300, 300), copyTaps(side, side), copyTaps(side, side)],
    });
    expect(suitsGraphs(geometry(512))).toBe(true);
    expect(suitsGraphs(geometry(640))).toBe(false);
  });

  it('leaves volumes alone whose patches start twice at the same row', () => {
    const tiling = tile([2, 4, 4], [1, 4, 4], 0.25);
    const taps = [copyTaps(2, 2), plane, plane] as const;
    expect(suitsGraphs({ ...BASE, tiling, taps })).toBe(false);
  });
});
