import { inflateRawSync } from 'node:zlib';

import { messageOf } from '../contracts/index.ts';

import { jpeg2000Info, jpegInfo } from './codecs/codestream.ts';
import type { CodestreamInfo } from './codecs/codestream.ts';
import { decodeWith } from './codecs/emscripten.ts';
import type { DecodedSamples } from './codecs/emscripten.ts';
import { decodeRle } from './codecs/rle.ts';
import { decodeTwelveBitJpeg } from './codecs/twelve-bit.ts';
import { encapsulatedFrame, nativeFrame, placeOf } from './frame-bytes.ts';
import type { ParsedInstance } from './parsed-instance.ts';
import type { PixelFormat } from './pixel-format.ts';
import { refuseSeries } from './refusal.ts';
import type { Place } from './refusal.ts';

/** Samples in little endian order, still with whatever lies above the high bit. */
type Samples = Pick<DecodedSamples, 'bytes' | 'bits' | 'signed'>;
type Decode = (encoded: Uint8Array, format: PixelFormat) => Samples | Promise<Samples>;

/** Transfer syntaxes with uncompressed pixel data; the value says whether the bytes are swapped. */
const NATIVE: Readonly<Record<string, boolean>> = {
  '1.2.840.10008.1.2': false,
  '1.2.840.10008.1.2.1': false,
  '1.2.840.10008.1.2.1.99': false,
  '1.2.840.10008.1.2.2': true,
};

/** Transfer syntaxes with encapsulated pixel data (dicom-seg-sr §5.3). */
const ENCAPSULATED: Readonly<Record<string, Decode>> = {
  '1.2.840.10008.1.2.1.98': (encoded, format) => plain(dropPad(encoded, sizeOf(format)), format),
  '1.2.840.10008.1.2.4.50': jpeg,
  '1.2.840.10008.1.2.4.51': jpeg,
  '1.2.840.10008.1.2.4.57': jpegLossless,
  '1.2.840.10008.1.2.4.70': jpegLossless,
  '1.2.840.10008.1.2.4.80': jpegLs,
  '1.2.840.10008.1.2.4.81': jpegLs,
  '1.2.840.10008.1.2.4.90': jpeg2000,
  '1.2.840.10008.1.2.4.91': jpeg2000,
  '1.2.840.10008.1.2.4.201': highThroughput,
  '1.2.840.10008.1.2.4.202': highThroughput,
  '1.2.840.10008.1.2.4.203': highThroughput,
  '1.2.840.10008.1.2.5': (encoded, format) =>
    plain(decodeRle(encoded, format.rows * format.columns, format.bitsAllocated / 8), format),
  '1.2.840.10008.1.2.8.1': (encoded, format) =>
    plain(inflateRawSync(encoded, { maxOutputLength: sizeOf(format) + 1 }), format),
};

/** UIDs of every transfer syntax whose pixels `decodeFrame` reads. */
export const TRANSFER_SYNTAXES_READ: readonly string[] = [
  ...Object.keys(NATIVE),
  ...Object.keys(ENCAPSULATED),
];

export type StoredValues =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array;

/** One frame as stored values (before rescaling): masked to BitsStored and sign-extended. */
export interface StoredFrame {
  readonly values: StoredValues;
  /** 1 where the stored value is padding; null when there is none in this frame. */
  readonly padding: Uint8Array | null;
}

/**
 * Decodes one frame.
 *
 * @param index 0-based frame index.
 * @throws SitusError UNSUPPORTED_TRANSFER_SYNTAX names the UID; DECODE_FAILED the codec's words;
 *   TRUNCATED_PIXEL_DATA, PIXEL_DATA_MISMATCH, INCOMPLETE_SERIES, NO_IMAGES, UNSUPPORTED_PIXEL_FORMAT.
 */
export async function decodeFrame(
  instance: ParsedInstance,
  format: PixelFormat,
  index: number,
): Promise<StoredFrame> {
  return decodeCut(cutFrame(instance, format, index));
}

/**
 * One frame cut out of its instance: all that decoding it takes, in a form that can be sent to another
 * thread. `bytes` is a view into the file.
 */
export interface CutFrame {
  readonly bytes: Uint8Array;
  readonly encapsulated: boolean;
  readonly transferSyntaxUid: string;
  readonly format: PixelFormat;
  readonly place: Place;
}

/**
 * Cuts one frame out of its instance; uncompressed samples are put in little endian order.
 *
 * @param index 0-based frame index.
 * @throws SitusError as `decodeFrame`, all but what the codecs say.
 */
export function cutFrame(instance: ParsedInstance, format: PixelFormat, index: number): CutFrame {
  const place = placeOf(instance, format.frames > 1 ? index + 1 : null);
  const { pixels, transferSyntaxUid } = instance;
  const swapped = NATIVE[transferSyntaxUid];
  const isEncapsulated = ENCAPSULATED[transferSyntaxUid] !== undefined;
  if (pixels === null) {
    throw refuseSeries(
      'NO_IMAGES',
      place,
      'the object has no pixel data.',
      'Choose a series of images.',
    );
  }
  if (pixels.kind === 'float') {
    throw refuseSeries(
      'UNSUPPORTED_PIXEL_FORMAT',
      place,
      'the pixel data are floating point numbers, which Situs does not read.',
      'Choose a series of original images with integer pixel data.',
      { attribute: 'FloatPixelData' },
    );
  }
  if (swapped === undefined && !isEncapsulated) throw unsupported(transferSyntaxUid, place);
  if (pixels.kind === 'native') {
    if (swapped === undefined) throw notAsSaid(transferSyntaxUid, 'not encapsulated', place);
    const bytes = nativeFrame(pixels.bytes, format, index, place);
    const ordered = swapped ? swap(bytes, format, pixels.vr, index) : bytes;
    return { bytes: ordered, encapsulated: false, transferSyntaxUid, format, place };
  }
  if (!isEncapsulated) throw notAsSaid(transferSyntaxUid, 'encapsulated', place);
  const bytes = encapsulatedFrame(pixels, format.frames, index, place);
  return { bytes, encapsulated: true, transferSyntaxUid, format, place };
}

/** Decodes a frame that was cut out. @throws SitusError UNSUPPORTED_TRANSFER_SYNTAX, DECODE_FAILED. */
export async function decodeCut(frame: CutFrame): Promise<StoredFrame> {
  return toStored(await samplesOf(frame), frame.format, frame.place);
}

async function samplesOf(frame: CutFrame): Promise<Samples> {
  const { bytes, encapsulated, transferSyntaxUid, format, place } = frame;
  if (!encapsulated) return plain(bytes, format);
  const decode = ENCAPSULATED[transferSyntaxUid];
  if (decode === undefined) throw unsupported(transferSyntaxUid, place);
  try {
    return await decode(bytes, format);
  } catch (error) {
    if (error instanceof NoDecoder) throw unsupported(transferSyntaxUid, place, error.message);
    throw refuseSeries(
      'DECODE_FAILED',
      place,
      `the pixel data (transfer syntax ${transferSyntaxUid}) cannot be decoded: ${messageOf(error)}.`,
      'Fetch the instance again, or ask the archive for Explicit VR Little Endian.',
      { transferSyntaxUid },
      error,
    );
  }
}

/** A kind of stream inside a supported transfer syntax for which there is no decoder. */
class NoDecoder extends Error {}

function plain(bytes: Uint8Array, format: PixelFormat): Samples {
  return { bytes, bits: format.bitsAllocated, signed: false };
}

function dropPad(bytes: Uint8Array, size: number): Uint8Array {
  return bytes.length === size + 1 ? bytes.subarray(0, size) : bytes;
}

function sizeOf(format: PixelFormat): number {
  return (format.rows * format.columns * format.bitsAllocated) / 8;
}

async function jpeg(encoded: Uint8Array, format: PixelFormat): Promise<Samples> {
  const info = expect(jpegInfo(encoded), format);
  if (info.bits === 12) return decodeTwelveBitJpeg(encoded, info);
  if (info.bits !== 8) throw new NoDecoder(`JPEG with ${info.bits} bits`);
  return checked(await decodeWith('JPEGDecoder', encoded), format);
}

async function jpegLossless(encoded: Uint8Array, format: PixelFormat): Promise<Samples> {
  const info = expect(jpegInfo(encoded), format);
  const { Decoder } = await import('jpeg-lossless-decoder-js');
  const copy = new Uint8Array(encoded);
  const bytes = new Uint8Array(new Decoder().decompress(copy.buffer, 0, copy.length));
  return { bytes, bits: info.bits, signed: false };
}

async function jpegLs(encoded: Uint8Array, format: PixelFormat): Promise<Samples> {
  expect(jpegInfo(encoded), format);
  return checked(await decodeWith('JpegLSDecoder', encoded), format);
}

async function jpeg2000(encoded: Uint8Array, format: PixelFormat): Promise<Samples> {
  expect(jpeg2000Info(encoded), format);
  return checked(await decodeWith('J2KDecoder', encoded), format);
}

async function highThroughput(encoded: Uint8Array, format: PixelFormat): Promise<Samples> {
  expect(jpeg2000Info(encoded), format);
  return checked(await decodeWith('HTJ2KDecoder', encoded), format);
}

/** Compares the header of the stream with the data set before a decoder allocates what it promises. */
function expect(info: CodestreamInfo | null, format: PixelFormat): CodestreamInfo {
  if (info === null) throw new Error('the stream has no frame header');
  if (info.rows !== format.rows || info.columns !== format.columns) {
    throw new Error(
      `the stream holds ${info.rows} × ${info.columns} pixels instead of ${format.rows} × ${format.columns}`,
    );
  }
  if (info.components !== 1) throw new Error(`the stream has ${info.components} components`);
  if (info.bits > format.bitsAllocated) {
    throw new Error(`the stream has ${info.bits} bits for ${format.bitsAllocated} allocated`);
  }
  return info;
}

function checked(decoded: DecodedSamples, format: PixelFormat): Samples {
  if (decoded.rows !== format.rows || decoded.columns !== format.columns) {
    throw new Error(`the decoder returned ${decoded.rows} × ${decoded.columns} pixels`);
  }
  return decoded;
}

/** Big endian to little endian; 8-bit samples in words (OW) are swapped in pairs (PS3.5 8.1.1). */
function swap(bytes: Uint8Array, format: PixelFormat, vr: string, index: number): Uint8Array {
  if (format.bitsAllocated === 16) return Buffer.from(bytes).swap16();
  if (format.bitsAllocated === 32) return Buffer.from(bytes).swap32();
  if (vr !== 'OW') return bytes;
  const start = bytes.byteOffset - index * bytes.length;
  const all = new Uint8Array(bytes.buffer, start);
  return bytes.map((_, i) => all[(index * bytes.length + i) ^ 1] ?? 0);
}

/** Masks to BitsStored below HighBit, extends the sign, and marks padding (PS3.5 8.1.1). */
function toStored(samples: Samples, format: PixelFormat, place: Place): StoredFrame {
  const count = format.rows * format.columns;
  const width = samples.bytes.length / count;
  if (width !== 1 && width !== 2 && width !== 4) {
    throw refuseSeries(
      'DECODE_FAILED',
      place,
      `decoding gave ${samples.bytes.length} bytes for ${count} pixels.`,
      'Fetch the instance again, or ask the archive for Explicit VR Little Endian.',
      { bytes: samples.bytes.length, pixels: count },
    );
  }
  const raw = readUnsigned(samples.bytes, count, width);
  const values = emptyValues(format, count);
  const { bitsStored, highBit, signed, padding } = format;
  const low = highBit + 1 - bitsStored;
  const spare = 32 - bitsStored;
  const widen = samples.signed && samples.bits < 32 ? 32 - samples.bits : 0;
  const spareAllocated = 32 - format.bitsAllocated;
  let marks: Uint8Array | null = null;
  for (let i = 0; i < count; i++) {
    const word = ((raw[i] ?? 0) << widen) >> widen;
    const shifted = (word >> low) << spare;
    const value = signed ? shifted >> spare : shifted >>> spare;
    values[i] = value;
    if (padding === null) continue;
    // A padding value may lie outside BitsStored (PS3.3 C.7.5.1.1.2 allows BitsAllocated): look at the whole word too.
    const whole = signed
      ? (word << spareAllocated) >> spareAllocated
      : (word << spareAllocated) >>> spareAllocated;
    if (within(value, padding) || within(whole, padding)) {
      marks ??= new Uint8Array(count);
      marks[i] = 1;
    }
  }
  return { values, padding: marks };
}

function within(value: number, { from, to }: { from: number; to: number }): boolean {
  return value >= from && value <= to;
}

function readUnsigned(bytes: Uint8Array, count: number, width: 1 | 2 | 4) {
  if (width === 1) return bytes;
  const aligned = bytes.byteOffset % width === 0 ? bytes : new Uint8Array(bytes);
  return width === 2
    ? new Uint16Array(aligned.buffer, aligned.byteOffset, count)
    : new Uint32Array(aligned.buffer, aligned.byteOffset, count);
}

function emptyValues({ bitsAllocated, signed }: PixelFormat, count: number): StoredValues {
  if (bitsAllocated === 8) return signed ? new Int8Array(count) : new Uint8Array(count);
  if (bitsAllocated === 16) return signed ? new Int16Array(count) : new Uint16Array(count);
  return signed ? new Int32Array(count) : new Uint32Array(count);
}

function unsupported(uid: string, place: Place, kind?: string) {
  return refuseSeries(
    'UNSUPPORTED_TRANSFER_SYNTAX',
    place,
    `transfer syntax ${uid}${kind === undefined ? '' : ` (${kind})`} cannot be decoded.`,
    'Ask the archive for the series in Explicit VR Little Endian.',
    { transferSyntaxUid: uid },
  );
}

function notAsSaid(uid: string, how: string, place: Place) {
  return refuseSeries(
    'DECODE_FAILED',
    place,
    `the pixel data are ${how}, but the transfer syntax is ${uid}.`,
    'Ask the sender for a valid object: file meta information and pixel data disagree.',
    { transferSyntaxUid: uid },
  );
}
