import { describe, expect, it } from '@jest/globals';
import { memorySource } from '../../../src/segmentation/checkpoint/byte-source.ts';
import {
  CHECKPOINT_LIMITS,
  FOLDER_LIMITS,
  readEntry,
  readZip,
} from '../../../src/segmentation/checkpoint/zip.ts';
import type { ZipPart } from '../support/zip-writer.ts';
import { writeZip } from '../support/zip-writer.ts';
import { errorCode, errorOf } from '../support/errors.ts';

const text = (value: string): Uint8Array => new TextEncoder().encode(value);
const PARTS: ZipPart[] = [
  { name: 'root/a', bytes: text('first entry') },
  { name: 'root/b', bytes: text('second') },
];

function readAll(bytes: Uint8Array, limits = CHECKPOINT_LIMITS): Map<string, string> {
  const source = memorySource('test.zip', bytes);
  return new Map(
    [...readZip(source, limits)].map(([name, entry]) => [
      name,
      new TextDecoder().decode(readEntry(source, entry)),
    ]),
  );
}

describe('reading zip files', () => {
  it.each([false, true])('reads stored entries (zip64: %s)', (zip64) => {
    expect(readAll(writeZip(PARTS, zip64))).toEqual(
      new Map([
        ['root/a', 'first entry'],
        ['root/b', 'second'],
      ]),
    );
  });

  it('unpacks deflated entries of model archives and refuses them in checkpoints', () => {
    const bytes = writeZip([{ name: 'a', bytes: text('x'.repeat(5000)), deflate: true }]);
    expect(readAll(bytes, FOLDER_LIMITS).get('a')).toHaveLength(5000);
    expect(errorCode(() => readAll(bytes))).toBe('ZIP_COMPRESSION');
  });

  it('leaves directories out', () => {
    const bytes = writeZip([{ name: 'dir/', bytes: text('') }, ...PARTS]);
    expect([...readAll(bytes).keys()]).toEqual(['root/a', 'root/b']);
  });

  it.each<[string, ZipPart, string]>([
    [
      'a stored entry of another size',
      { name: 'a', bytes: text('abc'), claim: { size: 3e9 } },
      'ZIP_LYING_SIZES',
    ],
    ['a wrong checksum', { name: 'a', bytes: text('abc'), claim: { crc: 1 } }, 'ZIP_DAMAGED'],
    [
      'an offset beyond the file',
      { name: 'a', bytes: text('abc'), claim: { offset: 9e6 } },
      'ZIP_TRUNCATED',
    ],
    ['a climbing name', { name: '../a', bytes: text('abc') }, 'ZIP_UNSAFE_NAME'],
    ['an absolute name', { name: '/a', bytes: text('abc') }, 'ZIP_UNSAFE_NAME'],
    ['a backslash', { name: 'a\\b', bytes: text('abc') }, 'ZIP_UNSAFE_NAME'],
    ['encryption', { name: 'a', bytes: text('abc'), flags: 1 }, 'ZIP_ENCRYPTED'],
  ])('refuses %s', (_, part, code) => {
    expect(errorCode(() => readAll(writeZip([part])))).toBe(code);
  });

  it('refuses an entry that unpacks to more than it claims (bomb)', () => {
    const bytes = writeZip([
      { name: 'a', bytes: new Uint8Array(5_000_000), deflate: true, claim: { size: 10 } },
    ]);
    const error = errorOf(() => readAll(bytes, FOLDER_LIMITS));
    expect(error?.code).toBe('ZIP_LYING_SIZES');
    expect(error?.cause).toMatchObject({ code: 'ERR_BUFFER_TOO_LARGE' });
  });

  it('refuses more than the limit of unpacked bytes before unpacking', () => {
    const bytes = writeZip([
      { name: 'a', bytes: text('abc'), deflate: true, claim: { size: 4e9 } },
    ]);
    const limits = { ...FOLDER_LIMITS, maxTotalBytes: 1e9 };
    expect(errorCode(() => readAll(bytes, limits))).toBe('ZIP_TOO_LARGE');
  });

  it('refuses entries that share bytes', () => {
    const inner = writeZip([{ name: 'b', bytes: text('abc') }]).subarray(0, 34);
    const bytes = writeZip([
      { name: 'a', bytes: inner },
      { name: 'b', bytes: text('abc'), claim: { offset: 31 } },
    ]);
    expect(errorCode(() => readAll(bytes))).toBe('ZIP_LYING_SIZES');
  });

  it('refuses an entry whose own header names another file', () => {
    const bytes = writeZip([
      { name: 'a', bytes: text('abc') },
      { name: 'b', bytes: text('abc'), claim: { offset: 0 } },
    ]);
    expect(errorCode(() => readAll(bytes))).toBe('ZIP_DAMAGED');
  });

  it('refuses two entries of one name', () => {
    const bytes = writeZip([PARTS[0], PARTS[0]].flatMap((part) => (part ? [part] : [])));
    expect(errorCode(() => readAll(bytes))).toBe('ZIP_DAMAGED');
  });

  it('refuses too many entries', () => {
    const limits = { ...CHECKPOINT_LIMITS, maxEntries: 1 };
    expect(errorCode(() => readAll(writeZip(PARTS), limits))).toBe('ZIP_TOO_MANY_ENTRIES');
  });

  it('refuses every truncation by name of the fault, and never reads past the end', () => {
    const whole = writeZip(PARTS, true);
    for (let length = 0; length < whole.length; length += 1) {
      expect(errorCode(() => readAll(whole.subarray(0, length)))).toMatch(/^ZIP_/);
    }
  });

  it('refuses damage of any single byte or reads what was written', () => {
    const whole = writeZip(PARTS);
    const truth = [...readAll(whole).values()];
    for (let at = 0; at < whole.length; at += 1) {
      const damaged = Uint8Array.from(whole);
      damaged[at] = (damaged[at] ?? 0) ^ 0x55;
      const code = errorCode(() => {
        expect([...readAll(damaged).values()]).toEqual(truth);
      });
      expect(code ?? 'ZIP_none').toMatch(/^ZIP_/);
    }
  });
});
