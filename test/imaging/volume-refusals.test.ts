import { describe, expect, it } from '@jest/globals';

import { buildVolume, readInstance, seriesHeaders } from '../../src/imaging/index.ts';
import type { ParsedInstance, StackSelection, VolumeOptions } from '../../src/imaging/index.ts';
import { makeSeries, testUid } from '../support/dicom.ts';
import type { SeriesOptions } from '../support/dicom.ts';
import { refusalOf } from '../support/refusal.ts';
import { readSeries } from './read-series.ts';

interface Case {
  readonly defect: string;
  readonly code: string;
  readonly instances: () => readonly ParsedInstance[];
  /** Slices (of a series without seed) whose instances the error must name. */
  readonly slices?: readonly number[];
  readonly attribute?: string;
  readonly selection?: StackSelection;
  readonly options?: VolumeOptions;
}

const uidOf = (slice: number) => testUid('instance', 'series', slice, 0);
const without = (keyword: string): SeriesOptions => ({
  perSlice: (slice) => (slice === 2 ? { [keyword]: undefined } : {}),
});
const only2 = (attributes: Record<string, number | string | readonly number[]>): SeriesOptions => ({
  perSlice: (slice) => (slice === 2 ? attributes : {}),
});

const CASES: readonly Case[] = [
  { defect: 'nothing at all', code: 'NO_IMAGES', instances: () => [] },
  {
    defect: 'only objects without pixel data',
    code: 'NO_IMAGES',
    instances: () => readSeries().map((instance) => ({ ...instance, pixels: null })),
  },
  {
    defect: 'instances of two series',
    code: 'MIXED_SERIES',
    instances: () => [...readSeries(), ...readSeries({ seed: 'other' })],
  },
  {
    defect: 'CT among MR',
    code: 'MIXED_SOP_CLASS',
    instances: () => readSeries(only2({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.2' })),
    slices: [2],
  },
  {
    defect: 'secondary captures',
    code: 'UNSUPPORTED_SOP_CLASS',
    instances: () => readSeries({ header: { SOPClassUID: '1.2.840.10008.5.1.4.1.1.7' } }),
  },
  {
    defect: 'no frame of reference',
    code: 'MISSING_FRAME_OF_REFERENCE',
    instances: () => readSeries(without('FrameOfReferenceUID')),
    slices: [2],
  },
  {
    defect: 'two frames of reference',
    code: 'MIXED_FRAME_OF_REFERENCE',
    instances: () => readSeries(only2({ FrameOfReferenceUID: '2.25.5' })),
    slices: [2],
  },
  ...['ImagePositionPatient', 'ImageOrientationPatient', 'PixelSpacing'].map((attribute) => ({
    defect: `no ${attribute}`,
    code: 'MISSING_GEOMETRY',
    instances: () => readSeries(without(attribute)),
    slices: [2],
    attribute,
  })),
  {
    defect: 'a position of two numbers',
    code: 'MISSING_GEOMETRY',
    instances: () => readSeries(only2({ ImagePositionPatient: [1, 2] })),
    slices: [2],
    attribute: 'ImagePositionPatient',
  },
  {
    defect: 'a position that is no number',
    code: 'MISSING_GEOMETRY',
    instances: () =>
      readSeries({
        perSlice: (slice) => (slice === 2 ? { ImagePositionPatient: ['a', 'b', 'c'] } : {}),
      }),
    slices: [2],
  },
  {
    defect: 'a pixel spacing of 0',
    code: 'MISSING_GEOMETRY',
    instances: () => readSeries(only2({ PixelSpacing: [0, 1] })),
    slices: [2],
    attribute: 'PixelSpacing',
  },
  {
    defect: 'cosines that are not of unit length',
    code: 'INVALID_ORIENTATION',
    instances: () => readSeries({ header: { ImageOrientationPatient: [1, 0, 0, 0, 1.001, 0] } }),
  },
  {
    defect: 'cosines that are not at right angles',
    code: 'INVALID_ORIENTATION',
    instances: () =>
      readSeries({ header: { ImageOrientationPatient: [1, 0, 0, 0.001, 0.9999995, 0] } }),
  },
  {
    defect: 'one image of another orientation',
    code: 'INCONSISTENT_ORIENTATION',
    instances: () => readSeries(only2({ ImageOrientationPatient: [0, 1, 0, 0, 0, -1] })),
    slices: [2],
  },
  {
    defect: 'one image of another matrix',
    code: 'INCONSISTENT_MATRIX',
    instances: () => readSeries(only2({ Rows: 10, Columns: 8 })),
    slices: [2],
  },
  {
    defect: 'a first image of another matrix',
    code: 'INCONSISTENT_MATRIX',
    instances: () =>
      readSeries({ perSlice: (slice) => (slice === 0 ? { Rows: 10, Columns: 8 } : {}) }),
    slices: [0],
  },
  {
    defect: 'one image of another pixel spacing',
    code: 'INCONSISTENT_PIXEL_SPACING',
    instances: () => readSeries(only2({ PixelSpacing: [1.5, 1.2507] })),
    slices: [2],
  },
  {
    defect: 'a selection of frames that do not lie in one volume',
    code: 'INCONSISTENT_PIXEL_SPACING',
    instances: () => readSeries(only2({ PixelSpacing: [1.5, 1.2507] })),
    slices: [2],
    selection: {
      stackId: 'all',
      frames: [0, 1, 2, 3, 4].map((slice) => ({ sopInstanceUid: uidOf(slice), frameNumber: null })),
    },
  },
  {
    defect: 'different images at one position',
    code: 'DUPLICATE_POSITION',
    instances: () =>
      readSeries({ position: (slice, regular) => (slice === 3 ? [-20, -15, -24] : regular) }),
    slices: [2, 3],
  },
  {
    defect: 'a copy with another slope',
    code: 'DUPLICATE_POSITION',
    instances: () => [
      ...readSeries(),
      ...readSeries({
        slices: 1,
        header: { SOPInstanceUID: testUid('instance', 'series', 99, 0), RescaleSlope: 2 },
      }),
    ],
  },
  {
    defect: 'two echoes and no choice',
    code: 'AMBIGUOUS_SERIES',
    instances: () => readSeries({ stacks: [{ EchoTime: 2.3 }, { EchoTime: 4.6 }] }),
  },
  {
    defect: 'two whole planes and no choice',
    code: 'AMBIGUOUS_SERIES',
    instances: () => [
      ...readSeries(),
      ...makeSeries({
        orientation: 'coronal',
        perSlice: (slice) => ({ SOPInstanceUID: `2.25.9${slice}` }),
      }).instances.map(({ bytes }) => readInstance(bytes)),
    ],
  },
  {
    defect: 'a slice missing in the middle',
    code: 'MISSING_SLICES',
    instances: () => readSeries({ slices: 7 }).filter((_, i) => i !== 3),
    slices: [2, 4],
  },
  {
    defect: 'several slices missing',
    code: 'MISSING_SLICES',
    instances: () => readSeries({ slices: 12 }).filter((_, i) => ![3, 4, 8].includes(i)),
    slices: [2, 5, 7, 9],
  },
  {
    defect: 'gaps that fit no multiple',
    code: 'IRREGULAR_SPACING',
    instances: () =>
      readSeries({ position: (slice, [x, y, z]) => [x, y, slice === 3 ? z + 1 : z] }),
  },
  {
    defect: 'a gap of two and a half times the usual one',
    code: 'IRREGULAR_SPACING',
    instances: () =>
      readSeries({ position: (slice, [x, y, z]) => [x, y, slice >= 3 ? z + 4.5 : z] }),
    slices: [2, 3],
  },
  {
    defect: 'gaps a little beyond the tolerance',
    code: 'IRREGULAR_SPACING',
    instances: () =>
      readSeries({ position: (slice, [x, y, z]) => [x, y, slice === 2 ? z + 0.04 : z] }),
  },
  { defect: 'one slice', code: 'TOO_FEW_SLICES', instances: () => readSeries({ slices: 1 }) },
  {
    defect: 'fewer slices than the model needs',
    code: 'TOO_FEW_SLICES',
    instances: () => readSeries({ slices: 5 }),
    options: { minimumSlices: 6 },
  },
  {
    defect: 'a tilted gantry',
    code: 'GANTRY_TILT',
    instances: () =>
      readSeries({ modality: 'CT', position: (slice, [x, y, z]) => [x, y + 0.2 * slice, z] }),
    slices: [0, 4],
  },
  {
    defect: 'fewer instances than the archive lists',
    code: 'INCOMPLETE_SERIES',
    instances: () => readSeries(),
    options: { expectedInstances: 6 },
  },
  {
    defect: 'a selected frame that was not received',
    code: 'INCOMPLETE_SERIES',
    instances: () => readSeries(),
    selection: { stackId: 'all', frames: [{ sopInstanceUid: uidOf(9), frameNumber: null }] },
    slices: [9],
  },
  {
    defect: 'fewer functional groups than frames',
    code: 'INCOMPLETE_SERIES',
    instances: () => readSeries({ enhanced: true, header: { NumberOfFrames: 6 } }),
  },
  {
    defect: 'a lookup table for values',
    code: 'UNSUPPORTED_MODALITY_LUT',
    instances: () => readSeries({ header: { ModalityLUTSequence: [{ ModalityLUTType: 'HU' }] } }),
  },
  {
    defect: 'inverted grey',
    code: 'UNSUPPORTED_PIXEL_FORMAT',
    instances: () => readSeries({ header: { PhotometricInterpretation: 'MONOCHROME1' } }),
  },
  {
    defect: 'a transfer syntax without decoder',
    code: 'UNSUPPORTED_TRANSFER_SYNTAX',
    instances: () =>
      readSeries().map((instance) => ({
        ...instance,
        transferSyntaxUid: '1.2.840.10008.1.2.4.110',
      })),
  },
  {
    defect: 'short pixel data',
    code: 'TRUNCATED_PIXEL_DATA',
    instances: () => readSeries({ header: { Rows: 9 } }),
    slices: [0],
  },
  {
    defect: 'a slope of 0',
    code: 'INVALID_RESCALE',
    instances: () => readSeries(only2({ RescaleSlope: 0, RescaleIntercept: 0 })),
    slices: [2],
    attribute: 'RescaleSlope',
  },
  {
    defect: 'an intercept that is no number',
    code: 'INVALID_RESCALE',
    instances: () => readSeries(only2({ RescaleSlope: 1, RescaleIntercept: 'x' })),
    slices: [2],
    attribute: 'RescaleIntercept',
  },
  {
    defect: 'nothing but padding',
    code: 'EMPTY_IMAGE',
    instances: () => readSeries({ value: () => 7, header: { PixelPaddingValue: 7 } }),
  },
  {
    defect: 'one value everywhere',
    code: 'EMPTY_IMAGE',
    instances: () => readSeries({ value: () => 7 }),
  },
  {
    defect: 'more voxels than allowed',
    code: 'VOLUME_TOO_LARGE',
    instances: () => readSeries(),
    options: { maximumVoxels: 399 },
  },
];

describe('series that form no volume', () => {
  it.each(CASES.map((one) => [`${one.defect}: ${one.code}`, one] as const))(
    '%s',
    async (_, { code, instances, slices, attribute, selection, options }) => {
      const error = await refusalOf(() => buildVolume(instances(), selection ?? null, options));
      expect(error.code).toBe(code);
      expect(error.errorClass).toBe('refuse');
      expect(error.next).not.toBe('');
      expect(error.details).toHaveProperty('seriesInstanceUid');
      if (attribute !== undefined) {
        expect(error.details).toMatchObject({ attribute });
        expect(error.message).toContain(attribute);
      }
      if (slices !== undefined) {
        expect(error.details['sopInstanceUids']).toEqual(slices.map(uidOf));
        for (const slice of slices) expect(error.message).toContain(uidOf(slice));
      }
    },
  );

  it('tells where the missing slices belong', async () => {
    const error = await refusalOf(() =>
      buildVolume(readSeries({ slices: 7 }).filter((_, i) => i !== 3)),
    );
    expect(error.details).toMatchObject({ missingPositions: [[-20, -15, -21]], spacing: 3 });
    expect(error.message).toContain('(-20, -15, -21)');
  });

  it('tells the stacks and keys to choose from', async () => {
    const error = await refusalOf(() =>
      buildVolume(readSeries({ stacks: [{ EchoTime: 2.3 }, { EchoTime: 4.6 }] })),
    );
    expect(error.details).toMatchObject({
      keys: ['EchoTime'],
      stacks: [
        { id: 'EchoTime=2.3', images: 5 },
        { id: 'EchoTime=4.6', images: 5 },
      ],
    });
  });

  it('accepts what lies within the tolerances', async () => {
    const options: SeriesOptions = {
      position: (slice, [x, y, z]) => [x, y + 0.1 * slice, slice === 2 ? z + 0.028 : z],
      perSlice: (slice) => ({ PixelSpacing: [1.5, slice === 2 ? 1.2501 : 1.25] }),
    };
    const { stacks } = seriesHeaders(makeSeries(options).metadata);
    expect(stacks).toHaveLength(1);
    await expect(buildVolume(readSeries(options))).resolves.toMatchObject({ shape: [5, 8, 10] });
  });
});
