import { describe, expect, it } from '@jest/globals';
import { encodeCapture, encodeSeg, validateCapture } from '../../src/results/index.ts';
import { dciodvfy, dcm2xml, haveTool } from '../support/dciodvfy.ts';
import {
  altered,
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  setRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES, STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume, type VolumeOptions } from '../support/volume.ts';

const AXIAL = { row: [1, 0, 0], column: [0, 1, 0] } as const;
const LIVER = STRUCTURES.find(({ index }) => index === 5);

/** A block of label 5 from slice 2 on, seen in the middle of the slices. */
function pictures(options: VolumeOptions, label = (_slice: number) => 5) {
  const volume = makeVolume(options);
  const [, rows, columns] = volume.shape;
  const inside = (at: number, count: number) => at >= count / 4 && at < (3 * count) / 4;
  const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
    slice > 1 && inside(row, rows) && inside(column, columns) ? label(slice) : 0,
  );
  const input = makeResultInput(volume, labels);
  const seg = encodeSeg(input);
  const capture = encodeCapture({ ...input, segmentation: seg });
  return { volume, seg, capture, dataset: readRaw(capture.bytes) };
}

function errors({ volume, seg, capture }: ReturnType<typeof pictures>, bytes = capture.bytes) {
  return validateCapture(bytes, volume, seg.bytes)
    .filter(({ level }) => level === 'error')
    .map(({ rule }) => rule);
}

/** A pixel as dcmjs reads it. */
function pixel(dataset: RawDataset, frame: number, row: number, column: number): number[] {
  const [rows, columns] = [rawValue(dataset, '00280010'), rawValue(dataset, '00280011')].map(
    Number,
  );
  const bytes = new Uint8Array(rawValue(dataset, '7FE00010') as ArrayBuffer);
  const at = 3 * ((frame * (rows ?? 0) + row) * (columns ?? 0) + column);
  return [...bytes.subarray(at, at + 3)];
}

describe.each<readonly [string, VolumeOptions]>([
  ['an oblique MR', {}],
  ['a coronal CT', { modality: 'CT', shape: [4, 16, 16], row: [1, 0, 0], column: [0, 0, -1] }],
  ['a multi-frame MR', { shape: [5, 16, 8], frameNumbers: [14, 11, 8, 5, 2] }],
  ['a lossy source', { source: { lossy: { ratio: '12.5', method: 'ISO_10918_1' } } }],
])('pictures of %s', (_name, options) => {
  const made = pictures(options);

  it('have no error by our own validator', () => {
    expect(errors(made)).toEqual([]);
  });

  if (haveTool('dciodvfy')) {
    it('are clean by dciodvfy', () => {
      expect(dciodvfy(made.capture.bytes)).toEqual([]);
    });
  }

  if (haveTool('dcm2xml')) {
    it('are clean by dcm2xml', () => {
      expect(dcm2xml(made.capture.bytes)).toEqual([]);
    });
  }
});

describe('pictures of an axial CT', () => {
  const AXIAL_CT: Parameters<typeof pictures>[0] = {
    ...AXIAL,
    modality: 'CT',
    shape: [9, 400, 300],
    spacing: [5, 1, 1],
    origin: [-30, -40, -100],
    voxel: (column) => (column < 150 ? 60 : 2000),
  };
  const made = pictures(AXIAL_CT);
  const { dataset, volume, seg, capture } = made;

  it('show the slices that hold a structure, and where each lies', () => {
    expect(rawTexts(dataset, '00280008')).toEqual(['7']);
    expect(dataset['00182005']?.Value.map(Number)).toEqual([-90, -85, -80, -75, -70, -65, -60]);
    expect(rawTexts(dataset, '00200020')).toEqual(['L', 'P']);
  });

  it('are grey in the abdominal window, with outlines in the colour of the structure', () => {
    // 60 HU is 55 % of the way from -160 to 240 HU; the block begins at row 100 and column 75.
    expect(pixel(dataset, 0, 60, 10)).toEqual([140, 140, 140]);
    expect(pixel(dataset, 0, 350, 250)).toEqual([255, 255, 255]);
    expect(pixel(dataset, 3, 100, 100)).toEqual(LIVER?.rgb);
    expect(pixel(dataset, 3, 150, 75)).toEqual(LIVER?.rgb);
    expect(pixel(dataset, 3, 150, 76)).toEqual([140, 140, 140]);
  });

  it('have a legend beside the slice with the colour of each structure', () => {
    const [columns] = [Number(rawValue(dataset, '00280011'))];
    const rows = 100;
    let swatch = 0;
    for (let row = 0; row < rows; row += 1)
      for (let column = 300; column < columns; column += 1)
        if (pixel(dataset, 6, row, column).join() === LIVER?.rgb.join()) swatch += 1;
    expect(swatch).toBeGreaterThanOrEqual(64);
  });

  it('say that they are derived, marked, and from what', () => {
    expect(rawTexts(dataset, '00080060')).toEqual(['OT']);
    expect(rawTexts(dataset, '00080064')).toEqual(['WSD']);
    expect(rawTexts(dataset, '00280301')).toEqual(['YES']);
    expect(rawTexts(dataset, '00200011')).toEqual(['9005']);
    expect(rawTexts(dataset, '00082111')[0]).toBe(
      'Every slice of the segmented part, window -160 to 240 HU, outlines and legend of 1 structures by demo 1.2 burned in',
    );
    const series = rawItems(dataset, '00081115').map((item) => rawTexts(item, '0020000E')[0]);
    expect(series).toEqual([volume.source?.seriesInstanceUid, seg.seriesInstanceUid]);
    expect(capture.seriesInstanceUid).not.toBe(seg.seriesInstanceUid);
  });

  it('are refused by the validator when they show another segmentation, slice or size', () => {
    expect(errors(made)).toEqual([]);
    const other = altered(capture.bytes, (raw) => {
      const item = rawItems(rawItems(raw, '00081115')[1], '0008114A')[0];
      setRaw(item, '00081155', 'UI', '1.2.3');
    });
    expect(errors(made, other)).toEqual(['references']);
    const moved = altered(capture.bytes, (raw) =>
      setRaw(raw, '00182005', 'DS', -90, -85, -80, -76, -70, -65, -60),
    );
    expect(errors(made, moved)).toContain('frame-position');
    const clean = altered(capture.bytes, (raw) => setRaw(raw, '00280301', 'CS', 'NO'));
    expect(errors(made, clean)).toEqual(['image']);
    const short = altered(capture.bytes, (raw) => setRaw(raw, '00280008', 'IS', '8'));
    expect(errors(made, short)).toContain('pixel-length');
  });

  it('have the same bytes at every encoding', () => {
    const again = pictures(AXIAL_CT);
    expect(again.capture.sha256).toBe(capture.sha256);
  });
});

describe('the size of pictures', () => {
  it('stays within 100 frames and 64 MiB, slices within 512 pixels', () => {
    const { dataset, capture } = pictures({
      ...AXIAL,
      shape: [304, 1024, 8],
      spacing: [1, 0.5, 64],
      voxel: () => 1,
    });
    // 512 mm on both sides, and more than 60 of 302 slices would be too many bytes.
    expect(rawTexts(dataset, '00280008')).toEqual(['61']);
    expect(capture.bytes.length).toBeLessThan(64 * 2 ** 20 + 100_000);
    expect(Number(rawValue(dataset, '00280010'))).toBe(512);
    expect(rawTexts(dataset, '00082111')[0]).toMatch(/^Every 5th slice/);
  });
});
