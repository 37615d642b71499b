import { describe, expect, it } from '@jest/globals';

import { buildVolume, readInstance, seriesHeaders } from '../../src/imaging/index.ts';
import { defaultValue, makeSeries } from '../support/dicom.ts';
import type { SeriesOptions } from '../support/dicom.ts';
import { readSeries } from './read-series.ts';

const ECHOES = [{ EchoTime: 1.2 }, { EchoTime: 2.3 }, { EchoTime: 4.6 }] as const;

describe('multi-frame sources', () => {
  it.each(['MR', 'CT'] as const)(
    'enhanced %s: the volume of the single frames',
    async (modality) => {
      const options: SeriesOptions = {
        modality,
        orientation: 'coronal',
        rescale: (slice) => ({ slope: 1 + slice, intercept: -slice }),
        order: 'shuffled',
      };
      const classic = await buildVolume(readSeries(options));
      const enhanced = await buildVolume(readSeries({ ...options, enhanced: true }));
      expect(enhanced.voxels).toEqual(classic.voxels);
      expect(enhanced.affine).toEqual(classic.affine);
      expect(enhanced.source?.modality).toBe(modality);
      expect(enhanced.slices.map((slice) => slice.imagePositionPatient)).toEqual(
        classic.slices.map((slice) => slice.imagePositionPatient),
      );
    },
  );

  it('uses only the frames of the chosen echo, by their 1-based numbers', async () => {
    const series = makeSeries({ enhanced: true, stacks: ECHOES, order: 'shuffled' });
    const instances = series.instances.map(({ bytes }) => readInstance(bytes));
    const { stacks } = seriesHeaders(series.metadata);
    expect(stacks.map(({ id }) => id)).toEqual(['EchoTime=1.2', 'EchoTime=2.3', 'EchoTime=4.6']);
    const used = new Set<number>();
    for (const [stack, { id, frames }] of stacks.entries()) {
      const volume = await buildVolume(instances, { stackId: id, frames });
      expect(volume.shape).toEqual([5, 8, 10]);
      for (const [slice, source] of volume.slices.entries()) {
        const value = volume.voxels[slice * 80] ?? Number.NaN;
        expect(value).toBe(defaultValue({ slice, row: 0, column: 0, stack }));
        used.add(source.frameNumber ?? 0);
      }
    }
    expect([...used].sort((a, b) => a - b)).toEqual(Array.from({ length: 15 }, (_, i) => i + 1));
  });

  it('lets the groups of a frame win over the shared ones, and those over the root', async () => {
    const volume = await buildVolume(
      readSeries({
        enhanced: true,
        value: ({ slice, column }) => 10 * slice + column,
        header: {
          RescaleSlope: 5,
          SliceThickness: 7,
          SharedFunctionalGroupsSequence: [
            {
              PixelMeasuresSequence: [{ PixelSpacing: [1.5, 1.25], SliceThickness: 3 }],
              PlaneOrientationSequence: [{ ImageOrientationPatient: [1, 0, 0, 0, 1, 0] }],
              PixelValueTransformationSequence: [{ RescaleSlope: 3, RescaleIntercept: 0 }],
            },
          ],
        },
        perSlice: (slice) => ({
          PixelValueTransformationSequence:
            slice === 1 ? [{ RescaleSlope: 2, RescaleIntercept: 1 }] : [],
        }),
      }),
    );
    expect(volume.voxels[80 + 4]).toBe(2 * 14 + 1);
    expect(volume.voxels[160 + 4]).toBe(3 * 24);
    expect(volume.source?.sliceThickness).toBe('3');
  });

  it('reads a legacy converted object, whose old attributes are in unassigned groups', () => {
    const { metadata } = makeSeries({
      enhanced: true,
      stacks: [{}, {}],
      header: { SOPClassUID: '1.2.840.10008.5.1.4.1.1.4.4' },
      perSlice: (_, stack) => ({
        MREchoSequence: [],
        MRImageFrameTypeSequence: [],
        UnassignedPerFrameConvertedAttributesSequence: [
          { EchoTime: stack === 0 ? 2.3 : 4.6, ImageType: ['ORIGINAL', 'PRIMARY', 'M'] },
        ],
      }),
    });
    expect(seriesHeaders(metadata).stacks.map(({ id }) => id)).toEqual([
      'EchoTime=2.3',
      'EchoTime=4.6',
    ]);
  });

  it('builds a volume from a legacy converted object', async () => {
    const volume = await buildVolume(
      readSeries({ enhanced: true, header: { SOPClassUID: '1.2.840.10008.5.1.4.1.1.4.4' } }),
    );
    expect(volume.shape).toEqual([5, 8, 10]);
  });

  it('joins the instances of a concatenation', async () => {
    const whole = await buildVolume(readSeries({ enhanced: true, slices: 6 }));
    const parts = [0, 1].flatMap((part) =>
      readSeries({
        enhanced: true,
        slices: 3,
        origin: [-20, -15, -30 + 9 * part],
        value: (voxel) => defaultValue({ ...voxel, slice: voxel.slice + 3 * part }),
        header: { SOPInstanceUID: `2.25.50${part}`, ConcatenationUID: '2.25.500' },
      }),
    );
    const joined = await buildVolume(parts);
    expect(joined.voxels).toEqual(whole.voxels);
    expect(joined.slices.map(({ frameNumber }) => frameNumber)).toEqual([1, 2, 3, 1, 2, 3]);
  });
});
