import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { DicomJson, StudyListing } from '../../src/contracts/index.ts';
import { readInstance, seriesHeaders, studyHeaders } from '../../src/imaging/index.ts';
import { makeSeries, testUid } from '../support/dicom.ts';

describe('headers of a series', () => {
  it('has attributes by keyword, numbers as numbers, arrays only for several values', () => {
    const { attributes, instanceCount } = seriesHeaders(
      makeSeries({ header: { SequenceVariant: ['SP', 'OSP'], PatientAge: '064Y' } }).metadata,
    );
    expect(instanceCount).toBe(5);
    expect(attributes).toMatchObject({
      Modality: 'MR',
      EchoTime: 4.6,
      RepetitionTime: 6.7,
      SequenceVariant: ['SP', 'OSP'],
      ScanningSequence: 'GR',
      PixelSpacing: [1.5, 1.25],
      PatientAge: '064Y',
      Rows: 8,
    });
  });

  it('is the same from files as from metadata', () => {
    const series = makeSeries({ stacks: [{ EchoTime: 2.3 }, { EchoTime: 4.6 }] });
    const fromFiles = seriesHeaders(
      series.instances.map(({ bytes }) => readInstance(bytes).dataset),
    );
    expect(fromFiles).toEqual(seriesHeaders(series.metadata));
  });

  it('is the same for an enhanced object as for single frames, frame numbers apart', () => {
    const options = {
      stacks: [
        { EchoTime: 2.3, ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'OUT'] },
        { EchoTime: 4.6, ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'IN'] },
      ],
      order: 'shuffled',
    } as const;
    const classic = seriesHeaders(makeSeries(options).metadata).stacks;
    const enhanced = seriesHeaders(makeSeries({ ...options, enhanced: true }).metadata).stacks;
    expect(enhanced.map(({ id }) => id)).toEqual(['EchoTime=2.3', 'EchoTime=4.6']);
    for (const [i, stack] of enhanced.entries()) {
      const { attributes, plane, coverage, sliceSpacing, pixelSpacing } = classic[i] ?? {};
      expect(stack).toMatchObject({ plane, coverage, sliceSpacing, pixelSpacing });
      expect(stack.attributes['EchoTime']).toBe(attributes?.['EchoTime']);
      expect(stack.attributes['ImageType']).toEqual(attributes?.['ImageType']);
      expect(stack.frames.every(({ frameNumber }) => frameNumber !== null)).toBe(true);
    }
  });

  it('says nothing of the series that one of its stacks lacks', () => {
    const headers = seriesHeaders(
      makeSeries({
        stacks: [{ AcquisitionTime: '1' }, { AcquisitionTime: '2', ContrastBolusAgent: 'Gd' }],
      }).metadata,
    );
    expect(headers.attributes).not.toHaveProperty('ContrastBolusAgent');
    expect(headers.stacks.map(({ attributes }) => attributes['ContrastBolusAgent'])).toEqual([
      undefined,
      'Gd',
    ]);
  });

  it.each([
    ['axial', [1, 0, 0, 0, 1, 0]],
    ['coronal', [1, 0, 0, 0, 0, -1]],
    ['sagittal', [0, 1, 0, 0, 0, -1]],
    ['axial', [1, 0, 0, 0, 0.9205, 0.3907]],
    ['oblique', [1, 0, 0, 0, 0.7071, 0.7071]],
  ] as const)('calls the plane %s of %j', (plane, orientation) => {
    expect(seriesHeaders(makeSeries({ orientation }).metadata).stacks[0]?.plane).toBe(plane);
  });

  it('has a stack without plane where there is no geometry', () => {
    const { stacks } = seriesHeaders(
      makeSeries({
        slices: 2,
        header: {
          ImageOrientationPatient: undefined,
          ImagePositionPatient: undefined,
          PixelSpacing: undefined,
        },
      }).metadata,
    );
    expect(stacks).toHaveLength(1);
    expect(stacks[0]).toMatchObject({
      id: 'all',
      plane: null,
      coverage: null,
      sliceSpacing: null,
      pixelSpacing: null,
    });
    expect(stacks[0]?.frames).toHaveLength(2);
  });

  it('has no stack for objects that are no images', () => {
    const headers = seriesHeaders(
      makeSeries({ header: { Rows: undefined, Columns: undefined, Modality: 'SR' } }).metadata,
    );
    expect(headers.stacks).toEqual([]);
    expect(headers.attributes['Modality']).toBe('SR');
  });

  it('takes a turning projection for one stack without plane', () => {
    const metadata = Array.from({ length: 100 }, (_, i) => {
      const [c, s] = [Math.cos(i / 20), Math.sin(i / 20)];
      return makeSeries({ slices: 1, seed: 'mip', orientation: [c, s, 0, 0, 0, -1] }).metadata;
    }).flat();
    const { stacks } = seriesHeaders(metadata);
    expect(stacks).toHaveLength(1);
    expect(stacks[0]).toMatchObject({ plane: null, sliceSpacing: null });
  });

  it('never throws, whatever the metadata hold (property)', () => {
    const value = fc.oneof(
      fc.constant(null),
      fc.double(),
      fc.string(),
      fc.integer(),
      fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, 1e300),
      fc.record({ Alphabetic: fc.anything() }, { requiredKeys: [] }),
    );
    const element = fc.record(
      { vr: fc.constantFrom('DS', 'SQ', 'LO', 'US'), Value: fc.array(value, { maxLength: 8 }) },
      { requiredKeys: ['vr'] },
    );
    const [regular] = makeSeries({ enhanced: true, slices: 2 }).metadata;
    const tags = Object.keys(regular ?? {});
    const dataset = fc
      .dictionary(fc.constantFrom(...tags), element, { maxKeys: 12 })
      .map((odd): DicomJson => ({ ...regular, ...odd }));
    fc.assert(
      fc.property(fc.array(dataset, { maxLength: 5 }), (metadata) => {
        const headers = seriesHeaders(metadata);
        expect(headers.instanceCount).toBe(metadata.length);
      }),
      { numRuns: 300, seed: 7 },
    );
  });
});

describe('headers of a study', () => {
  const first = makeSeries({ seed: 'first' });
  const listing: StudyListing = {
    archive: 'main',
    studyInstanceUid: first.studyInstanceUid,
    studyDate: '20261102',
    studyDescription: 'Abdomen',
    modalities: ['MR'],
    attributes: { '00081030': { vr: 'LO', Value: ['As listed'] } },
    series: [
      {
        seriesInstanceUid: first.seriesInstanceUid,
        modality: 'MR',
        seriesNumber: '3',
        seriesDescription: 'listed',
        sopInstanceUids: first.instances.map(({ sopInstanceUid }) => sopInstanceUid),
      },
      {
        seriesInstanceUid: testUid('empty'),
        modality: 'PR',
        seriesNumber: '9',
        seriesDescription: 'Presentation',
        sopInstanceUids: ['2.25.1', '2.25.2'],
      },
    ],
  };

  it('has every listed series, also one whose metadata did not come', () => {
    const { series, attributes } = studyHeaders(listing, [first.metadata, []]);
    expect(series.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual([
      first.seriesInstanceUid,
      testUid('empty'),
    ]);
    expect(series[0]?.attributes['SeriesDescription']).toBe('t1_vibe_dixon_tra_bh_in');
    expect(series[1]).toMatchObject({
      instanceCount: 2,
      attributes: { Modality: 'PR', SeriesDescription: 'Presentation', SeriesNumber: 9 },
      stacks: [],
    });
    expect(attributes['StudyDescription']).toBe('Abdomen');
  });
});
