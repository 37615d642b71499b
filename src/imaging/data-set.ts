import type { DicomJson, DicomJsonElement, SitusError } from '../contracts/index.ts';
import { asSitusError, refuse, SitusError as SitusErrorClass } from '../contracts/index.ts';

import { charsetOf } from './charset.ts';
import type { Charset } from './charset.ts';
import { nameOf, vrOf } from './dictionary.ts';
import { ElementReader } from './element-values.ts';
import type { Encoding } from './element-values.ts';
import type { Fragment, PixelBytes, Warning } from './parsed-instance.ts';

/** SR trees and functional groups nest at most about ten deep. */
const MAX_DEPTH = 64;
const MAX_ELEMENTS = 5_000_000;
const MAX_FRAGMENTS = 1_000_000;
/** Longer values (private blobs, ICC profiles, overlays) are left out of the data set. */
const MAX_VALUE_BYTES = 65_536;
const UNDEFINED_LENGTH = 0xffffffff;

const ITEM = 'FFFEE000';
const ITEM_END = 'FFFEE00D';
const SEQUENCE_END = 'FFFEE0DD';
const PIXEL_DATA = '7FE00010';
const FLOAT_PIXEL_DATA = new Set(['7FE00008', '7FE00009']);
const EXTENDED_OFFSETS = '7FE00001';
const EXTENDED_LENGTHS = '7FE00002';
const CHARACTER_SET = '00080005';

/** VRs whose explicit header has four length bytes after two reserved ones (PS3.5 7.1.2). */
const SHORT_VRS = new Set(
  'AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US'.split(' '),
);

interface Header {
  readonly tag: string;
  /** VR of an explicit header; null in implicit data sets. */
  readonly vr: string | null;
  readonly length: number;
  readonly valueOffset: number;
}

interface Walk {
  readonly elements: DicomJson;
  readonly end: number;
}

/**
 * Walks the structure of a data set (PS3.5 chapter 7) with every length checked against what is
 * really there, and hands single elements to dcmjs.
 */
export class DataSetWalker {
  readonly warnings: Warning[] = [];
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #encoding: Encoding;
  readonly #reader: ElementReader;
  #count = 0;
  #pixels: PixelBytes | null = null;
  #extendedOffsets: readonly number[] = [];
  #extendedLengths: readonly number[] = [];

  constructor(bytes: Uint8Array, encoding: Encoding) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#encoding = encoding;
    this.#reader = new ElementReader(bytes);
  }

  /** File meta information: the elements of group 0002 from `offset` on. */
  walkMeta(offset: number): Walk {
    const elements: Record<string, DicomJsonElement> = {};
    let at = offset;
    while (at + 8 <= this.#bytes.length && this.#view.getUint16(at, true) === 2) {
      const header = this.#header(at, this.#bytes.length, this.#encoding);
      const end = this.#endOf(header, this.#bytes.length);
      elements[header.tag] = this.#leaf(at, header, this.#encoding, charsetOf([]));
      at = end;
    }
    return { elements, end: at };
  }

  /** The data set from `offset` to the end of the file. */
  walkDataSet(offset: number): { elements: DicomJson; pixels: PixelBytes | null } {
    const { elements } = this.#walk(
      offset,
      this.#bytes.length,
      this.#encoding,
      0,
      charsetOf([]),
      false,
    );
    const pixels = this.#pixels;
    if (pixels?.kind !== 'encapsulated') return { elements, pixels };
    return {
      elements,
      pixels: {
        ...pixels,
        extendedOffsets: this.#extendedOffsets,
        extendedLengths: this.#extendedLengths,
      },
    };
  }

  #walk(
    offset: number,
    limit: number,
    encoding: Encoding,
    depth: number,
    inherited: Charset,
    untilItemEnd: boolean,
  ): Walk {
    if (depth > MAX_DEPTH) throw tooLarge(`is nested more than ${MAX_DEPTH} deep`);
    const elements: Record<string, DicomJsonElement> = {};
    let charset = inherited;
    let at = offset;
    while (at < limit) {
      if (depth === 0 && limit - at < 8 && this.#isPadding(at, limit)) break;
      const header = this.#header(at, limit, encoding);
      if (untilItemEnd && header.tag === ITEM_END) return { elements, end: header.valueOffset };
      if (header.tag.startsWith('FFFE')) throw broken(header.tag, at, 'stands outside a sequence');
      if (++this.#count > MAX_ELEMENTS) throw tooLarge(`has more than ${MAX_ELEMENTS} elements`);
      const { element, end } = this.#element(at, header, limit, encoding, depth, charset);
      if (header.tag === CHARACTER_SET) {
        charset = this.#charset(element);
        elements[header.tag] = { vr: 'CS', Value: ['ISO_IR 192'] };
      } else if (element !== null) {
        elements[header.tag] ??= element;
      }
      at = end;
    }
    if (untilItemEnd) throw truncated(null, 'An item of a sequence');
    return { elements, end: at };
  }

  #element(
    at: number,
    header: Header,
    limit: number,
    encoding: Encoding,
    depth: number,
    charset: Charset,
  ): { element: DicomJsonElement | null; end: number } {
    const { tag, length, valueOffset } = header;
    const vr = header.vr ?? vrOf(tag) ?? (length === UNDEFINED_LENGTH ? 'SQ' : 'UN');
    const known = vr === 'UN' ? vrOf(tag) : vr;
    if (tag === PIXEL_DATA || FLOAT_PIXEL_DATA.has(tag)) {
      return { element: null, end: this.#pixelData(header, limit, depth, vr) };
    }
    if (known === 'SQ' || (vr === 'UN' && length === UNDEFINED_LENGTH)) {
      // A sequence of unknown VR is encoded implicitly, whatever surrounds it (PS3.5 6.2.2 note 2).
      const inner = vr === 'UN' ? { implicit: true, bigEndian: false } : encoding;
      const items: DicomJson[] = [];
      const end = this.#items(header, limit, inner, depth, charset, items);
      return { element: items.length === 0 ? { vr: 'SQ' } : { vr: 'SQ', Value: items }, end };
    }
    if (length === UNDEFINED_LENGTH) {
      if (vr !== 'OB' && vr !== 'OW') throw broken(tag, at, `has no length though its VR is ${vr}`);
      return { element: null, end: this.#fragments(valueOffset, limit, encoding).end };
    }
    const end = this.#endOf(header, limit);
    if (depth === 0 && tag === EXTENDED_OFFSETS) this.#extendedOffsets = this.#longs(header);
    if (depth === 0 && tag === EXTENDED_LENGTHS) this.#extendedLengths = this.#longs(header);
    if (tag.endsWith('0000') || tag === EXTENDED_OFFSETS || tag === EXTENDED_LENGTHS) {
      return { element: null, end };
    }
    return { element: this.#leaf(at, header, encoding, charset), end };
  }

  #leaf(at: number, header: Header, encoding: Encoding, charset: Charset): DicomJsonElement {
    const { tag, length, valueOffset } = header;
    const vr = header.vr ?? vrOf(tag) ?? 'UN';
    if (length === 0 || length > MAX_VALUE_BYTES) return { vr: plainVr(vr) };
    try {
      return this.#reader.read(at, valueOffset, length, encoding, charset.decode);
    } catch (error) {
      throw broken(tag, at, `cannot be read (${asSitusError(error).message})`, error);
    }
  }

  #items(
    header: Header,
    limit: number,
    encoding: Encoding,
    depth: number,
    charset: Charset,
    items: DicomJson[],
  ): number {
    const defined = header.length !== UNDEFINED_LENGTH;
    const end = defined ? this.#endOf(header, limit) : limit;
    let at = header.valueOffset;
    while (at < end) {
      const item = this.#itemHeader(at, end, encoding);
      if (item.tag === SEQUENCE_END && !defined) return item.valueOffset;
      if (item.tag !== ITEM) throw broken(header.tag, at, 'holds something that is no item');
      if (item.length === UNDEFINED_LENGTH) {
        const walk = this.#walk(item.valueOffset, end, encoding, depth + 1, charset, true);
        items.push(walk.elements);
        at = walk.end;
      } else {
        const itemEnd = this.#endOf({ ...item, tag: header.tag }, end);
        const walk = this.#walk(item.valueOffset, itemEnd, encoding, depth + 1, charset, false);
        items.push(walk.elements);
        at = itemEnd;
      }
      if (++this.#count > MAX_ELEMENTS) throw tooLarge(`has more than ${MAX_ELEMENTS} elements`);
    }
    if (!defined) throw truncated(header.tag, nameOf(header.tag));
    return end;
  }

  #pixelData(header: Header, limit: number, depth: number, vr: string): number {
    if (header.length === UNDEFINED_LENGTH) {
      const { fragments, offsets, end } = this.#fragments(
        header.valueOffset,
        limit,
        this.#encoding,
      );
      if (depth === 0) {
        this.#pixels = {
          kind: 'encapsulated',
          fragments,
          offsets,
          extendedOffsets: [],
          extendedLengths: [],
        };
      }
      return end;
    }
    const end = this.#endOf(header, limit);
    if (depth === 0) {
      this.#pixels = FLOAT_PIXEL_DATA.has(header.tag)
        ? { kind: 'float' }
        : { kind: 'native', vr, bytes: this.#bytes.subarray(header.valueOffset, end) };
    }
    return end;
  }

  /** Offset table and fragments of encapsulated pixel data (PS3.5 A.4). */
  #fragments(offset: number, limit: number, encoding: Encoding) {
    const fragments: Fragment[] = [];
    const offsets: number[] = [];
    let first = -1;
    let at = offset;
    while (at < limit) {
      const item = this.#itemHeader(at, limit, encoding);
      if (item.tag === SEQUENCE_END) return { fragments, offsets, end: item.valueOffset };
      if (item.tag !== ITEM || item.length === UNDEFINED_LENGTH) {
        throw broken(PIXEL_DATA, at, 'holds something that is no fragment');
      }
      const end = this.#endOf({ ...item, tag: PIXEL_DATA }, limit);
      if (first < 0) {
        for (let i = item.valueOffset; i + 4 <= end; i += 4) {
          offsets.push(this.#view.getUint32(i, true));
        }
        first = end;
      } else {
        const bytes = this.#bytes.subarray(item.valueOffset, end);
        fragments.push({ offset: at - first, bytes });
        if (fragments.length > MAX_FRAGMENTS) throw tooLarge('has too many fragments');
      }
      at = end;
    }
    throw truncated(PIXEL_DATA, nameOf(PIXEL_DATA));
  }

  #header(at: number, limit: number, encoding: Encoding): Header {
    if (at + 8 > limit) throw truncated(null, 'An element');
    const tag = this.#tag(at, encoding);
    const little = !encoding.bigEndian;
    if (encoding.implicit || tag.startsWith('FFFE')) {
      const length = this.#view.getUint32(at + 4, little);
      return { tag, vr: null, length, valueOffset: at + 8 };
    }
    const vr = String.fromCharCode(this.#bytes[at + 4] ?? 0, this.#bytes[at + 5] ?? 0);
    if (SHORT_VRS.has(vr)) {
      const length = this.#view.getUint16(at + 6, little);
      return { tag, vr, length, valueOffset: at + 8 };
    }
    if (!/^[A-Z]{2}$/.test(vr)) throw broken(tag, at, 'has no value representation');
    if (at + 12 > limit) throw truncated(tag, nameOf(tag));
    const length = this.#view.getUint32(at + 8, little);
    return { tag, vr, length, valueOffset: at + 12 };
  }

  #itemHeader(at: number, limit: number, encoding: Encoding): Header {
    if (at + 8 > limit) throw truncated(null, 'A sequence');
    const length = this.#view.getUint32(at + 4, !encoding.bigEndian);
    return { tag: this.#tag(at, encoding), vr: null, length, valueOffset: at + 8 };
  }

  #tag(at: number, encoding: Encoding): string {
    const group = this.#view.getUint16(at, !encoding.bigEndian);
    const element = this.#view.getUint16(at + 2, !encoding.bigEndian);
    return (group * 0x10000 + element).toString(16).toUpperCase().padStart(8, '0');
  }

  #endOf(header: Header, limit: number): number {
    const end = header.valueOffset + header.length;
    if (end <= limit) return end;
    throw truncated(header.tag, nameOf(header.tag), header.length, limit - header.valueOffset);
  }

  #longs({ valueOffset, length }: Header): number[] {
    const longs: number[] = [];
    for (let i = valueOffset; i + 8 <= valueOffset + length; i += 8) {
      longs.push(Number(this.#view.getBigUint64(i, !this.#encoding.bigEndian)));
    }
    return longs;
  }

  #charset(element: DicomJsonElement | null): Charset {
    const terms = (element?.Value ?? []).map((term) => (typeof term === 'string' ? term : ''));
    const charset = charsetOf(terms);
    if (charset.unknown.length > 0) {
      this.warnings.push({
        code: 'UNKNOWN_CHARACTER_SET',
        message: `SpecificCharacterSet names ${charset.unknown.join(', ')}, which is not defined; text may be wrong.`,
      });
    }
    return charset;
  }

  #isPadding(at: number, limit: number): boolean {
    return this.#bytes.subarray(at, limit).every((byte) => byte === 0);
  }
}

function plainVr(vr: string): string {
  return vr === 'xs' ? 'US' : vr === 'ox' ? 'OW' : vr === 'lt' ? 'OW' : vr;
}

function broken(tag: string, at: number, what: string, cause?: unknown): SitusError {
  if (cause instanceof SitusErrorClass) return cause;
  return refuse(
    'INVALID_DICOM',
    `The DICOM file is broken at byte ${at}: ${nameOf(tag)} ${what}.`,
    'Fetch the instance again; if it stays the same, ask the sender for a valid object.',
    { attribute: nameOf(tag), offset: at },
    cause,
  );
}

function truncated(tag: string | null, what: string, length?: number, there?: number): SitusError {
  const figures = length === undefined ? '' : ` (${length} bytes announced, ${there} left)`;
  return refuse(
    'TRUNCATED_FILE',
    `The DICOM file ends too early: ${what} is not complete${figures}.`,
    'Fetch the instance again; if it stays the same, ask the sender to send it again.',
    { attribute: tag === null ? null : nameOf(tag), announced: length, there },
  );
}

function tooLarge(what: string): SitusError {
  return refuse(
    'DATA_SET_TOO_LARGE',
    `The data set ${what}; no image that Situs can use does.`,
    'Leave the instance out.',
  );
}
