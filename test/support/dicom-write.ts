import { createHash } from 'node:crypto';
import { deflateRawSync } from 'node:zlib';

import { data, log } from 'dcmjs';
import type { DcmjsDataset } from 'dcmjs';

import type { DicomJson, DicomJsonElement } from '../../src/contracts/index.ts';

/** A data set for tests, by DICOM keyword. Numbers of DS elements are written with their shortest digits. */
export interface TestDataset {
  readonly [keyword: string]: TestValue;
}
export type TestValue =
  string | number | Uint8Array | readonly (string | number)[] | readonly TestDataset[];

export const TRANSFER_SYNTAX = {
  implicit: '1.2.840.10008.1.2',
  explicit: '1.2.840.10008.1.2.1',
  encapsulatedUncompressed: '1.2.840.10008.1.2.1.98',
  deflated: '1.2.840.10008.1.2.1.99',
  bigEndian: '1.2.840.10008.1.2.2',
  rle: '1.2.840.10008.1.2.5',
  deflatedFrame: '1.2.840.10008.1.2.8.1',
} as const;

const ENCAPSULATED = new Set<string>([
  TRANSFER_SYNTAX.encapsulatedUncompressed,
  TRANSFER_SYNTAX.rle,
  TRANSFER_SYNTAX.deflatedFrame,
  // HTJ2K lossless: the caller encodes.
  '1.2.840.10008.1.2.4.201',
]);

/** Numbers of these VRs stay numbers; everything else is text when it is written. */
const BINARY_NUMBERS = new Set(['US', 'SS', 'UL', 'SL', 'FL', 'FD', 'AT', 'UV', 'SV']);

log.setLevel('silent', false);
log.getLogger('validation.dcmjs').setLevel('silent', false);

/** A valid UID under 2.25 (PS3.5 B.2), the same for the same parts. */
export function testUid(...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256').update(parts.join('\u0000')).digest('hex').slice(0, 32);
  return `2.25.${BigInt(`0x${hash}`).toString(10)}`;
}

/** Digits of a DS: the shortest that keep the value within 16 characters. */
export function decimalString(value: number): string {
  for (let precision = 17; precision > 0; precision--) {
    const digits = String(Number(value.toPrecision(precision)));
    if (digits.length <= 16) return digits;
  }
  throw new Error(`${value} does not fit a DS`);
}

/**
 * A Part 10 file. `frames` are the bytes of each frame in little endian order, not yet encapsulated
 * nor compressed; they are encoded here as the transfer syntax asks.
 */
export function writePart10(
  dataset: TestDataset,
  transferSyntax: string = TRANSFER_SYNTAX.explicit,
  frames: readonly Uint8Array[] = [],
): Uint8Array {
  const elements = toElements(dataset);
  if (frames.length > 0) {
    const bits = Number(dataset['BitsAllocated'] ?? 16);
    elements['7FE00010'] = pixelElement(frames, bits, transferSyntax);
  }
  const deflated = transferSyntax === TRANSFER_SYNTAX.deflated;
  const file = new data.DicomDict({
    '00020001': { vr: 'OB', Value: [new Uint8Array([0, 1]).buffer] },
    '00020002': { vr: 'UI', Value: [textOf(dataset, 'SOPClassUID')] },
    '00020003': { vr: 'UI', Value: [textOf(dataset, 'SOPInstanceUID')] },
    '00020010': { vr: 'UI', Value: [deflated ? TRANSFER_SYNTAX.explicit : transferSyntax] },
    '00020012': { vr: 'UI', Value: ['2.25.1'] },
  });
  file.dict = elements;
  const bytes = new Uint8Array(file.write({ fragmentMultiframe: false }));
  return deflated ? deflate(bytes) : bytes;
}

/** A single-valued text attribute; empty when it is absent. */
export function textOf(dataset: TestDataset, keyword: string): string {
  const value = dataset[keyword];
  return typeof value === 'string' ? value : '';
}

/** The data set as WADO-RS metadata (PS3.18 F.2) shows it: numbers as numbers, no pixel data. */
export function toDicomJson(dataset: TestDataset): DicomJson {
  const json: Record<string, DicomJsonElement> = {};
  for (const [keyword, value] of Object.entries(dataset)) {
    const { tag, vr } = lookUp(keyword, dataset);
    if (value instanceof Uint8Array) continue;
    const values = (Array.isArray(value) ? value : [value]) as readonly (
      string | number | TestDataset
    )[];
    const empty = values.length === 0 || (values.length === 1 && values[0] === '');
    json[tag] = empty ? { vr } : { vr, Value: values.map((one) => jsonValue(vr, one)) };
  }
  return json;
}

function jsonValue(vr: string, value: string | number | TestDataset): unknown {
  if (typeof value === 'object') return toDicomJson(value);
  if (vr === 'PN') return { Alphabetic: String(value) };
  if (vr === 'DS' || vr === 'IS' || BINARY_NUMBERS.has(vr)) return Number(value);
  return String(value);
}

function toElements(dataset: TestDataset): DcmjsDataset {
  const elements: DcmjsDataset = {};
  for (const [keyword, value] of Object.entries(dataset)) {
    const { tag, vr } = lookUp(keyword, dataset);
    elements[tag] = { vr, Value: elementValues(vr, value) };
  }
  return elements;
}

function elementValues(vr: string, value: TestValue): unknown[] {
  if (value instanceof Uint8Array) return [Uint8Array.from(value).buffer];
  const values = (Array.isArray(value) ? value : [value]) as (string | number | TestDataset)[];
  return values.map((one) => {
    if (typeof one === 'object') return toElements(one);
    if (typeof one === 'string' || BINARY_NUMBERS.has(vr)) return one;
    return vr === 'DS' ? decimalString(one) : String(one);
  });
}

function lookUp(keyword: string, dataset: TestDataset): { tag: string; vr: string } {
  const entry = data.DicomMetaDictionary.nameMap[keyword];
  if (entry === undefined) throw new Error(`${keyword} is no DICOM keyword`);
  const tag = entry.tag.replace(/[(),]/g, '');
  if (entry.vr === 'xs') {
    return { tag, vr: dataset['PixelRepresentation'] === 1 ? 'SS' : 'US' };
  }
  return { tag, vr: entry.vr === 'ox' ? 'OB' : entry.vr };
}

function pixelElement(frames: readonly Uint8Array[], bits: number, transferSyntax: string) {
  if (ENCAPSULATED.has(transferSyntax)) {
    return { vr: 'OB', Value: frames.map((frame) => encodeFrame(frame, bits, transferSyntax)) };
  }
  const joined = Buffer.concat(frames);
  if (transferSyntax === TRANSFER_SYNTAX.bigEndian && bits === 16) joined.swap16();
  if (transferSyntax === TRANSFER_SYNTAX.bigEndian && bits === 32) joined.swap32();
  const padded = new Uint8Array(joined.length + (joined.length % 2));
  padded.set(joined);
  return { vr: bits > 8 ? 'OW' : 'OB', Value: [padded.buffer] };
}

function encodeFrame(frame: Uint8Array, bits: number, transferSyntax: string): ArrayBuffer {
  if (transferSyntax === TRANSFER_SYNTAX.rle) return encodeRle(frame, bits / 8).buffer;
  if (transferSyntax === TRANSFER_SYNTAX.deflatedFrame) {
    return Uint8Array.from(deflateRawSync(frame)).buffer;
  }
  return Uint8Array.from(frame).buffer;
}

/** RLE Lossless (PS3.5 Annex G): one segment a byte plane, most significant first. */
export function encodeRle(frame: Uint8Array, bytesPerSample: number): Uint8Array<ArrayBuffer> {
  const header = new DataView(new ArrayBuffer(64));
  header.setUint32(0, bytesPerSample, true);
  const parts: number[] = [];
  for (let plane = 0; plane < bytesPerSample; plane++) {
    header.setUint32(4 + 4 * plane, 64 + parts.length, true);
    const bytes: number[] = [];
    for (let i = bytesPerSample - 1 - plane; i < frame.length; i += bytesPerSample) {
      bytes.push(frame[i] ?? 0);
    }
    parts.push(...packBits(bytes));
    if (parts.length % 2 === 1) parts.push(0);
  }
  const encoded = new Uint8Array(64 + parts.length);
  encoded.set(new Uint8Array(header.buffer));
  encoded.set(parts, 64);
  return encoded;
}

function packBits(bytes: readonly number[]): number[] {
  const packed: number[] = [];
  let literal: number[] = [];
  const flush = () => {
    if (literal.length > 0) packed.push(literal.length - 1, ...literal);
    literal = [];
  };
  for (let i = 0; i < bytes.length;) {
    let run = 1;
    while (run < 128 && i + run < bytes.length && bytes[i + run] === bytes[i]) run++;
    if (run > 2) {
      flush();
      packed.push(257 - run, bytes[i] ?? 0);
      i += run;
    } else {
      literal.push(bytes[i] ?? 0);
      if (literal.length === 128) flush();
      i++;
    }
  }
  flush();
  return packed;
}

/** dcmjs cannot write Deflated Explicit VR LE (dicom-seg-sr §1.9 rule 7): the data set is deflated here. */
function deflate(file: Uint8Array): Uint8Array {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const metaEnd = 144 + view.getUint32(140, true);
  const meta = Buffer.from(file.subarray(0, metaEnd));
  const from = Buffer.from(TRANSFER_SYNTAX.explicit.padEnd(20, '\u0000'), 'latin1');
  const at = meta.indexOf(Buffer.from([0x02, 0x00, 0x10, 0x00]));
  const before = meta.subarray(0, at + 8);
  const after = meta.subarray(at + 8 + from.length);
  const to = Buffer.from(TRANSFER_SYNTAX.deflated, 'latin1');
  const header = Buffer.concat([before, to, after]);
  header.writeUInt16LE(to.length, at + 6);
  header.writeUInt32LE(metaEnd - 144 + to.length - from.length, 140);
  const body = deflateRawSync(file.subarray(metaEnd));
  const pad = body.length % 2 === 1 ? [Buffer.alloc(1)] : [];
  return new Uint8Array(Buffer.concat([header, body, ...pad]));
}
