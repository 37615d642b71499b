import { data } from 'dcmjs';
import { refuse } from '../../contracts/index.ts';
import { attributeAt } from '../dicom/dictionary.ts';
import { isSingleText, isTextVr } from '../dicom/values.ts';

/** An element as it was read: text without padding, numbers only from binary VRs. */
export interface ReadElement {
  readonly tag: number;
  readonly vr: string;
  readonly values: readonly (string | number)[];
  readonly items: readonly ReadDataset[];
  readonly bytes: Uint8Array | null;
  /** Of encapsulated pixels, in order; what `bytes` holds joined. */
  readonly fragments: readonly Uint8Array[];
}

/** Elements in tag order by keyword; private and unknown ones by `GGGGEEEE`. */
export type ReadDataset = ReadonlyMap<string, ReadElement>;

export interface ReadFile {
  readonly meta: ReadDataset;
  readonly dataset: ReadDataset;
  readonly transferSyntax: string;
}

const DEEPEST = 32;

/**
 * Reads a DICOM file with dcmjs, a reader that shares no code with the writer of this room. Pixel
 * data stay a view of `bytes`.
 * @throws SitusError UNREADABLE_DICOM, UNSUPPORTED_TRANSFER_SYNTAX (refuse).
 */
export function readDicom(bytes: Uint8Array): ReadFile {
  refuseDeflated(bytes);
  const whole = bytes.byteOffset === 0 && bytes.byteLength === bytes.buffer.byteLength;
  const buffer = whole && bytes.buffer instanceof ArrayBuffer ? bytes.buffer : bytes.slice().buffer;
  try {
    const file = data.DicomMessage.readFile(buffer, { noCopy: true });
    const meta = toDataset(file.meta, 0);
    return {
      meta,
      dataset: toDataset(file.dict, 0),
      transferSyntax: textOf(meta, 'TransferSyntaxUID') ?? '',
    };
  } catch (error) {
    throw refuse(
      'UNREADABLE_DICOM',
      `${bytes.length} bytes are not a DICOM file that can be read: ${error instanceof Error ? error.message : String(error)}`,
      'Fetch the object again; if that does not help, it is damaged in the archive.',
      { bytes: bytes.length },
      error,
    );
  }
}

/** Where the transfer syntax stands in every file: the meta information is a few hundred bytes. */
const META_BYTES = 2_048;
const DEFLATED = '1.2.840.10008.1.2.1.99';

/** A deflated data set can grow without bound while it is read, and no result is stored as one. */
function refuseDeflated(bytes: Uint8Array): void {
  const head = Buffer.from(bytes.subarray(0, META_BYTES)).toString('latin1');
  if (!head.includes(DEFLATED)) return;
  throw refuse(
    'UNSUPPORTED_TRANSFER_SYNTAX',
    'The object is stored as Deflated Explicit VR Little Endian, which is not read here.',
    'Ask the archive for Explicit VR Little Endian.',
    { transferSyntax: DEFLATED },
  );
}

/** The values of an element as text; empty when absent. */
export function textsOf(dataset: ReadDataset, keyword: string): string[] {
  return (dataset.get(keyword)?.values ?? []).map(String);
}

/** The first value as text; null when absent or empty. */
export function textOf(dataset: ReadDataset, keyword: string): string | null {
  const [first] = textsOf(dataset, keyword);
  return first === undefined || first === '' ? null : first;
}

/** The values as numbers; what is not a number is NaN. */
export function numbersOf(dataset: ReadDataset, keyword: string): number[] {
  return (dataset.get(keyword)?.values ?? []).map((value) =>
    value === '' ? Number.NaN : Number(value),
  );
}

export function numberOf(dataset: ReadDataset, keyword: string): number | null {
  const [first] = numbersOf(dataset, keyword);
  return first === undefined || Number.isNaN(first) ? null : first;
}

export function itemsOf(dataset: ReadDataset, keyword: string): readonly ReadDataset[] {
  return dataset.get(keyword)?.items ?? [];
}

const NOTHING: ReadDataset = new Map();

/** The first item of a sequence, or an empty data set. */
export function itemOf(dataset: ReadDataset, keyword: string): ReadDataset {
  return itemsOf(dataset, keyword)[0] ?? NOTHING;
}

interface RawElement {
  readonly vr: string;
  readonly Value?: unknown;
  readonly _rawValue?: unknown;
}

function toDataset(raw: Readonly<Record<string, RawElement>>, depth: number): ReadDataset {
  if (depth > DEEPEST) throw new Error(`sequences are nested more than ${DEEPEST} deep`);
  const elements = Object.entries(raw)
    .filter(([key]) => /^[0-9A-F]{8}$/i.test(key))
    .map(([key, element]) => toElement(Number.parseInt(key, 16), element, depth))
    .sort((a, b) => a.tag - b.tag);
  return new Map(
    elements.map((element) => [
      attributeAt(element.tag)?.keyword ?? element.tag.toString(16).toUpperCase().padStart(8, '0'),
      element,
    ]),
  );
}

function toElement(tag: number, raw: RawElement, depth: number): ReadElement {
  const empty = { tag, vr: raw.vr, values: [], items: [], bytes: null, fragments: [] };
  const values: readonly unknown[] = Array.isArray(raw.Value) ? raw.Value : [];
  if (raw.vr === 'SQ') {
    const items = values.filter((item) => typeof item === 'object' && item !== null);
    return {
      ...empty,
      items: items.map((item) => toDataset(item as Record<string, RawElement>, depth + 1)),
    };
  }
  if (isTextVr(raw.vr)) return { ...empty, values: texts(raw.vr, raw._rawValue ?? raw.Value) };
  const parts = values.filter((part) => part instanceof Uint8Array || part instanceof ArrayBuffer);
  if (parts.length > 0) {
    const arrays = parts.map((part) => (part instanceof Uint8Array ? part : new Uint8Array(part)));
    const bytes = arrays.length === 1 ? (arrays[0] ?? null) : joined(arrays);
    return { ...empty, bytes, fragments: arrays };
  }
  return { ...empty, values: values.filter((value) => typeof value === 'number') };
}

function texts(vr: string, raw: unknown): string[] {
  const all = (Array.isArray(raw) ? raw : [raw]).filter((one) => one !== undefined && one !== null);
  const split = all.flatMap((one: unknown) => {
    const text = typeof one === 'string' || typeof one === 'number' ? String(one) : '';
    return isSingleText(vr) ? [text] : text.split('\\');
  });
  const trimmed = split.map((text) => text.replace(/[ \0]+$/, ''));
  return trimmed.length === 1 && trimmed[0] === '' ? [] : trimmed;
}

function joined(arrays: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(arrays.reduce((total, { length }) => total + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return all;
}
