import { describe, expect, it } from '@jest/globals';

import { decodeFrame, pixelFormatOf, readInstance } from '../../src/imaging/index.ts';
import type { ParsedInstance } from '../../src/imaging/index.ts';
import { TRANSFER_SYNTAX, makeSeries } from '../support/dicom.ts';
import type { SeriesOptions } from '../support/dicom.ts';
import { refusalOf } from '../support/refusal.ts';
import { golden, goldenJson, goldenNames } from './goldens.ts';
import type { Expected } from './goldens.ts';

const expected = goldenJson<Expected>('expected.json');
const place = { seriesInstanceUid: 'test' };

type Kind = 'signed16' | 'unsigned12' | 'unsigned8';

function kindOf(name: string): Kind {
  return /-(\w+)\.dcm$/.exec(name)?.[1] as Kind;
}

function decode(instance: ParsedInstance, frame = 0) {
  return decodeFrame(instance, pixelFormatOf(instance.dataset, place), frame);
}

function parsed(options: SeriesOptions): ParsedInstance {
  const [instance] = makeSeries({ slices: 1, ...options }).instances;
  if (instance === undefined) throw new Error('no instance');
  return readInstance(instance.bytes);
}

describe('decoding the pixel data of every transfer syntax', () => {
  const lossless = goldenNames(/-(signed16|unsigned12|unsigned8)\.dcm$/).filter(
    (name) => !/lossy|near|baseline|extended/.test(name),
  );

  it.each(lossless)('%s: every value as it was encoded', async (name) => {
    const { values, padding } = await decode(readInstance(golden(name)));
    expect(Array.from(values)).toEqual(expected[kindOf(name)]);
    expect(padding).toBeNull();
  });

  it.each(Object.keys(expected.decoded))('%s: as pydicom decodes it, within 1', async (name) => {
    const { values } = await decode(readInstance(golden(name)));
    const reference = expected.decoded[name] ?? [];
    const worst = Math.max(...reference.map((value, i) => Math.abs(value - (values[i] ?? 0))));
    expect(values).toHaveLength(reference.length);
    expect(worst).toBeLessThanOrEqual(1);
  });

  it.each(['table', 'no-table', 'no-table-split'])(
    'finds the frames of several with %s',
    async (name) => {
      const instance = readInstance(golden(`frames-${name}.dcm`));
      const even = expected.unsigned12;
      const odd = [...even].reverse();
      for (const [frame, values] of [even, odd, even].entries()) {
        expect(Array.from((await decode(instance, frame)).values)).toEqual(values);
      }
    },
  );

  it.each(['offsets', 'extendedOffsets'] as const)(
    'joins the fragments of each frame by %s where no marker tells them apart',
    async (table) => {
      const options = { rows: 6, columns: 4, bitsAllocated: 8, enhanced: true, slices: 3 } as const;
      const instance = parsed({
        ...options,
        transferSyntax: TRANSFER_SYNTAX.encapsulatedUncompressed,
      });
      if (instance.pixels?.kind !== 'encapsulated') throw new Error('expected fragments');
      // Cut after 10, 14 and 20 of 24 bytes; eight bytes of item header before each fragment.
      const fragments = instance.pixels.fragments.flatMap(({ bytes }, i) => {
        const cut = [10, 14, 20][i] ?? 0;
        return [bytes.subarray(0, cut), bytes.subarray(cut)];
      });
      const offsets = fragments.map((_, i) =>
        fragments.slice(0, i).reduce((sum, bytes) => sum + bytes.length + 8, 0),
      );
      const split = {
        ...instance,
        pixels: {
          ...instance.pixels,
          offsets: [],
          [table]: offsets.filter((_, i) => i % 2 === 0),
          fragments: fragments.map((bytes, i) => ({ offset: offsets[i] ?? 0, bytes })),
        },
      };
      for (const frame of [0, 1, 2]) {
        expect(await decode(split, frame)).toEqual(await decode(parsed(options), frame));
      }
      const lost = { ...split, pixels: { ...split.pixels, [table]: [] } };
      expect((await refusalOf(() => decode(lost))).code).toBe('DECODE_FAILED');
    },
  );

  it('extends the sign of a stream with fewer bits than are stored', async () => {
    const { default: openjph } = await import('@cornerstonejs/codec-openjph/wasmjs');
    const codec = await openjph({ print: () => undefined, printErr: () => undefined });
    const encoder = new codec.HTJ2KEncoder();
    const frame = { width: 40, height: 40, bitsPerSample: 8, componentCount: 1, isSigned: true };
    const pixels = Int8Array.from({ length: 1600 }, (_, i) => (i % 200) - 100);
    encoder
      .getDecodedBuffer({ ...frame, isUsingColorTransform: false })
      .set(new Uint8Array(pixels.buffer));
    encoder.setQuality(true, 0);
    encoder.encode();
    const bytes = encoder.getEncodedBuffer().slice();
    encoder.delete();
    const plain = parsed({ rows: 40, columns: 40, signed: true });
    const { values } = await decode({
      ...plain,
      transferSyntaxUid: '1.2.840.10008.1.2.4.201',
      pixels: {
        kind: 'encapsulated',
        fragments: [{ offset: 0, bytes }],
        offsets: [],
        extendedOffsets: [],
        extendedLengths: [],
      },
    });
    expect(Array.from(values)).toEqual(Array.from(pixels));
  });

  it.each([TRANSFER_SYNTAX.deflatedFrame, TRANSFER_SYNTAX.encapsulatedUncompressed])(
    'decodes %s',
    async (transferSyntax) => {
      const options = { rows: 7, columns: 5, bitsAllocated: 8, enhanced: true, slices: 3 } as const;
      const plain = parsed(options);
      const other = parsed({ ...options, transferSyntax });
      for (const frame of [0, 1, 2]) {
        expect(await decode(other, frame)).toEqual(await decode(plain, frame));
      }
    },
  );

  it('decodes extended JPEG of 8 bits (process 2) as that of the baseline', async () => {
    const baseline = readInstance(golden('jpeg-baseline-unsigned8.dcm'));
    const extended = { ...baseline, transferSyntaxUid: '1.2.840.10008.1.2.4.51' };
    expect(await decode(extended)).toEqual(await decode(baseline));
  });

  it('refuses extended JPEG of 12 bits that is cut, and decodes the next frame', async () => {
    const whole = readInstance(golden('jpeg-extended-unsigned12.dcm'));
    const name = 'jpeg-extended-unsigned12.dcm';
    if (whole.pixels?.kind !== 'encapsulated') throw new Error('expected fragments');
    for (const length of [30, 300, 1500]) {
      const fragments = whole.pixels.fragments.map(({ offset, bytes }) => ({
        offset,
        bytes: bytes.subarray(0, length),
      }));
      const cut = { ...whole, pixels: { ...whole.pixels, fragments } };
      expect((await refusalOf(() => decode(cut))).code).toBe('DECODE_FAILED');
    }
    expect(Array.from((await decode(whole)).values)).toEqual(expected.decoded[name]);
  });

  it.each(['1.2.840.10008.1.2.4.110', '1.2.840.10008.1.2.4.102', '1.2.3.4'])(
    'refuses %s, naming the UID',
    async (uid) => {
      const instance = { ...parsed({}), transferSyntaxUid: uid };
      const error = await refusalOf(() => decode(instance));
      expect(error.code).toBe('UNSUPPORTED_TRANSFER_SYNTAX');
      expect(error.message).toContain(uid);
      expect(error.details).toMatchObject({ transferSyntaxUid: uid });
    },
  );
});

describe('stored values', () => {
  it('masks what lies above the high bit and extends the sign', async () => {
    const words = [0x0fff, 0xf001, 0xf7ff, 0x0800, 0x1234];
    const value = ({ column }: { column: number }) => words[column] ?? 0;
    const size = { rows: 1, columns: 5, bitsStored: 12, value } as const;
    const unsigned = await decode(parsed(size));
    expect(Array.from(unsigned.values)).toEqual([0x0fff, 0x001, 0x7ff, 0x800, 0x234]);
    const signed = await decode(parsed({ ...size, signed: true }));
    expect(Array.from(signed.values)).toEqual([-1, 1, 2047, -2048, 0x234]);
  });

  it('takes values below a high bit that is not the last stored one', async () => {
    const { values } = await decode(
      parsed({ rows: 1, columns: 2, value: () => 0xabc0, header: { BitsStored: 12, HighBit: 15 } }),
    );
    expect(Array.from(values)).toEqual([0xabc, 0xabc]);
  });

  it('reads 32-bit values', async () => {
    const { values } = await decode(
      parsed({
        rows: 1,
        columns: 2,
        bitsAllocated: 32,
        header: { BitsStored: 32, HighBit: 31 },
        value: ({ column }) => (column === 0 ? 70000 : 4294967295),
      }),
    );
    expect(Array.from(values)).toEqual([70000, 4294967295]);
  });

  it.each([
    ['a value', { PixelPaddingValue: 100 }, [1, 0, 0, 0]],
    ['a range', { PixelPaddingValue: 100, PixelPaddingRangeLimit: 102 }, [1, 1, 1, 0]],
    [
      'a range the other way',
      { PixelPaddingValue: 102, PixelPaddingRangeLimit: 101 },
      [0, 1, 1, 0],
    ],
  ])('marks padding by %s', async (_, header, marks) => {
    const { padding } = await decode(
      parsed({ rows: 1, columns: 4, value: ({ column }) => 100 + column, header }),
    );
    expect(Array.from(padding ?? [])).toEqual(marks);
  });

  it('gives padding the sign of the pixels, whatever its VR says', async () => {
    const signed = {
      rows: 1,
      columns: 2,
      signed: true,
      value: ({ column }: { column: number }) => (column === 0 ? -2000 : 5),
    } as const;
    const instance = parsed({ ...signed, header: { PixelPaddingValue: -2000 } });
    const mislabelled = {
      ...instance,
      dataset: { ...instance.dataset, '00280120': { vr: 'US', Value: [63536] } },
    };
    for (const one of [instance, mislabelled]) {
      expect(Array.from((await decode(one)).padding ?? [])).toEqual([1, 0]);
    }
  });

  it('sees a padding value that lies outside the stored bits', async () => {
    const { padding } = await decode(
      parsed({
        rows: 1,
        columns: 2,
        bitsStored: 12,
        value: ({ column }) => (column === 0 ? 63536 : 2096),
        header: { PixelPaddingValue: 63536 },
      }),
    );
    expect(Array.from(padding ?? [])).toEqual([1, 0]);
  });
});

describe('pixel data that cannot be used', () => {
  const refused: readonly [string, NonNullable<SeriesOptions['header']>, string][] = [
    ['MONOCHROME1', { PhotometricInterpretation: 'MONOCHROME1' }, 'PhotometricInterpretation'],
    [
      'colour',
      { PhotometricInterpretation: 'RGB', SamplesPerPixel: 3 },
      'PhotometricInterpretation',
    ],
    ['palette', { PhotometricInterpretation: 'PALETTE COLOR' }, 'PhotometricInterpretation'],
    ['several samples', { SamplesPerPixel: 3 }, 'SamplesPerPixel'],
    ['1 bit', { BitsAllocated: 1, BitsStored: 1, HighBit: 0 }, 'BitsAllocated'],
    ['24 bits', { BitsAllocated: 24, BitsStored: 24, HighBit: 23 }, 'BitsAllocated'],
    ['more stored than allocated', { BitsStored: 17, HighBit: 16 }, 'BitsStored'],
    ['a high bit below the stored', { BitsStored: 12, HighBit: 10 }, 'HighBit'],
    ['no matrix', { Rows: undefined }, 'Rows'],
    ['an empty matrix', { Columns: 0 }, 'Columns'],
    ['a giant matrix', { Rows: 65535, Columns: 65535 }, 'Rows × Columns'],
    ['no frames', { NumberOfFrames: 0 }, 'NumberOfFrames'],
    ['a giant count of frames', { NumberOfFrames: 2000000000 }, 'NumberOfFrames'],
  ];
  it.each(refused)('refuses %s', async (_, header, attribute) => {
    const error = await refusalOf(() => pixelFormatOf(parsed({ header }).dataset, place));
    expect(error.code).toBe('UNSUPPORTED_PIXEL_FORMAT');
    expect(error.details).toMatchObject({ attribute });
    expect(error.message).toContain(attribute);
  });

  it('refuses a modality lookup table', async () => {
    const error = await refusalOf(() =>
      pixelFormatOf(
        parsed({ header: { ModalityLUTSequence: [{ ModalityLUTType: 'HU' }] } }).dataset,
        place,
      ),
    );
    expect(error.code).toBe('UNSUPPORTED_MODALITY_LUT');
  });

  it('refuses short and long pixel data with both counts', async () => {
    const short = await refusalOf(() => decode(parsed({ header: { Rows: 9 } })));
    expect(short.code).toBe('TRUNCATED_PIXEL_DATA');
    expect(short.details).toMatchObject({ bytes: 160, needed: 180 });
    const long = await refusalOf(() => decode(parsed({ header: { Rows: 7 } })));
    expect(long.code).toBe('PIXEL_DATA_MISMATCH');
  });

  it('refuses a stream whose size differs from the data set before decoding it', async () => {
    for (const name of ['jpeg2000', 'jpeg-ls', 'jpeg-lossless-sv1', 'htj2k', 'rle']) {
      const instance = readInstance(golden(`${name}-unsigned12.dcm`));
      const wrong = {
        ...instance,
        dataset: { ...instance.dataset, '00280010': { vr: 'US', Value: [400] } },
      };
      const error = await refusalOf(() => decode(wrong));
      expect(error.code).toBe('DECODE_FAILED');
      expect(error.details).toMatchObject({ sopInstanceUids: [instance.sopInstanceUid] });
    }
  });

  it('refuses fewer fragments than frames', async () => {
    const instance = readInstance(golden('jpeg2000-unsigned12.dcm'));
    const several = {
      ...instance,
      dataset: { ...instance.dataset, '00280008': { vr: 'IS', Value: [3] } },
    };
    const error = await refusalOf(() => decode(several));
    expect(error.code).toBe('INCOMPLETE_SERIES');
    expect(error.details).toMatchObject({ expected: 3, received: 1 });
  });

  it('decodes the next frame after a codec gave up', async () => {
    for (const name of ['jpeg2000', 'jpeg-ls', 'htj2k']) {
      const instance = readInstance(golden(`${name}-unsigned12.dcm`));
      if (instance.pixels?.kind !== 'encapsulated') throw new Error('expected fragments');
      const [fragment] = instance.pixels.fragments;
      const bytes = Uint8Array.from(fragment?.bytes ?? []);
      bytes.fill(0xff, 60);
      const broken = {
        ...instance,
        pixels: { ...instance.pixels, fragments: [{ offset: 0, bytes }] },
      };
      await decode(broken).catch(() => null);
      const { values } = await decode(instance);
      expect(Array.from(values)).toEqual(expected.unsigned12);
    }
  });
});
