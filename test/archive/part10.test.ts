import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { sopInstanceUidOf } from '../../src/archive/index.ts';
import { makeSeries, TRANSFER_SYNTAX } from '../support/dicom.ts';

function instance(transferSyntax?: string) {
  const options = transferSyntax === undefined ? {} : { transferSyntax };
  const [one] = makeSeries({ slices: 1, ...options }).instances;
  if (one === undefined) throw new Error('a series has an instance');
  return one;
}

/** Explicit VR little endian, for elements that writers of tests refuse to make. */
function element(
  group: number,
  number: number,
  vr: string,
  value: Buffer,
  length?: number,
): Buffer {
  const isLong = ['SQ', 'UN', 'OB'].includes(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(group, 0);
  head.writeUInt16LE(number, 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(length ?? value.length, 8);
  else head.writeUInt16LE(length ?? value.length, 6);
  return Buffer.concat([head, value]);
}

function file(...elements: Buffer[]): Buffer {
  const meta = element(2, 0x10, 'UI', Buffer.from('1.2.840.10008.1.2.1\0'));
  return Buffer.concat([Buffer.alloc(128), Buffer.from('DICM'), meta, ...elements]);
}

function delimiter(number: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeUInt16LE(0xfffe, 0);
  bytes.writeUInt16LE(number, 2);
  return bytes;
}

function undefinedItem(...content: Buffer[]): Buffer {
  const item = delimiter(0xe000);
  item.writeUInt32LE(0xffffffff, 4);
  return Buffer.concat([item, ...content, delimiter(0xe00d)]);
}

const uid = element(8, 0x18, 'UI', Buffer.from('1.2.3\0'));

describe('the SOP Instance UID of a file', () => {
  it.each(
    Object.entries(TRANSFER_SYNTAX).filter(
      ([name]) => !['rle', 'deflatedFrame', 'encapsulatedUncompressed'].includes(name),
    ),
  )('is read in %s', (_name, transferSyntax) => {
    const one = instance(transferSyntax);
    expect(sopInstanceUidOf(one.bytes)).toBe(one.sopInstanceUid);
  });

  it('is read behind sequences of undefined length, whatever is nested in them', () => {
    const inner = element(8, 0x18, 'UI', Buffer.from('9.9\0'));
    const nested = element(
      8,
      0x0006,
      'SQ',
      Buffer.concat([undefinedItem(inner), delimiter(0xe0dd)]),
      0xffffffff,
    );
    const outer = Buffer.concat([undefinedItem(nested), undefinedItem(), delimiter(0xe0dd)]);
    const sequence = element(8, 0x0006, 'SQ', outer, 0xffffffff);
    expect(sopInstanceUidOf(file(sequence, uid))).toBe('1.2.3');
  });

  it('is read from a view into a larger buffer', () => {
    const { bytes, sopInstanceUid } = instance();
    const larger = new Uint8Array(bytes.byteLength + 100).fill(0xff);
    larger.set(bytes, 37);
    expect(sopInstanceUidOf(larger.subarray(37, 37 + bytes.byteLength))).toBe(sopInstanceUid);
  });

  it.each([
    ['no DICM prefix', Buffer.alloc(200)],
    ['nothing', Buffer.alloc(0)],
    ['no UID', file(element(8, 0x20, 'DA', Buffer.from('20240101')))],
    ['a UID that is none', file(element(8, 0x18, 'UI', Buffer.from('../etc')))],
    ['a cut before the UID', file(uid).subarray(0, file(uid).length - 3)],
    [
      'items nested beyond reason',
      file(
        element(
          8,
          6,
          'SQ',
          Buffer.concat(
            Array.from({ length: 100_000 }, () => {
              const item = delimiter(0xe000);
              item.writeUInt32LE(0xffffffff, 4);
              return item;
            }),
          ),
          0xffffffff,
        ),
      ),
    ],
  ])('is null for %s', (_what, bytes) => {
    expect(sopInstanceUidOf(bytes)).toBeNull();
  });

  it('never fails on any bytes', () => {
    const { bytes } = instance();
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 600 }),
        fc.integer({ min: 0, max: 255 }),
        fc.integer({ min: 0, max: 700 }),
        (at, value, length) => {
          const broken = bytes.slice(0, length);
          broken[at] = value;
          const found = sopInstanceUidOf(broken);
          expect(found === null || /^[0-9.]+$/.test(found)).toBe(true);
        },
      ),
      { seed: 20260102, numRuns: 2000 },
    );
  });
});
