import { data } from 'dcmjs';
import { fault } from '../../contracts/index.ts';

/** An attribute of the data dictionary (PS3.6). */
export interface Attribute {
  readonly keyword: string;
  /** Group in the upper, element in the lower 16 bits. */
  readonly tag: number;
  readonly vr: string;
}

/** Elements whose VR depends on others in the dictionary, with the VR that holds for what Situs writes. */
const SETTLED_VRS: Readonly<Record<string, string>> = {
  PixelData: 'OB',
  PixelPaddingValue: 'US',
  SmallestImagePixelValue: 'US',
  LargestImagePixelValue: 'US',
};

const byKeyword = new Map<string, Attribute>();
const byTag = new Map<number, Attribute>();
for (const [keyword, entry] of Object.entries(data.DicomMetaDictionary.nameMap)) {
  if (entry === undefined) continue;
  const digits = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/i.exec(entry.tag);
  if (digits === null) continue;
  const tag = Number.parseInt(`${digits[1] ?? ''}${digits[2] ?? ''}`, 16);
  const vr = SETTLED_VRS[keyword] ?? entry.vr;
  const attribute = { keyword, tag, vr };
  byKeyword.set(keyword, attribute);
  if (!keyword.startsWith('RETIRED_') || !byTag.has(tag)) byTag.set(tag, attribute);
}

/**
 * The attribute a keyword names.
 * @throws SitusError UNKNOWN_KEYWORD (fault): a misspelt keyword must never vanish from an object.
 */
export function attributeOf(keyword: string): Attribute {
  const found = byKeyword.get(keyword);
  if (found === undefined) {
    throw fault('UNKNOWN_KEYWORD', `No DICOM attribute is called ${keyword}.`, { keyword });
  }
  return found;
}

/** The attribute of a tag, or null for private and unknown tags. */
export function attributeAt(tag: number): Attribute | null {
  return byTag.get(tag) ?? null;
}

/** `(0062,0002)` */
export function tagText(tag: number): string {
  const digits = tag.toString(16).toUpperCase().padStart(8, '0');
  return `(${digits.slice(0, 4)},${digits.slice(4)})`;
}
