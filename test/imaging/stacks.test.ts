import { describe, expect, it } from '@jest/globals';

import { buildVolume, readInstance, seriesHeaders } from '../../src/imaging/index.ts';
import { defaultValue, makeSeries } from '../support/dicom.ts';
import type { SeriesOptions, TestDataset } from '../support/dicom.ts';

function stacksOf(options: SeriesOptions) {
  return seriesHeaders(makeSeries(options).metadata).stacks;
}

describe('stacks of a series', () => {
  const mr: readonly [string, readonly TestDataset[], readonly string[]][] = [
    ['echo time', [{ EchoTime: 2.3 }, { EchoTime: 4.6 }], ['EchoTime=2.3', 'EchoTime=4.6']],
    ['echo number', [{ EchoNumbers: 1 }, { EchoNumbers: 2 }], ['EchoNumbers=1', 'EchoNumbers=2']],
    [
      'image type',
      [
        { ImageType: ['DERIVED', 'PRIMARY', 'DIXON', 'WATER'] },
        { ImageType: ['DERIVED', 'PRIMARY', 'DIXON', 'FAT'] },
      ],
      ['ImageType=DIXON/FAT', 'ImageType=DIXON/WATER'],
    ],
    [
      'temporal position',
      [{ TemporalPositionIdentifier: 1 }, { TemporalPositionIdentifier: 2 }],
      ['TemporalPositionIdentifier=1', 'TemporalPositionIdentifier=2'],
    ],
    [
      'acquisition number',
      [{ AcquisitionNumber: 1 }, { AcquisitionNumber: 2 }],
      ['AcquisitionNumber=1', 'AcquisitionNumber=2'],
    ],
    [
      'b-value',
      [{ DiffusionBValue: 50 }, { DiffusionBValue: 800 }],
      ['DiffusionBValue=50', 'DiffusionBValue=800'],
    ],
    [
      'inversion time',
      [{ InversionTime: 100 }, { InversionTime: 200 }],
      ['InversionTime=100', 'InversionTime=200'],
    ],
    ['flip angle', [{ FlipAngle: 3 }, { FlipAngle: 15 }], ['FlipAngle=15', 'FlipAngle=3']],
    [
      'trigger time',
      [{ TriggerTime: 10 }, { TriggerTime: 400 }],
      ['TriggerTime=10', 'TriggerTime=400'],
    ],
    [
      'contrast and time',
      [{ AcquisitionTime: '101900' }, { ContrastBolusAgent: 'Gd', AcquisitionTime: '102500' }],
      [
        'ContrastBolusAgent+AcquisitionTime=(missing)+101900',
        'ContrastBolusAgent+AcquisitionTime=Gd+102500',
      ],
    ],
  ];
  it.each(mr)('MR: told apart by %s', (_, stacks, ids) => {
    const found = stacksOf({ stacks, order: 'shuffled' });
    expect(found.map(({ id }) => id)).toEqual(ids);
    expect(found.map(({ frames }) => frames.length)).toEqual([5, 5]);
  });

  const ct: readonly [string, readonly TestDataset[], readonly string[]][] = [
    [
      'kernel',
      [{ ConvolutionKernel: 'B30f' }, { ConvolutionKernel: 'B70f' }],
      ['ConvolutionKernel=B30f', 'ConvolutionKernel=B70f'],
    ],
    ['tube voltage', [{ KVP: 80 }, { KVP: 140 }], ['KVP=140', 'KVP=80']],
    [
      'thickness',
      [{ SliceThickness: 1 }, { SliceThickness: 5 }],
      ['SliceThickness=1', 'SliceThickness=5'],
    ],
  ];
  it.each(ct)('CT: told apart by %s', (_, stacks, ids) => {
    expect(stacksOf({ modality: 'CT', stacks }).map(({ id }) => id)).toEqual(ids);
  });

  it('is one stack called "all" when positions are unique', () => {
    const [stack, ...others] = stacksOf({ perSlice: (slice) => ({ EchoTime: 4 + slice }) });
    expect(others).toEqual([]);
    expect(stack).toMatchObject({ id: 'all', plane: 'axial', sliceSpacing: 3, coverage: 15 });
  });

  it('ignores the jitter of measured values', () => {
    const found = stacksOf({
      stacks: [{}, {}],
      perSlice: (slice, stack) => ({ EchoTime: 2.3 * (stack + 1) + slice * 0.001 }),
    });
    expect(found.map(({ frames }) => frames.length)).toEqual([5, 5]);
  });

  it('takes positions that differ by rounding for the same', () => {
    const found = stacksOf({
      stacks: [{ EchoTime: 2.3 }, { EchoTime: 4.6 }],
      perSlice: (slice, stack) => ({
        ImagePositionPatient: [-20, -15, -30 + 3 * slice + 0.004 * stack],
      }),
    });
    expect(found.map(({ id }) => id)).toEqual(['EchoTime=2.3', 'EchoTime=4.6']);
  });

  it('takes no key that differs for every slice', () => {
    const found = stacksOf({
      stacks: [{ InversionTime: 1 }, { InversionTime: 2 }],
      perSlice: (slice, stack) => ({ AcquisitionNumber: 2 * slice + stack }),
    });
    expect(found.map(({ id }) => id)).toEqual(['InversionTime=1', 'InversionTime=2']);
  });

  it('takes two keys where one is not enough: phases of a Dixon', () => {
    const phases = [1, 2].flatMap((TemporalPositionIdentifier) =>
      ['WATER', 'FAT'].map((part) => ({
        TemporalPositionIdentifier,
        ImageType: ['DERIVED', 'PRIMARY', part],
      })),
    );
    expect(stacksOf({ stacks: phases }).map(({ id }) => id)).toEqual([
      'ImageType=FAT;TemporalPositionIdentifier=1',
      'ImageType=FAT;TemporalPositionIdentifier=2',
      'ImageType=WATER;TemporalPositionIdentifier=1',
      'ImageType=WATER;TemporalPositionIdentifier=2',
    ]);
  });

  it('stays one stack when nothing tells the slices apart', () => {
    const found = stacksOf({ stacks: [{}, {}] });
    expect(found).toHaveLength(1);
    expect(found[0]?.frames).toHaveLength(10);
    expect(found[0]?.sliceSpacing).toBe(3);
  });

  it('has the same ids in whatever order the instances come', () => {
    const { metadata } = makeSeries({ stacks: [{ EchoTime: 2.3 }, { EchoTime: 4.6 }] });
    const forward = seriesHeaders(metadata);
    const backward = seriesHeaders([...metadata].reverse());
    expect(backward).toEqual(forward);
  });

  it('gives each plane of a localizer its own stack', () => {
    const metadata = (['axial', 'coronal', 'sagittal'] as const).flatMap(
      (orientation) =>
        makeSeries({
          orientation,
          slices: 2,
          seed: 'localizer',
          header: { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
        }).metadata,
    );
    expect(seriesHeaders(metadata).stacks.map(({ id, plane }) => [id, plane])).toEqual([
      ['Plane=axial', 'axial'],
      ['Plane=coronal', 'coronal'],
      ['Plane=sagittal', 'sagittal'],
    ]);
  });

  it('builds exactly the chosen stack', async () => {
    const series = makeSeries({ stacks: [{ EchoTime: 2.3 }, { EchoTime: 4.6 }] });
    const instances = series.instances.map(({ bytes }) => readInstance(bytes));
    for (const [stack, headers] of seriesHeaders(series.metadata).stacks.entries()) {
      const volume = await buildVolume(instances, { stackId: headers.id, frames: headers.frames });
      expect(volume.source?.stackId).toBe(headers.id);
      expect(volume.voxels[0]).toBe(defaultValue({ slice: 0, row: 0, column: 0, stack }));
      expect(volume.slices.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual(
        headers.frames.map(({ sopInstanceUid }) => sopInstanceUid),
      );
    }
  });
});
