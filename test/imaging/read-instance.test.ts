import { describe, expect, it } from '@jest/globals';

import { SitusError } from '../../src/contracts/index.ts';
import { readInstance } from '../../src/imaging/index.ts';
import { TRANSFER_SYNTAX, makeSeries, testUid, writePart10 } from '../support/dicom.ts';
import { refusalOf } from '../support/refusal.ts';
import { golden, goldenJson } from './goldens.ts';
import type { Expected } from './goldens.ts';

const expected = goldenJson<Expected>('expected.json');

function firstFile(options: Parameters<typeof makeSeries>[0] = {}): Uint8Array {
  const [instance] = makeSeries(options).instances;
  if (instance === undefined) throw new Error('no instance');
  return instance.bytes;
}

function outcomeOf(file: Uint8Array): string {
  try {
    return readInstance(file).pixels === null ? 'no pixel data' : 'whole';
  } catch (error) {
    return error instanceof SitusError ? error.code : 'untyped';
  }
}

describe('reading a DICOM file', () => {
  it.each(Object.entries(expected.names))('decodes the names of character set %s', (key, name) => {
    const { dataset, warnings } = readInstance(golden(`charset-${key}.dcm`));
    const [alphabetic, ideographic, phonetic] = name.split('=');
    expect(dataset['00100010']?.Value).toEqual([
      {
        Alphabetic: alphabetic,
        ...(ideographic === undefined ? {} : { Ideographic: ideographic }),
        ...(phonetic === undefined ? {} : { Phonetic: phonetic }),
      },
    ]);
    expect(dataset['00080005']?.Value).toEqual(['ISO_IR 192']);
    expect(warnings).toEqual([]);
  });

  it('warns about a character set that is not defined and still reads the text', () => {
    const { warnings, dataset } = readInstance(
      firstFile({ header: { SpecificCharacterSet: 'ISO_IR 999', PatientName: 'Łukasz' } }),
    );
    expect(warnings.map(({ code }) => code)).toEqual(['UNKNOWN_CHARACTER_SET']);
    expect(dataset['00100010']?.Value).toEqual([{ Alphabetic: 'Łukasz' }]);
  });

  it('keeps the digits of decimal strings and reads integers as numbers', () => {
    const { dataset } = readInstance(
      firstFile({
        header: {
          ImagePositionPatient: ['-12.50', '1e-3', '+100.000'],
          RescaleSlope: '0.10000000000000',
          InstanceNumber: '0007',
        },
      }),
    );
    expect(dataset['00200032']?.Value).toEqual(['-12.50', '1e-3', '+100.000']);
    expect(dataset['00281053']?.Value).toEqual(['0.10000000000000']);
    expect(dataset['00200013']?.Value).toEqual([7]);
  });

  it('reads nested sequences of undefined length, also one sent on as UN', () => {
    const { dataset } = readInstance(golden('sequences.dcm'));
    const source = dataset['00082112']?.Value?.[0] as Record<string, { Value?: unknown[] }>;
    const code = source['0040A170']?.Value?.[0] as Record<string, { Value?: unknown[] }>;
    expect(code['00080104']?.Value).toEqual(['Liver']);
    expect(source['00081155']?.Value).toEqual(['1.2.4']);
    const requested = dataset['00400275']?.Value?.[0] as Record<string, { Value?: unknown[] }>;
    expect(requested['00400007']?.Value).toEqual(['Liver']);
    // The private value holds the bytes of item and sequence delimiters.
    expect(dataset['00291001']?.InlineBinary).toBe('/v8N4AAAAAD+/93g');
  });

  it.each(['implicit', 'explicit', 'bigEndian', 'deflated'] as const)(
    'reads the same data set from %s',
    (syntax) => {
      const plain = readInstance(firstFile());
      const other = readInstance(firstFile({ transferSyntax: TRANSFER_SYNTAX[syntax] }));
      expect(other.dataset).toEqual(plain.dataset);
      expect(other.pixels?.kind).toBe('native');
    },
  );

  it('takes pixel data as views into the file, also from the middle of a larger buffer', () => {
    const file = firstFile();
    const larger = new Uint8Array(file.length + 100);
    larger.set(file, 33);
    const instance = readInstance(larger.subarray(33, 33 + file.length));
    if (instance.pixels?.kind !== 'native') throw new Error('expected native pixel data');
    expect(instance.pixels.bytes.buffer).toBe(larger.buffer);
    expect(instance.dataset).toEqual(readInstance(file).dataset);
  });

  it('has no value where the file has an empty one', () => {
    const { dataset } = readInstance(
      firstFile({ header: { PatientBirthDate: '', RepresentativeFrameNumber: [] } }),
    );
    expect(dataset['00100030']).toEqual({ vr: 'DA' });
    expect(dataset['00286010']).toEqual({ vr: 'US' });
  });

  it('refuses files that are no DICOM', async () => {
    const texts = ['', 'PNG', 'x'.repeat(500)];
    for (const text of texts) {
      const error = await refusalOf(() => readInstance(new TextEncoder().encode(text)));
      expect(error.code).toBe('NOT_DICOM');
    }
  });

  it('takes a directory of DICOM files for no DICOM object', async () => {
    const file = writePart10({ SOPClassUID: '1.2.840.10008.1.3.10', SOPInstanceUID: '2.25.1' });
    const error = await refusalOf(() => readInstance(file));
    expect(error.code).toBe('NOT_DICOM');
    expect(error.message).toContain('DICOMDIR');
  });

  it('never takes a cut file for a whole one', () => {
    const file = firstFile({ rows: 2, columns: 2, transferSyntax: TRANSFER_SYNTAX.rle });
    for (let length = 0; length < file.length; length++) {
      const outcome = outcomeOf(file.subarray(0, length));
      // Between two elements nothing shows the cut but the pixel data that never come.
      expect(['NOT_DICOM', 'TRUNCATED_FILE', 'INVALID_DICOM', 'no pixel data']).toContain(outcome);
    }
  });

  it('names the attribute at which the file ends', async () => {
    const file = firstFile();
    const error = await refusalOf(() => readInstance(file.subarray(0, file.length - 10)));
    expect(error.code).toBe('TRUNCATED_FILE');
    expect(error.message).toContain('PixelData (7FE0,0010)');
    expect(error.details).toMatchObject({ announced: 160, there: 150 });
  });

  it('refuses a file without identity', async () => {
    const error = await refusalOf(() =>
      readInstance(writePart10({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.4' })),
    );
    expect(error.code).toBe('INVALID_DICOM');
    expect(error.details).toMatchObject({ attribute: 'SOPInstanceUID' });
  });

  it('refuses a UID that is none', async () => {
    const error = await refusalOf(() =>
      readInstance(
        writePart10({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.4', SOPInstanceUID: '1.2.x' }),
      ),
    );
    expect(error.code).toBe('INVALID_DICOM');
    expect(error.message).toContain('no valid UID');
  });

  it('refuses a deflated data set that grows beyond the limit', async () => {
    const file = firstFile({ rows: 200, columns: 200, transferSyntax: TRANSFER_SYNTAX.deflated });
    expect(readInstance(file, { maximumInflatedBytes: 100_000 }).pixels).not.toBeNull();
    const error = await refusalOf(() => readInstance(file, { maximumInflatedBytes: 80_000 }));
    expect(error.code).toBe('DATA_SET_TOO_LARGE');
  });

  it('refuses sequences nested without end', async () => {
    const element = Buffer.concat([
      Buffer.from([0x08, 0x00, 0x12, 0x21]),
      Buffer.from('SQ\0\0'),
      Buffer.from([255, 255, 255, 255, 0xfe, 0xff, 0x00, 0xe0, 255, 255, 255, 255]),
    ]);
    const head = writePart10({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
      SOPInstanceUID: testUid('nested'),
    });
    const file = Buffer.concat([head, ...Array.from({ length: 5000 }, () => element)]);
    const error = await refusalOf(() => readInstance(file));
    expect(error.code).toBe('DATA_SET_TOO_LARGE');
  });
});
