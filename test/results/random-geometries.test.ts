import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Volume } from '../../src/contracts/index.ts';
import {
  encodeSeg,
  encodeSr,
  readSeg,
  toSegmentVolume,
  validateSeg,
  validateSr,
  type ReadSegmentation,
} from '../../src/results/index.ts';
import { dciodvfy, dsrdump, haveTool } from '../support/dciodvfy.ts';
import { randomLabels, randomSeries, readRandomSeries } from '../support/random-geometry.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';

const SEED = 20261125;
const CASES = 200;

type Point = readonly [number, number, number];

/** Patient coordinates of a voxel by the volume's affine. */
function inVolume({ affine }: Volume, slice: number, row: number, column: number): number[] {
  return [0, 4, 8].map(
    (at) =>
      (affine[at] ?? 0) * column +
      (affine[at + 1] ?? 0) * row +
      (affine[at + 2] ?? 0) * slice +
      (affine[at + 3] ?? 0),
  );
}

/** Patient coordinates of a pixel by what the segmentation alone says (PS3.3 C.7.6.2.1.1). */
function inFrame(seg: ReadSegmentation, frame: number, row: number, column: number): number[] {
  const { position, orientation } = seg.frames[frame] ?? { position: [], orientation: [] };
  const [betweenRows = 0, betweenColumns = 0] = seg.pixelSpacing;
  return position.map(
    (at, axis) =>
      at +
      (orientation[axis] ?? 0) * betweenColumns * column +
      (orientation[axis + 3] ?? 0) * betweenRows * row,
  );
}

function farthest(seg: ReadSegmentation, volume: Volume): number {
  const corners: Point[] = [0, seg.frames.length - 1].flatMap((frame) =>
    [0, volume.shape[1] - 1].flatMap((row) =>
      [0, volume.shape[2] - 1].map((column): Point => [frame, row, column]),
    ),
  );
  return Math.max(
    ...corners.map(([frame, row, column]) => {
      const uid = seg.frames[frame]?.source;
      const slice = volume.slices.findIndex(
        ({ sopInstanceUid, frameNumber }) =>
          sopInstanceUid === uid?.sopInstanceUid && frameNumber === uid.frameNumber,
      );
      const there = inVolume(volume, slice, row, column);
      const here = inFrame(seg, frame, row, column);
      return Math.hypot(...here.map((value, axis) => value - (there[axis] ?? 0)));
    }),
  );
}

describe(`${CASES} random geometries`, () => {
  const conformance = haveTool('dciodvfy');
  const reports = haveTool('dsrdump');

  it('give objects without an error that say where every voxel lies', async () => {
    let lost = 0;
    let checked = 0;
    await fc.assert(
      fc.asyncProperty(randomSeries, async (series) => {
        if (series.lost !== null) {
          lost += 1;
          await expect(readRandomSeries(series)).rejects.toMatchObject({ code: 'MISSING_SLICES' });
          return;
        }
        const volume = await readRandomSeries(series);
        const labels = randomLabels(volume, series);
        const input = makeResultInput(volume, labels);
        const seg = encodeSeg(input);
        const map = encodeSeg({ ...input, encoding: 'LABELMAP', compressed: true });
        const sr = encodeSr({
          ...input,
          findings: makeFindings(volume, labels),
          segmentation: seg,
        });
        const found = [
          ...validateSeg(seg.bytes, volume),
          ...validateSeg(map.bytes, volume, 'LABELMAP'),
          ...validateSr(sr.bytes, volume, seg.bytes),
        ];
        expect(found.filter(({ level }) => level === 'error')).toEqual([]);

        const read = readSeg(seg.bytes);
        const numbers = new Map(
          [...new Set(labels.voxels)]
            .sort((a, b) => a - b)
            .filter((label) => label > 0)
            .map((label, index) => [label, index + 1]),
        );
        const expected = labels.voxels.map((label) => numbers.get(label) ?? 0);
        expect(Buffer.compare(toSegmentVolume(read, volume).voxels, expected)).toBe(0);
        const fromMap = toSegmentVolume(readSeg(map.bytes), volume).voxels;
        expect(Buffer.compare(fromMap, labels.voxels)).toBe(0);
        expect(farthest(read, volume)).toBeLessThan(1e-4);
        expect(read.sliceSpacing).toBeCloseTo(volume.spacing[0], 9);

        checked += 1;
        if (checked % 20 !== 0) return;
        if (conformance) expect([...dciodvfy(seg.bytes), ...dciodvfy(sr.bytes)]).toEqual([]);
        if (reports) expect(dsrdump(sr.bytes)).toEqual([]);
      }),
      { seed: SEED, numRuns: CASES },
    );
    expect(lost).toBeGreaterThan(0);
  }, 300_000);
});
