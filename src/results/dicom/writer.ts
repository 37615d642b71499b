import { fault } from '../../contracts/index.ts';
import { attributeOf, tagText, type Attribute } from './dictionary.ts';
import type { ByteBuffer } from './buffer.ts';
import { isVerbatim, type Dataset, type DatasetValue } from './dataset.ts';
import { isSingleText, isTextVr, NUMBER_RULES, numberProblem, textProblem } from './values.ts';

/** VRs with a 32-bit length after two reserved bytes (PS3.5 7.1.2). */
const LONG_VRS = new Set([
  'OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV',
]); // prettier-ignore
const BYTE_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);
const ITEM = 0xe000;
const ITEM_GROUP = 0xfffe;

/** Tag order of the keywords of data sets that share one shape, e.g. the frames of a segmentation. */
const orders = new Map<string, readonly Attribute[]>();

/**
 * Writes a data set in Explicit VR Little Endian with defined lengths (PS3.5 7.1), elements in tag
 * order. Every value is checked against its VR first; `Verbatim` elements are written unchecked.
 * @throws SitusError INVALID_VALUE, UNKNOWN_KEYWORD (fault).
 */
export function writeDataset(into: ByteBuffer, dataset: Dataset, path = ''): void {
  for (const attribute of ordered(dataset)) {
    const value = dataset[attribute.keyword];
    if (value === undefined) continue;
    writeElement(into, attribute, value, path);
  }
}

function ordered(dataset: Dataset): readonly Attribute[] {
  const keywords = Object.keys(dataset);
  const shape = keywords.join();
  const known = orders.get(shape);
  if (known !== undefined) return known;
  const order = keywords.map(attributeOf).sort((a, b) => a.tag - b.tag);
  if (orders.size < 1_000) orders.set(shape, order);
  return order;
}

function writeElement(
  into: ByteBuffer,
  attribute: Attribute,
  value: DatasetValue,
  path: string,
): void {
  const vr = isVerbatim(value) ? value.vr : attribute.vr;
  const long = LONG_VRS.has(vr);
  into.uint16(attribute.tag >>> 16);
  into.uint16(attribute.tag & 0xffff);
  into.text(vr);
  if (long) into.uint16(0);
  const lengthAt = into.length;
  if (long) into.uint32(0);
  else into.uint16(0);
  const start = into.length;
  writeValue(into, attribute, value, path);
  if ((into.length - start) % 2 === 1) into.byte(isTextVr(vr) && vr !== 'UI' ? 0x20 : 0);
  const length = into.length - start;
  if (long) {
    into.setUint32(lengthAt, length);
    return;
  }
  if (length > 0xfffe) throw invalid(attribute, path, `is ${length} bytes long`);
  into.setUint16(lengthAt, length);
}

function writeValue(
  into: ByteBuffer,
  attribute: Attribute,
  value: DatasetValue,
  path: string,
): void {
  if (isVerbatim(value)) {
    into.raw(value.bytes);
  } else if (value instanceof Uint8Array) {
    if (!BYTE_VRS.has(attribute.vr)) throw invalid(attribute, path, 'does not hold bytes');
    into.raw(value);
  } else if (attribute.vr === 'SQ') {
    writeItems(into, attribute, value, path);
  } else if (attribute.vr === 'AT') {
    for (const tag of plainValues(attribute, value, path)) {
      if (typeof tag !== 'number') throw invalid(attribute, path, 'is not a tag');
      into.uint16(tag >>> 16);
      into.uint16(tag & 0xffff);
    }
  } else if (attribute.vr in NUMBER_RULES) {
    for (const one of plainValues(attribute, value, path)) {
      const problem = typeof one === 'number' ? numberProblem(attribute.vr, one) : 'is text';
      if (typeof one !== 'number' || problem !== null)
        throw invalid(attribute, path, problem ?? '');
      into.number(attribute.vr, one);
    }
  } else {
    writeText(into, attribute, plainValues(attribute, value, path), path);
  }
}

function writeItems(
  into: ByteBuffer,
  attribute: Attribute,
  value: DatasetValue,
  path: string,
): void {
  if (!Array.isArray(value)) throw invalid(attribute, path, 'is a sequence and needs items');
  for (const item of value as readonly unknown[]) {
    if (typeof item !== 'object' || item === null) {
      throw invalid(attribute, path, 'is a sequence and needs data sets as items');
    }
    into.uint16(ITEM_GROUP);
    into.uint16(ITEM);
    const lengthAt = into.length;
    into.uint32(0);
    writeDataset(into, item as Dataset, `${path}${attribute.keyword}/`);
    into.setUint32(lengthAt, into.length - lengthAt - 4);
  }
}

function writeText(
  into: ByteBuffer,
  attribute: Attribute,
  values: readonly (string | number)[],
  path: string,
): void {
  if (isSingleText(attribute.vr) && values.length > 1) {
    throw invalid(attribute, path, `has ${values.length} values, ${attribute.vr} allows one`);
  }
  values.forEach((one, index) => {
    const problem =
      typeof one === 'string' ? textProblem(attribute.vr, one) : 'is a number, not finished text';
    if (problem !== null) throw invalid(attribute, path, problem);
    if (index > 0) into.byte(0x5c);
    into.text(String(one));
  });
}

function plainValues(
  attribute: Attribute,
  value: DatasetValue,
  path: string,
): readonly (string | number)[] {
  if (typeof value === 'string') return value === '' ? [] : [value];
  if (typeof value === 'number') return [value];
  if (Array.isArray(value)) {
    const plain = value as readonly unknown[];
    const all = plain.filter((one) => typeof one === 'string' || typeof one === 'number');
    if (all.length === plain.length) return all;
  }
  throw invalid(attribute, path, `cannot be written as ${attribute.vr}`);
}

function invalid(attribute: Attribute, path: string, problem: string): Error {
  const where = `${path}${attribute.keyword} ${tagText(attribute.tag)}`;
  return fault('INVALID_VALUE', `${where}: the value ${problem}.`, {
    keyword: attribute.keyword,
    path,
    vr: attribute.vr,
  });
}
