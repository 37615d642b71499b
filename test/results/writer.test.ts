import { describe, expect, it } from '@jest/globals';
import { ByteBuffer } from '../../src/results/dicom/buffer.ts';
import type { Dataset } from '../../src/results/dicom/dataset.ts';
import { writeFile } from '../../src/results/dicom/file.ts';
import { writeDataset } from '../../src/results/dicom/writer.ts';
import { rawItems, rawTexts, rawValue, readRaw } from '../support/dicom-objects.ts';

function written(dataset: Dataset): number[] {
  const buffer = new ByteBuffer();
  writeDataset(buffer, dataset);
  return [...buffer.view8()];
}

const ascii = (text: string): number[] => [...text].map((one) => one.charCodeAt(0));
const UID = { sopClassUid: '1.2.3', sopInstanceUid: '1.2.4' };

describe('the writer', () => {
  it('writes Explicit VR Little Endian in tag order, padded to even lengths', () => {
    expect(written({ Rows: 513, PatientID: 'abc', SOPInstanceUID: '1.2' })).toEqual([
      0x08, 0x00, 0x18, 0x00, ...ascii('UI'), 4, 0, ...ascii('1.2'), 0,
      0x10, 0x00, 0x20, 0x00, ...ascii('LO'), 4, 0, ...ascii('abc '),
      0x28, 0x00, 0x10, 0x00, ...ascii('US'), 2, 0, 1, 2,
    ]); // prettier-ignore
  });

  it('writes sequences and items with defined lengths, empty ones included', () => {
    expect(written({ SegmentSequence: [{ SegmentNumber: 1 }], ContentSequence: [] })).toEqual([
      0x40, 0x00, 0x30, 0xa7, ...ascii('SQ'), 0, 0, 0, 0, 0, 0,
      0x62, 0x00, 0x02, 0x00, ...ascii('SQ'), 0, 0, 18, 0, 0, 0,
      0xfe, 0xff, 0x00, 0xe0, 10, 0, 0, 0,
      0x62, 0x00, 0x04, 0x00, ...ascii('US'), 2, 0, 1, 0,
    ]); // prettier-ignore
  });

  it('writes tags, floats and text beyond ASCII so that another reader reads them back', () => {
    const bytes = writeFile(
      UID,
      {
        SpecificCharacterSet: 'ISO_IR 192',
        PatientName: 'Müller^Änne=山田^花子',
        FloatingPointValue: [0.1, -2.5e-30],
        DimensionIndexPointer: [0x0062000b],
        DimensionIndexValues: [4_000_000_000, 2],
        PatientComments: 'a\\b\r\nc',
      },
      null,
    );
    const read = readRaw(bytes);
    expect(rawTexts(read, '00100010')).toEqual(['Müller^Änne=山田^花子']);
    expect(read['0040A161']?.Value).toEqual([0.1, -2.5e-30]);
    expect(rawValue(read, '00209165')).toBe(0x0062000b);
    expect(read['00209157']?.Value).toEqual([4_000_000_000, 2]);
    expect(rawTexts(read, '00104000')).toEqual(['a\\b\r\nc']);
  });

  it('grows past its first buffer without losing what was written', () => {
    const items = Array.from({ length: 5_000 }, (_, index) => ({
      SegmentNumber: index + 1,
      SegmentLabel: `segment ${index + 1}`,
    }));
    const read = rawItems(readRaw(writeFile(UID, { SegmentSequence: items }, null)), '00620002');
    expect(read.map((item) => rawValue(item, '00620004'))).toEqual(
      items.map(({ SegmentNumber }) => SegmentNumber),
    );
    expect(rawTexts(read.at(-1), '00620005')).toEqual(['segment 5000']);
  });

  it.each<[string, Dataset]>([
    ['an unknown keyword', { PatientNmae: 'x' }],
    ['an unknown keyword inside an item', { SegmentSequence: [{ SegmentNumbr: 1 }] }],
    ['an over-long code string', { ContentLabel: 'ABCDEFGHIJKLMNOPQ' }],
    ['a lower-case code string', { ContentLabel: 'abc' }],
    ['an over-long decimal string', { SliceThickness: '0.12345678901234567' }],
    ['a number that is not finished text', { SliceThickness: 1.5 }],
    ['a decimal string that is no number', { SliceThickness: 'NaN' }],
    ['an integer out of range', { InstanceNumber: '99999999999' }],
    ['an unsigned short out of range', { Rows: 70_000 }],
    ['a broken unsigned short', { Rows: 1.5 }],
    ['an over-long label', { SegmentLabel: 'x'.repeat(65) }],
    ['a value separator inside one value', { SegmentLabel: 'a\\b' }],
    ['a control character', { SegmentLabel: 'a\u0007' }],
    ['a UID with a leading zero', { SOPInstanceUID: '1.02.3' }],
    ['a UID of more than 64 characters', { SOPInstanceUID: `1.${'2'.repeat(63)}` }],
    ['a UUID UID beyond 128 bits', { SOPInstanceUID: `2.25.${(1n << 128n).toString()}` }],
    ['a date that is none', { StudyDate: '20241301' }],
    ['a time that is none', { StudyTime: '250000' }],
    ['text where a sequence belongs', { SegmentSequence: 'x' }],
    ['a sequence where text belongs', { SegmentLabel: [{}] }],
    ['two values where the VR allows one', { PatientComments: ['a', 'b'] }],
    ['text where a tag belongs', { DimensionIndexPointer: 'x' }],
  ])('refuses %s', (_name, dataset) => {
    expect(() => written(dataset)).toThrow(
      expect.objectContaining({ code: expect.stringMatching(/^(INVALID_VALUE|UNKNOWN_KEYWORD)$/) }),
    );
  });

  it('writes verbatim elements as they are', () => {
    const long = 'x'.repeat(70);
    const bytes = writeFile(
      UID,
      { PatientID: { vr: 'LO', bytes: new TextEncoder().encode(long) } },
      null,
    );
    expect(rawTexts(readRaw(bytes), '00100020')).toEqual([long]);
  });
});
