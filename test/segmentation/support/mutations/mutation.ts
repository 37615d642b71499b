import { memorySource } from '../../../../src/segmentation/checkpoint/byte-source.ts';
import { FOLDER_LIMITS, readEntry, readZip } from '../../../../src/segmentation/checkpoint/zip.ts';
import { hashed } from '../tier-a-formulas.ts';
import type { ZipPart } from '../zip-writer.ts';

/** A damaged or hostile file. */
export interface Mutation {
  readonly name: string;
  readonly input: 'checkpoint' | 'folder';
  readonly bytes: Uint8Array;
  /** Its checksums are right, so a reader can't tell it from a file that somebody trained so. */
  readonly mayForge: boolean;
}

/** Whole numbers below n, the same in every run. */
export type Random = (n: number) => number;

export function randomOf(seed: number): Random {
  const values = hashed(seed, 4096);
  let at = 0;
  return (n) => {
    const value = values[at % values.length] ?? 0;
    at += 1;
    return (value + Math.floor(at / values.length)) % n;
  };
}

export function pick<T>(random: Random, items: readonly T[]): T {
  const item = items[random(items.length)];
  if (item === undefined) throw new Error('There is nothing to pick from.');
  return item;
}

/** The entries of a zip file that is known to be good. */
export function partsOf(zip: Uint8Array): ZipPart[] {
  const source = memorySource('original.zip', zip);
  return [...readZip(source, FOLDER_LIMITS)].map(([name, entry]) => ({
    name,
    bytes: readEntry(source, entry),
  }));
}

export function replacePart(
  parts: readonly ZipPart[],
  matches: (name: string) => boolean,
  change: (part: ZipPart) => ZipPart,
): ZipPart[] {
  return parts.map((part) => (matches(part.name) ? change(part) : part));
}

export const isPickle = (name: string): boolean => name.endsWith('/data.pkl');

export function pickleOf(zip: Uint8Array): Uint8Array {
  const part = partsOf(zip).find(({ name }) => isPickle(name));
  if (part === undefined) throw new Error('The file holds no data.pkl.');
  return part.bytes;
}
