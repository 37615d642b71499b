import type { Fragment, ParsedInstance, PixelBytes } from './parsed-instance.ts';
import type { PixelFormat } from './pixel-format.ts';
import { refuseSeries } from './refusal.ts';
import type { Place } from './refusal.ts';

type Encapsulated = Extract<PixelBytes, { kind: 'encapsulated' }>;

/**
 * The bytes of one frame of uncompressed pixel data.
 *
 * @throws SitusError TRUNCATED_PIXEL_DATA too few bytes for Rows, Columns and NumberOfFrames;
 *   PIXEL_DATA_MISMATCH too many.
 */
export function nativeFrame(
  bytes: Uint8Array,
  format: PixelFormat,
  index: number,
  place: Place,
): Uint8Array {
  const size = (format.rows * format.columns * format.bitsAllocated) / 8;
  const needed = size * format.frames;
  if (bytes.length < needed) {
    throw refuseSeries(
      'TRUNCATED_PIXEL_DATA',
      place,
      `PixelData has ${bytes.length} bytes; ${format.frames} frame(s) of ${format.rows} × ${format.columns} need ${needed}.`,
      'Fetch or send the instance again: its pixel data are cut.',
      { attribute: 'PixelData', bytes: bytes.length, needed },
    );
  }
  if (bytes.length > needed + 1) {
    throw refuseSeries(
      'PIXEL_DATA_MISMATCH',
      place,
      `PixelData has ${bytes.length} bytes, more than the ${needed} of ${format.frames} frame(s) of ${format.rows} × ${format.columns}.`,
      'Ask the sender which of Rows, Columns, BitsAllocated and NumberOfFrames is wrong.',
      { attribute: 'PixelData', bytes: bytes.length, needed },
    );
  }
  return bytes.subarray(index * size, (index + 1) * size);
}

/**
 * The compressed bytes of one frame (PS3.5 A.4). The order of trust: one frame takes all fragments;
 * then the Extended Offset Table, the Basic Offset Table, one fragment a frame, and last the start
 * marker of JPEG and JPEG 2000 streams.
 *
 * @throws SitusError INCOMPLETE_SERIES fewer frames than NumberOfFrames says; DECODE_FAILED when
 *   nothing tells which fragments belong to which frame.
 */
export function encapsulatedFrame(
  pixels: Encapsulated,
  frames: number,
  index: number,
  place: Place,
): Uint8Array {
  const groups = fragmentsByFrame(pixels, frames, place);
  const group = groups[index];
  if (group === undefined || group.length === 0) throw tooFew(groups.length, frames, place);
  return join(group);
}

/** Grouping is the same for every frame of an instance. */
const grouped = new WeakMap<Encapsulated, readonly (readonly Fragment[])[]>();

function fragmentsByFrame(
  pixels: Encapsulated,
  frames: number,
  place: Place,
): readonly (readonly Fragment[])[] {
  let groups = grouped.get(pixels);
  if (groups === undefined) {
    groups = group(pixels, frames, place);
    grouped.set(pixels, groups);
  }
  return groups;
}

function group(pixels: Encapsulated, frames: number, place: Place) {
  const { fragments } = pixels;
  if (frames === 1) return [fragments];
  if (fragments.length < frames) throw tooFew(fragments.length, frames, place);
  if (fragments.length === frames) return fragments.map((fragment) => [fragment]);
  for (const starts of [pixels.extendedOffsets, pixels.offsets, streamStarts(fragments)]) {
    if (starts.length !== frames) continue;
    const groups = split(fragments, starts);
    if (groups !== null) return groups;
  }
  throw refuseSeries(
    'DECODE_FAILED',
    place,
    `${fragments.length} fragments cannot be told apart into ${frames} frames: no usable offset table.`,
    'Ask the archive for the series in Explicit VR Little Endian.',
    { attribute: 'PixelData', fragments: fragments.length, frames },
  );
}

function split(fragments: readonly Fragment[], starts: readonly number[]) {
  const groups: Fragment[][] = [];
  let frame = -1;
  for (const fragment of fragments) {
    if (fragment.offset === starts[frame + 1]) {
      groups.push([]);
      frame++;
    }
    const current = groups[frame];
    if (current === undefined) return null;
    current.push(fragment);
  }
  return groups.length === starts.length ? groups : null;
}

/** Offsets of fragments that begin a JPEG (SOI) or JPEG 2000 (SOC, SIZ) stream. */
function streamStarts(fragments: readonly Fragment[]): readonly number[] {
  return fragments
    .filter(({ bytes }) => {
      const isJpeg = bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff;
      const isJpeg2000 = bytes[0] === 0xff && bytes[1] === 0x4f && bytes[2] === 0xff;
      return isJpeg || isJpeg2000;
    })
    .map(({ offset }) => offset);
}

function join(fragments: readonly Fragment[]): Uint8Array {
  const [only] = fragments;
  if (only !== undefined && fragments.length === 1) return only.bytes;
  const joined = new Uint8Array(fragments.reduce((sum, { bytes }) => sum + bytes.length, 0));
  let at = 0;
  for (const { bytes } of fragments) {
    joined.set(bytes, at);
    at += bytes.length;
  }
  return joined;
}

function tooFew(there: number, frames: number, place: Place) {
  return refuseSeries(
    'INCOMPLETE_SERIES',
    place,
    `NumberOfFrames is ${frames}, but the pixel data hold ${there}.`,
    'Fetch or send the instance again: frames are missing.',
    { attribute: 'NumberOfFrames', expected: frames, received: there },
  );
}

/** Where an instance stands, for error messages. */
export function placeOf(instance: ParsedInstance, frame: number | null = null): Place {
  return {
    seriesInstanceUid: instance.seriesInstanceUid,
    sopInstanceUids: [instance.sopInstanceUid],
    frameNumber: frame,
  };
}
