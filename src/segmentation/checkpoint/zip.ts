import { crc32, inflateRawSync } from 'node:zlib';
import { refuse } from '../../contracts/index.ts';
import type { ByteSource } from './byte-source.ts';

const STORED = 0;
const DEFLATED = 8;
const END = 0x06054b50;
const END64 = 0x06064b50;
const END64_LOCATOR = 0x07064b50;
const CENTRAL = 0x02014b50;
const LOCAL = 0x04034b50;
const FULL32 = 0xffffffff;
const FULL16 = 0xffff;

export interface ZipEntry {
  readonly name: string;
  readonly method: number;
  readonly compressedSize: number;
  readonly size: number;
  readonly crc: number;
  /** Offset of the entry's data in the file. */
  readonly dataOffset: number;
}

export interface ZipLimits {
  readonly maxEntries: number;
  /** Largest sum of uncompressed sizes, in bytes. */
  readonly maxTotalBytes: number;
  /** Checkpoints hold stored entries only: what is stored can't expand. */
  readonly allowDeflate: boolean;
}

/** What a bomb is: no file of a model that is larger than this shrinks to a twentieth. */
const BOMB_BYTES = 16 * 2 ** 20;
const BOMB_RATIO = 20;
/** Longest entry name, in characters. */
const MAX_NAME = 1000;
/** Unix file type in the upper half of the external attributes, of entries made on Unix. */
const MADE_ON_UNIX = 3;
const FILE_TYPE = 0o170_000;
const SYMBOLIC_LINK = 0o120_000;

/** Bounds for a `torch.save` file: the largest nnU-Net checkpoints are below 2 GB with optimizer state. */
export const CHECKPOINT_LIMITS: ZipLimits = {
  maxEntries: 20_000,
  maxTotalBytes: 8 * 2 ** 30,
  allowDeflate: false,
};

/** Bounds for a zip of a whole model folder with several folds. */
export const FOLDER_LIMITS: ZipLimits = {
  maxEntries: 20_000,
  maxTotalBytes: 32 * 2 ** 30,
  allowDeflate: true,
};

/**
 * Reads the central directory of a zip file, zip64 included, and checks every entry before anything
 * is read: sizes inside the file, no overlaps, no duplicate, absolute or climbing names, no encryption.
 * Directories (names that end in `/`) are left out.
 * @throws SitusError `ZIP_*`, naming the file and the fault.
 */
export function readZip(source: ByteSource, limits: ZipLimits): ReadonlyMap<string, ZipEntry> {
  const directory = findDirectory(source, limits);
  const bytes = source.read(directory.offset, directory.size);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const entries = new Map<string, ZipEntry>();
  let position = 0;
  let total = 0;
  for (let index = 0; index < directory.count; index += 1) {
    if (position + 46 > bytes.length || view.getUint32(position, true) !== CENTRAL) {
      throw bad(source, 'ZIP_DAMAGED', `entry ${index} of its directory is not readable`);
    }
    const nameLength = view.getUint16(position + 28, true);
    const extraLength = view.getUint16(position + 30, true);
    const commentLength = view.getUint16(position + 32, true);
    const next = position + 46 + nameLength + extraLength + commentLength;
    if (next > bytes.length) {
      throw bad(source, 'ZIP_DAMAGED', `entry ${index} of its directory is cut off`);
    }
    const nameBytes = bytes.subarray(position + 46, position + 46 + nameLength);
    const name = new TextDecoder().decode(nameBytes);
    const header = centralSizes(source, view, position, nameLength, extraLength);
    checkName(source, name, entries);
    if ((view.getUint16(position + 8, true) & 1) !== 0) {
      throw bad(source, 'ZIP_ENCRYPTED', `"${printable(name)}" is encrypted`);
    }
    const isUnix = view.getUint8(position + 5) === MADE_ON_UNIX;
    if (isUnix && (view.getUint16(position + 40, true) & FILE_TYPE) === SYMBOLIC_LINK) {
      throw bad(source, 'ZIP_UNSAFE_NAME', `"${printable(name)}" is a link to another file`);
    }
    const method = view.getUint16(position + 10, true);
    checkMethod(source, name, method, header, limits);
    total += header.size;
    if (total > limits.maxTotalBytes) {
      throw bad(
        source,
        'ZIP_TOO_LARGE',
        `its entries unpack to more than ${limits.maxTotalBytes} bytes`,
      );
    }
    const dataOffset = localDataOffset(source, name, nameBytes, header.offset);
    if (dataOffset + header.compressedSize > directory.offset) {
      throw bad(
        source,
        'ZIP_LYING_SIZES',
        `"${printable(name)}" claims bytes beyond the file's data`,
      );
    }
    entries.set(name, {
      name,
      method,
      compressedSize: header.compressedSize,
      size: header.size,
      crc: view.getUint32(position + 16, true),
      dataOffset,
    });
    position = next;
  }
  refuseOverlaps(source, [...entries.values()]);
  return new Map([...entries].filter(([name]) => !name.endsWith('/')));
}

/**
 * The bytes of one entry, unpacked and checked against its size and CRC-32.
 * @throws SitusError `ZIP_LYING_SIZES` or `ZIP_DAMAGED`.
 */
export function readEntry(source: ByteSource, entry: ZipEntry): Uint8Array<ArrayBuffer> {
  const packed = source.read(entry.dataOffset, entry.compressedSize);
  const bytes = entry.method === STORED ? packed : inflate(source, entry, packed);
  requireChecksum(source, entry, crc32(bytes));
  return bytes;
}

/** Bytes checked at a time. */
const PIECE = 4 * 2 ** 20;

/**
 * Checks a stored entry that is then read in place, however large it is.
 * @throws SitusError `ZIP_DAMAGED`.
 */
export function checkStored(source: ByteSource, entry: ZipEntry): void {
  let crc = 0;
  for (let at = 0; at < entry.size; at += PIECE) {
    crc = crc32(source.read(entry.dataOffset + at, Math.min(PIECE, entry.size - at)), crc);
  }
  requireChecksum(source, entry, crc);
}

function requireChecksum(source: ByteSource, entry: ZipEntry, crc: number): void {
  if (crc === entry.crc) return;
  throw bad(source, 'ZIP_DAMAGED', `the checksum of "${printable(entry.name)}" is wrong`);
}

function inflate(source: ByteSource, entry: ZipEntry, packed: Uint8Array): Uint8Array<ArrayBuffer> {
  let bytes: Uint8Array<ArrayBuffer>;
  try {
    bytes = new Uint8Array(inflateRawSync(packed, { maxOutputLength: Math.max(1, entry.size) }));
  } catch (cause) {
    throw bad(
      source,
      'ZIP_LYING_SIZES',
      `"${printable(entry.name)}" does not unpack to its size`,
      cause,
    );
  }
  if (bytes.length !== entry.size) {
    throw bad(
      source,
      'ZIP_LYING_SIZES',
      `"${printable(entry.name)}" unpacks to another size than it claims`,
    );
  }
  return bytes;
}

interface DirectoryPlace {
  readonly offset: number;
  readonly size: number;
  readonly count: number;
}

function findDirectory(source: ByteSource, limits: ZipLimits): DirectoryPlace {
  const tailLength = Math.min(source.size, 22 + FULL16);
  const tailStart = source.size - tailLength;
  const tail = source.read(tailStart, tailLength);
  const view = new DataView(tail.buffer);
  // The record ends with a comment that reaches to the end of the file; one inside a comment is not the record.
  const isEnd = (place: number): boolean =>
    view.getUint32(place, true) === END &&
    place + 22 + view.getUint16(place + 20, true) === tailLength;
  let at = tailLength - 22;
  while (at >= 0 && !isEnd(at)) at -= 1;
  if (at < 0) {
    throw bad(source, 'ZIP_NOT_A_ZIP', 'no zip directory was found at its end');
  }
  let place: DirectoryPlace = {
    count: view.getUint16(at + 10, true),
    size: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  const locatorAt = tailStart + at - 20;
  if (place.count === FULL16 || place.size === FULL32 || place.offset === FULL32) {
    place = readZip64End(source, locatorAt);
  }
  if (place.count > limits.maxEntries || place.size > limits.maxEntries * 1024) {
    throw bad(source, 'ZIP_TOO_MANY_ENTRIES', `it lists ${place.count} entries`);
  }
  if (place.offset + place.size > tailStart + at) {
    throw bad(source, 'ZIP_TRUNCATED', 'its directory lies outside the file');
  }
  return place;
}

function readZip64End(source: ByteSource, locatorAt: number): DirectoryPlace {
  if (locatorAt < 0) throw bad(source, 'ZIP_TRUNCATED', 'its zip64 locator is missing');
  const locator = new DataView(source.read(locatorAt, 20).buffer);
  if (locator.getUint32(0, true) !== END64_LOCATOR) {
    throw bad(source, 'ZIP_DAMAGED', 'its zip64 locator is missing');
  }
  const record = new DataView(source.read(safe(source, locator.getBigUint64(8, true)), 56).buffer);
  if (record.getUint32(0, true) !== END64) {
    throw bad(source, 'ZIP_DAMAGED', 'its zip64 directory record is missing');
  }
  return {
    count: safe(source, record.getBigUint64(32, true)),
    size: safe(source, record.getBigUint64(40, true)),
    offset: safe(source, record.getBigUint64(48, true)),
  };
}

interface CentralSizes {
  readonly size: number;
  readonly compressedSize: number;
  readonly offset: number;
}

/** Sizes and place of an entry; where they are all ones, the 64-bit values of extra field 1 follow in order. */
function centralSizes(
  source: ByteSource,
  view: DataView,
  position: number,
  nameLength: number,
  extraLength: number,
): CentralSizes {
  let compressedSize = view.getUint32(position + 20, true);
  let size = view.getUint32(position + 24, true);
  let offset = view.getUint32(position + 42, true);
  if (size !== FULL32 && compressedSize !== FULL32 && offset !== FULL32) {
    return { size, compressedSize, offset };
  }
  let at = position + 46 + nameLength;
  const end = at + extraLength;
  while (at + 4 <= end) {
    const id = view.getUint16(at, true);
    const length = view.getUint16(at + 2, true);
    if (at + 4 + length > end) break;
    if (id === 1) {
      let value = at + 4;
      const take = (): number => {
        if (value + 8 > at + 4 + length) throw bad(source, 'ZIP_DAMAGED', 'a zip64 field is short');
        value += 8;
        return safe(source, view.getBigUint64(value - 8, true));
      };
      if (size === FULL32) size = take();
      if (compressedSize === FULL32) compressedSize = take();
      if (offset === FULL32) offset = take();
      return { size, compressedSize, offset };
    }
    at += 4 + length;
  }
  throw bad(source, 'ZIP_DAMAGED', 'a zip64 field is missing');
}

/** Where the entry's data start; its own header must give the name that the directory gives. */
function localDataOffset(
  source: ByteSource,
  name: string,
  nameBytes: Uint8Array,
  offset: number,
): number {
  const bytes = source.read(offset, 30 + nameBytes.length);
  const header = new DataView(bytes.buffer);
  const nameLength = header.getUint16(26, true);
  const sameName =
    nameLength === nameBytes.length && Buffer.compare(bytes.subarray(30), nameBytes) === 0;
  if (header.getUint32(0, true) !== LOCAL || !sameName) {
    const what = `the header of "${printable(name)}" is not where the directory says`;
    throw bad(source, 'ZIP_DAMAGED', what);
  }
  return offset + 30 + nameLength + header.getUint16(28, true);
}

function checkName(source: ByteSource, name: string, seen: ReadonlyMap<string, ZipEntry>): void {
  if (seen.has(name)) throw bad(source, 'ZIP_DAMAGED', `"${printable(name)}" is listed twice`);
  const isOutside = /^\/|^[a-z]:|[\\\0]/i.test(name) || name.split('/').includes('..');
  if (isOutside || name.length > MAX_NAME) {
    const what = isOutside ? "leaves the archive's folder" : 'is too long';
    throw bad(source, 'ZIP_UNSAFE_NAME', `the entry name "${printable(name)}" ${what}`);
  }
}

function checkMethod(
  source: ByteSource,
  name: string,
  method: number,
  header: CentralSizes,
  limits: ZipLimits,
): void {
  if (method !== STORED && !(method === DEFLATED && limits.allowDeflate)) {
    throw bad(
      source,
      'ZIP_COMPRESSION',
      `"${printable(name)}" is compressed with method ${method}`,
    );
  }
  if (method === STORED && header.size !== header.compressedSize) {
    throw bad(
      source,
      'ZIP_LYING_SIZES',
      `"${printable(name)}" is stored but claims two different sizes`,
    );
  }
  if (header.size > Math.max(BOMB_BYTES, BOMB_RATIO * header.compressedSize)) {
    throw bad(
      source,
      'ZIP_TOO_LARGE',
      `"${printable(name)}" of ${header.compressedSize} bytes unpacks to ${header.size}`,
    );
  }
}

/** Overlapping entries are how small archives unpack to huge ones. */
function refuseOverlaps(source: ByteSource, entries: ZipEntry[]): void {
  let end = 0;
  for (const entry of entries.sort((a, b) => a.dataOffset - b.dataOffset)) {
    if (entry.dataOffset < end) {
      throw bad(source, 'ZIP_LYING_SIZES', `"${printable(entry.name)}" overlaps another entry`);
    }
    end = entry.dataOffset + entry.compressedSize;
  }
}

function printable(name: string): string {
  return name.slice(0, 120).replaceAll(/[^\x20-\x7e]/g, '?');
}

function safe(source: ByteSource, value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
    throw bad(source, 'ZIP_LYING_SIZES', 'it claims a size that no file has');
  }
  return Number(value);
}

function bad(source: ByteSource, code: string, what: string, cause?: unknown): Error {
  return refuse(
    code,
    `${source.name} can't be read: ${what}.`,
    'Check where the file comes from and copy it again.',
    { file: source.name },
    cause,
  );
}
