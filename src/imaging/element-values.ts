import { data } from 'dcmjs';

import type { DicomJsonElement } from '../contracts/index.ts';

import type { TextDecode } from './charset.ts';

const IMPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2';
const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const EXPLICIT_BIG_ENDIAN = '1.2.840.10008.1.2.2';

export interface Encoding {
  readonly implicit: boolean;
  readonly bigEndian: boolean;
}

/** Text by Specific Character Set; all other text is ASCII (PS3.5 6.2). */
const ENCODED_TEXT = new Set(['LO', 'LT', 'PN', 'SH', 'ST', 'UC', 'UT']);
/** Text whose backslash does not separate values. */
const SINGLE_TEXT = new Set(['LT', 'ST', 'UR', 'UT']);
const ASCII_TEXT = new Set(['AE', 'AS', 'CS', 'DA', 'DS', 'DT', 'IS', 'TM', 'UI', 'UR']);
const NUMBERS: Readonly<Record<string, number>> = {
  AT: 4,
  FD: 8,
  FL: 4,
  SL: 4,
  SS: 2,
  UL: 4,
  US: 2,
  UV: 8,
};

/** Reads single elements of one file with dcmjs. */
export class ElementReader {
  readonly #stream: InstanceType<typeof data.ReadBufferStream>;
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
    this.#stream = new data.ReadBufferStream(bytes.buffer as ArrayBuffer, true, { noCopy: false });
  }

  /**
   * The element that starts at `offset`, as DICOM JSON. The caller has checked that it lies inside
   * the file, is no sequence, is not empty and is not larger than the limit: dcmjs checks none of
   * that (it reads past ends, returns 0 for empty numbers and short text for cut files).
   */
  read(
    offset: number,
    valueOffset: number,
    length: number,
    encoding: Encoding,
    text: TextDecode,
  ): DicomJsonElement {
    this.#stream.offset = this.#bytes.byteOffset + offset;
    const syntax = encoding.implicit
      ? IMPLICIT_LITTLE_ENDIAN
      : encoding.bigEndian
        ? EXPLICIT_BIG_ENDIAN
        : EXPLICIT_LITTLE_ENDIAN;
    const { vr, values } = data.DicomMessage._readTag(this.#stream, syntax);
    const type = vr.type === 'xs' ? 'US' : vr.type;
    const raw = this.#bytes.subarray(valueOffset, valueOffset + length);
    if (ENCODED_TEXT.has(type)) return textElement(type, text(raw));
    if (ASCII_TEXT.has(type)) return textElement(type, latin1(raw));
    const size = NUMBERS[type];
    if (size !== undefined && length % size === 0) {
      return { vr: type, Value: (Array.isArray(values) ? values : [values]).map(jsonNumber(type)) };
    }
    return { vr: size === undefined ? type : 'UN', InlineBinary: base64(raw) };
  }
}

function jsonNumber(vr: string): (value: unknown) => unknown {
  if (vr !== 'AT') return (value) => (typeof value === 'bigint' ? Number(value) : value);
  return (value) => Number(value).toString(16).toUpperCase().padStart(8, '0');
}

/** Taken from the bytes, not from dcmjs: it splits at 0x5C, which can be half of a Japanese character. */
function textElement(vr: string, decoded: string): DicomJsonElement {
  const parts = SINGLE_TEXT.has(vr) ? [decoded] : decoded.split('\\');
  const values = parts.map((part) => textValue(vr, part));
  return values.every((value) => value === null) ? { vr } : { vr, Value: values };
}

function textValue(vr: string, part: string): unknown {
  const bare = part.replaceAll('\u0000', '');
  const value = SINGLE_TEXT.has(vr) ? bare.trimEnd() : bare.trim();
  if (value === '') return null;
  if (vr === 'PN') return personName(value);
  if (vr === 'IS') return /^[+-]?\d+$/.test(value) ? Number(value) : value;
  return value;
}

function personName(value: string): Record<string, string> {
  const groups = value.split('=');
  const name: Record<string, string> = {};
  for (const [i, key] of ['Alphabetic', 'Ideographic', 'Phonetic'].entries()) {
    const group = groups[i]?.trim() ?? '';
    if (group !== '') name[key] = group;
  }
  return name;
}

function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
}
