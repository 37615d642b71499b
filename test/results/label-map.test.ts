import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Labels, Volume } from '../../src/contracts/index.ts';
import {
  compareContent,
  encodeSeg,
  encodeSr,
  readSeg,
  toSegmentVolume,
  validateSeg,
  validateSr,
  type ResultInput,
} from '../../src/results/index.ts';
import {
  altered,
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  setRaw,
} from '../support/dicom-objects.ts';
import { makeFindings, makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

function labelMap(volume: Volume, labels: Labels, compressed = false): ResultInput {
  return { ...makeResultInput(volume, labels), encoding: 'LABELMAP', compressed };
}

const volume = makeVolume();
const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
  slice === 3 ? 0 : ([0, 2, 5, 40][(column + 2 * row + slice) % 4] ?? 0),
);
const { bytes } = encodeSeg(labelMap(volume, labels));

function errors(object: Uint8Array): string[] {
  return validateSeg(object, volume, 'LABELMAP')
    .filter(({ level }) => level === 'error')
    .map(({ rule }) => rule);
}

describe('a label map', () => {
  it.each([
    ['an odd count of pixels', [5, 3, 3]],
    ['long rows', [2, 4, 300]],
    ['a single slice', [1, 4, 4]],
  ] as const)('decodes to the label volume, plain and in RLE, with %s', (_name, shape) => {
    const size = shape[0] * shape[1] * shape[2];
    const runs = fc.array(
      fc.tuple(fc.constantFrom(0, 0, 1, 2, 17, 40), fc.integer({ min: 1, max: 200 })),
      { minLength: 1, maxLength: 60 },
    );
    fc.assert(
      fc.property(runs, (pieces) => {
        const voxels = new Uint8Array(size);
        let at = 0;
        for (const [value, count] of pieces) voxels.fill(value, at, (at += count));
        fc.pre(voxels.some((value) => value !== 0));
        const grid = makeVolume({ shape });
        const drawn = { ...makeLabels(grid, STRUCTURE_NAMES, () => 0), voxels };
        const plain = encodeSeg(labelMap(grid, drawn)).bytes;
        const compressed = encodeSeg(labelMap(grid, drawn, true)).bytes;
        for (const object of [plain, compressed]) {
          expect(Buffer.compare(toSegmentVolume(readSeg(object), grid).voxels, voxels)).toBe(0);
          const found = validateSeg(object, grid, 'LABELMAP');
          expect(found.filter(({ level }) => level === 'error')).toEqual([]);
        }
        expect(compareContent(plain, compressed)).toMatchObject({
          differing: [],
          otherTransferSyntax: '1.2.840.10008.1.2.5',
        });
      }),
      { seed: 5, numRuns: 20 },
    );
  });

  it('numbers the segments by the model’s labels, after the background', () => {
    const segments = rawItems(readRaw(bytes), '00620002');
    expect(
      segments.map((item) => [rawValue(item, '00620004'), rawTexts(item, '00620005')[0]]),
    ).toEqual([
      [0, 'Background'],
      [2, 'right_kidney'],
      [5, 'liver'],
      [40, 'right_gluteus_minimus'],
    ]);
    expect(segments.map((item) => item['00620020'] === undefined)).toEqual([
      true,
      false,
      false,
      false,
    ]);
  });

  it('has one frame a slice that holds something, indexed by position alone', () => {
    const dataset = readRaw(bytes);
    const frames = rawItems(dataset, '52009230');
    expect(frames.map((frame) => rawItems(frame, '00209111')[0]?.['00209157']?.Value)).toEqual([
      [1],
      [2],
      [3],
      [4],
      [5],
    ]);
    expect(frames.every((frame) => frame['0062000A'] === undefined)).toBe(true);
    expect(rawItems(dataset, '00209222')).toHaveLength(1);
  });

  it('is called 3D only where the kept slices are evenly spaced', () => {
    const type = (object: Uint8Array): string | undefined =>
      rawTexts(readRaw(object), '00209311')[0];
    const whole = makeLabels(volume, STRUCTURE_NAMES, (column) => (column > 4 ? 5 : 0));
    expect(type(encodeSeg(labelMap(volume, whole)).bytes)).toBe('3D');
    expect(type(bytes)).toBeUndefined();
  });

  it('has another instance UID than its BINARY twin, in the same series', () => {
    const binary = encodeSeg(makeResultInput(volume, labels));
    const map = encodeSeg(labelMap(volume, labels));
    expect(map.sopInstanceUid).not.toBe(binary.sopInstanceUid);
    expect(map.seriesInstanceUid).toBe(binary.seriesInstanceUid);
    expect(map.sopClassUid).toBe('1.2.840.10008.5.1.4.1.1.66.7');
  });

  it('is referred to by the report with the numbers that its pixels hold', () => {
    const input = labelMap(volume, labels);
    const segmentation = encodeSeg(input);
    const sr = encodeSr({ ...input, findings: makeFindings(volume, labels), segmentation });
    const found = validateSr(sr.bytes, volume, segmentation.bytes);
    expect(found.filter(({ level }) => level === 'error')).toEqual([]);
    expect(Buffer.from(sr.bytes).toString('latin1')).toContain('1.2.840.10008.5.1.4.1.1.66.7');
  });

  it('encodes every row by itself, one fragment a frame', () => {
    const wide = makeVolume({ shape: [2, 3, 16] });
    const same = makeLabels(wide, STRUCTURE_NAMES, () => 5);
    const pixels = readRaw(encodeSeg(labelMap(wide, same, true)).bytes)['7FE00010']?.Value ?? [];
    expect(pixels).toHaveLength(2);
    const [first] = pixels as ArrayBuffer[];
    // Three rows of one run each: 257 - 16 times the value 5.
    expect([...new Uint8Array(first ?? new ArrayBuffer(0)).subarray(64)]).toEqual([
      241, 5, 241, 5, 241, 5,
    ]);
  });
});

describe('our own validator on label maps', () => {
  it('finds nothing wrong with ours', () => {
    expect(errors(bytes)).toEqual([]);
  });

  it.each([
    [
      'background',
      'a missing background',
      (object: Uint8Array) => altered(object, (dataset) => rawItems(dataset, '00620002').shift()),
    ],
    [
      'unknown-segment',
      'a value without description',
      (object: Uint8Array) =>
        altered(object, (dataset) => rawItems(dataset, '00620002').splice(2, 1)),
    ],
    [
      'segment-without-frame',
      'a segment without a voxel',
      (object: Uint8Array) =>
        altered(object, (dataset) =>
          setRaw(rawItems(dataset, '00620002')[3], '00620004', 'US', 41),
        ),
    ],
    [
      'dimension',
      'frames that identify a segment',
      (object: Uint8Array) =>
        altered(object, (dataset) => {
          const [frame] = rawItems(dataset, '52009230');
          const item = {};
          setRaw(item, '0062000B', 'US', 5);
          setRaw(frame, '0062000A', 'SQ', item);
        }),
    ],
    [
      'image',
      'pixels of another depth',
      (object: Uint8Array) => altered(object, (dataset) => setRaw(dataset, '00280101', 'US', 7)),
    ],
    [
      'tracking',
      'a segment without tracking',
      (object: Uint8Array) =>
        altered(object, (dataset) => delete rawItems(dataset, '00620002')[1]?.['00620021']),
    ],
  ])('finds %s in %s', (rule, _name, change) => {
    expect(errors(change(bytes))).toContain(rule);
  });

  it('refuses a frame whose RLE data end early', () => {
    const compressed = encodeSeg(labelMap(volume, labels, true)).bytes;
    const cut = altered(compressed, (dataset) => {
      const pixels = dataset['7FE00010'];
      if (pixels !== undefined) pixels.Value[1] = (pixels.Value[1] as ArrayBuffer).slice(0, 70);
    });
    expect(() => readSeg(cut)).toThrow(expect.objectContaining({ code: 'DECODE_FAILED' }));
  });
});
