import { describe, expect, it } from '@jest/globals';
import type { Volume } from '../../src/contracts/index.ts';
import { encodeSeg } from '../../src/results/index.ts';
import {
  rawFrame,
  rawItems,
  rawTexts,
  readRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume, type VolumeOptions } from '../support/volume.ts';

type Point = [number, number, number];

const STACKS: readonly (readonly [string, VolumeOptions])[] = [
  ['axial', { row: [1, 0, 0], column: [0, 1, 0] }],
  ['axial from head to feet', { row: [1, 0, 0], column: [0, -1, 0] }],
  ['coronal', { row: [1, 0, 0], column: [0, 0, -1] }],
  ['sagittal', { row: [0, 1, 0], column: [0, 0, -1] }],
  ['sagittal the other way', { row: [0, -1, 0], column: [0, 0, -1] }],
  ['oblique', {}],
  ['oblique with noise of 1e-17', { row: [1, 6.1e-17, -2e-17], column: [3e-17, 0.98, 0.2] }],
];

function pointOf(volume: Volume, column: number, row: number, slice: number): Point {
  const at = (line: number): number =>
    [column, row, slice, 1].reduce(
      (sum, value, axis) => sum + value * (volume.affine[line * 4 + axis] ?? 0),
      0,
    );
  return [at(0), at(1), at(2)];
}

/** Patient positions of all marked pixels, from the segmentation's own geometry alone. */
function markedPoints(dataset: RawDataset): Point[] {
  const [shared] = rawItems(dataset, '52009229');
  const cosines = rawTexts(rawItems(shared, '00209116')[0], '00200037').map(Number);
  const [between = 0, along = 0] = rawTexts(rawItems(shared, '00289110')[0], '00280030').map(
    Number,
  );
  const columns = Number(rawTexts(dataset, '00280011')[0]);
  return rawItems(dataset, '52009230').flatMap((frame, number) => {
    const origin = rawTexts(rawItems(frame, '00209113')[0], '00200032').map(Number);
    return rawFrame(dataset, number).flatMap((bit, pixel) => {
      if (bit === 0) return [];
      const column = pixel % columns;
      const row = Math.floor(pixel / columns);
      const axis = (index: number): number =>
        (origin[index] ?? 0) +
        column * along * (cosines[index] ?? 0) +
        row * between * (cosines[index + 3] ?? 0);
      return [[axis(0), axis(1), axis(2)] as Point];
    });
  });
}

describe.each(STACKS)('geometry of an %s stack', (_name, options) => {
  const volume = makeVolume(options);
  const [slices, rows, columns] = volume.shape;
  const corners = [0, slices - 1].flatMap((slice) =>
    [0, rows - 1].flatMap((row) => [0, columns - 1].map((column) => [column, row, slice] as Point)),
  );
  const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
    corners.some((corner) => corner.join() === [column, row, slice].join()) ? 5 : 0,
  );
  const dataset = readRaw(encodeSeg(makeResultInput(volume, labels)).bytes);

  it('puts every marked corner where the source has it, empty slices left out', () => {
    const expected = corners.map(([column, row, slice]) => pointOf(volume, column, row, slice));
    const found = markedPoints(dataset);
    expect(found).toHaveLength(8);
    for (const point of expected) {
      const distances = found.map((other) =>
        Math.hypot(...other.map((v, axis) => v - (point[axis] ?? 0))),
      );
      expect(Math.min(...distances)).toBeLessThan(1e-4);
    }
  });

  it('copies the digits of the source and computes the spacing from the positions', () => {
    const [shared] = rawItems(dataset, '52009229');
    const [measures] = rawItems(shared, '00289110');
    expect(rawTexts(rawItems(shared, '00209116')[0], '00200037')).toEqual(
      volume.source?.imageOrientationPatient,
    );
    expect(rawTexts(measures, '00280030')).toEqual(volume.source?.pixelSpacing);
    expect(rawTexts(measures, '00180088').map(Number)).toEqual([volume.spacing[0]]);
    const positions = rawItems(dataset, '52009230').map((frame) =>
      rawTexts(rawItems(frame, '00209113')[0], '00200032'),
    );
    expect(positions).toEqual(
      [0, slices - 1].map((slice) => volume.slices[slice]?.imagePositionPatient),
    );
  });
});

describe('measures of the segmentation', () => {
  it('takes the slice thickness of the source, and the spacing where it has none', () => {
    const thickness = (sliceThickness: string | null): string[] => {
      const volume = makeVolume({ source: { sliceThickness } });
      const labels = makeLabels(volume, STRUCTURE_NAMES, () => 1);
      const dataset = readRaw(encodeSeg(makeResultInput(volume, labels)).bytes);
      return rawTexts(rawItems(rawItems(dataset, '52009229')[0], '00289110')[0], '00180050');
    };
    expect(thickness('5.0')).toEqual(['5.0']);
    expect(thickness(null)).toEqual(['3.3']);
    expect(thickness('0')).toEqual(['3.3']);
  });

  it('keeps over-long digits of the source within 1e-9', () => {
    const volume = makeVolume({
      source: { pixelSpacing: ['0.78125012345678912', '-1.2345678901234567e-5'] },
    });
    const labels = makeLabels(volume, STRUCTURE_NAMES, () => 1);
    const dataset = readRaw(encodeSeg(makeResultInput(volume, labels)).bytes);
    const texts = rawTexts(rawItems(rawItems(dataset, '52009229')[0], '00289110')[0], '00280030');
    expect(texts.every((text) => text.length <= 16)).toBe(true);
    expect(Number(texts[0]) / Number('0.78125012345678912')).toBeCloseTo(1, 9);
    expect(Number(texts[1]) / Number('-1.2345678901234567e-5')).toBeCloseTo(1, 9);
  });

  it('refuses a source without a frame of reference and a volume that is no DICOM', () => {
    const volume = makeVolume({ source: { frameOfReferenceUid: '' } });
    const labels = makeLabels(volume, STRUCTURE_NAMES, () => 1);
    expect(() => makeResultInput(volume, labels)).toThrow(
      expect.objectContaining({ code: 'MISSING_FRAME_OF_REFERENCE', errorClass: 'refuse' }),
    );
    expect(() => makeResultInput({ ...volume, source: null }, labels)).toThrow(
      expect.objectContaining({ code: 'NO_DICOM_SOURCE' }),
    );
  });
});
