import dcmjs from 'dcmjs';

/** A data set by keyword; numbers in text VRs as finished strings, a type 2 without a value as ''. */
export interface Attributes {
  readonly [keyword: string]: AttributeValue;
}
export type AttributeValue =
  string | number | readonly (string | number)[] | readonly Attributes[] | Uint8Array;

/** A private element by its tag, e.g. `0019109C`; its creator must be among them too. */
export type PrivateElements = Readonly<
  Record<string, { readonly vr: string; readonly Value: readonly (string | number)[] }>
>;

interface Element {
  vr: string;
  Value: unknown[];
}
type Dict = Record<string, Element>;

/** The writer of dcmjs, which ships no types. */
interface Writer {
  readonly DicomDict: new (meta: Dict) => {
    dict: Dict;
    write(options: { readonly fragmentMultiframe: boolean }): ArrayBuffer;
  };
}

const { DicomDict } = dcmjs.data as unknown as Writer;
const { nameMap } = dcmjs.data.DicomMetaDictionary;

const EXPLICIT_LITTLE_ENDIAN = '1.2.840.10008.1.2.1';
const IMPLEMENTATION_CLASS = '2.25.180934672901468103377411092830155926371';

/** Longest value by VR; dcmjs cuts some with a log line only and writes others too long. */
const LONGEST: Readonly<Record<string, number>> = {
  AE: 16, AS: 4, CS: 16, DA: 8, DS: 16, IS: 12, LO: 64, SH: 16, ST: 1024, TM: 16, UI: 64,
}; // prettier-ignore

/** Elements whose VR is that of the pixels. */
const LIKE_PIXELS = new Set([
  'SmallestImagePixelValue', 'LargestImagePixelValue', 'PixelPaddingValue', 'PixelPaddingRangeLimit',
]); // prettier-ignore

function vrOf(keyword: string, attributes: Attributes): string {
  if (keyword === 'PixelData') return attributes['BitsAllocated'] === 8 ? 'OB' : 'OW';
  if (LIKE_PIXELS.has(keyword)) return attributes['PixelRepresentation'] === 1 ? 'SS' : 'US';
  const entry = nameMap[keyword];
  if (entry === undefined) throw new Error(`no DICOM attribute is called ${keyword}`);
  return entry.vr;
}

function tagOf(keyword: string): string {
  const entry = nameMap[keyword];
  if (entry === undefined) throw new Error(`no DICOM attribute is called ${keyword}`);
  return entry.tag.replace(/[(),]/g, '').toUpperCase();
}

function checked(keyword: string, vr: string, value: string | number): string | number {
  const longest = LONGEST[vr];
  if (longest !== undefined) {
    if (typeof value !== 'string') throw new Error(`${keyword} (${vr}) must be given as text`);
    if (value.length > longest) throw new Error(`${keyword} (${vr}) is too long: ${value}`);
  } else if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new Error(`${keyword} (${vr}) is not finite`);
  }
  return value;
}

function isItems(value: AttributeValue): value is readonly Attributes[] {
  return Array.isArray(value) && typeof value[0] === 'object';
}

function isEmpty(value: AttributeValue): boolean {
  return value === '' || (Array.isArray(value) && value.length === 0);
}

function toDict(attributes: Attributes): Dict {
  const dict: Dict = {};
  for (const [keyword, value] of Object.entries(attributes)) {
    const vr = vrOf(keyword, attributes);
    let values: unknown[];
    if (value instanceof Uint8Array) {
      values = [value.buffer.slice(value.byteOffset, value.byteOffset + value.byteLength)];
    } else if (isEmpty(value)) values = [];
    else if (isItems(value)) values = value.map(toDict);
    else {
      const list = Array.isArray(value)
        ? (value as readonly (string | number)[])
        : [value as string];
      values = list.map((v) => checked(keyword, vr, v));
    }
    dict[tagOf(keyword)] = { vr, Value: values };
  }
  return dict;
}

/** A number as Decimal String of at most 16 characters. */
export function ds(value: number): string {
  const shortest = String(value + 0);
  return shortest.length <= 16 ? shortest : String(Number(value.toPrecision(9)));
}

/**
 * A DICOM file (PS3.10) in Explicit VR Little Endian. The attributes must hold SOPClassUID and
 * SOPInstanceUID.
 * @throws Error for unknown keywords and values that do not fit their VR.
 */
export function writeInstance(attributes: Attributes, extra: PrivateElements = {}): Uint8Array {
  const meta: Attributes = {
    FileMetaInformationVersion: new Uint8Array([0, 1]),
    MediaStorageSOPClassUID: attributes['SOPClassUID'] ?? '',
    MediaStorageSOPInstanceUID: attributes['SOPInstanceUID'] ?? '',
    TransferSyntaxUID: EXPLICIT_LITTLE_ENDIAN,
    ImplementationClassUID: IMPLEMENTATION_CLASS,
    ImplementationVersionName: 'SITUS_DEMO',
  };
  const file = new DicomDict(toDict(meta));
  const dict = toDict(attributes);
  for (const [tag, element] of Object.entries(extra))
    dict[tag] = { vr: element.vr, Value: [...element.Value] };
  file.dict = dict;
  return new Uint8Array(file.write({ fragmentMultiframe: false }));
}
