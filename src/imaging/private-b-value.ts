import type { DicomJson, DicomJsonElement } from '../contracts/index.ts';

import { asNumber, asText } from './elements.ts';

/** Where makers keep the b-value of single-frame diffusion images, from before it had a standard tag. */
interface PrivateSource {
  readonly group: string;
  readonly creator: string;
  readonly element: string;
  readonly read: (value: number) => number;
}

const SOURCES: readonly PrivateSource[] = [
  { group: '0019', creator: 'SIEMENS MR HEADER', element: '0C', read: (value) => value },
  { group: '2001', creator: 'Philips Imaging DD 001', element: '03', read: (value) => value },
  // GE adds 1e9 to mark b-values of multi-direction scans.
  { group: '0043', creator: 'GEMS_PARM_01', element: '39', read: (value) => value % 1e9 },
];
const LARGEST_B_VALUE = 100_000;

/** The b-value in s/mm² from a maker's private element; null when there is none. */
export function privateBValue(dataset: DicomJson): number | null {
  for (const { group, creator, element, read } of SOURCES) {
    const block = blockOf(dataset, group, creator);
    const found = block === null ? undefined : dataset[`${group}${block}${element}`];
    const value = found === undefined ? Number.NaN : read(firstNumber(found));
    if (value >= 0 && value <= LARGEST_B_VALUE) return value;
  }
  return null;
}

/** The two digits that a private creator reserved (PS3.5 7.8.1). */
function blockOf(dataset: DicomJson, group: string, creator: string): string | null {
  for (let block = 0x10; block <= 0xff; block++) {
    const digits = block.toString(16).toUpperCase();
    const element = dataset[`${group}00${digits}`];
    if (element === undefined) continue;
    const name = asText(element.Value?.[0]) || inlineText(element);
    if (name.trim() === creator) return digits;
  }
  return null;
}

/** A number, its text, or either in the bytes of an element that was sent on as UN. */
function firstNumber(element: DicomJsonElement): number {
  const value: unknown = element.Value?.[0];
  if (value !== undefined) return asNumber(value);
  const text = inlineText(element);
  if (/^[\s\d.+eE\\-]+$/.test(text)) return Number(text.split('\\')[0]);
  const bytes = Buffer.from(element.InlineBinary ?? '', 'base64');
  return bytes.length === 4 ? bytes.readFloatLE(0) : Number.NaN;
}

function inlineText({ InlineBinary }: DicomJsonElement): string {
  if (typeof InlineBinary !== 'string') return '';
  return Buffer.from(InlineBinary, 'base64').toString('latin1').replaceAll('\u0000', '');
}
