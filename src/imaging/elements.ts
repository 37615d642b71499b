import type { DicomJson, DicomJsonElement } from '../contracts/index.ts';

import { tagOf } from './dictionary.ts';

/**
 * Reading DICOM JSON (PS3.18 F.2) by keyword. Numbers may come as numbers (WADO-RS metadata) or as
 * the source's own digits (files read by `readInstance`), so every reader here takes both.
 */

/** Largest number of items that is taken from one sequence. */
const MAX_ITEMS = 100_000;

export function elementOf(dataset: DicomJson, keyword: string): DicomJsonElement | null {
  return dataset[tagOf(keyword)] ?? null;
}

/** All values that are there, empty ones left out. */
export function valuesOf(dataset: DicomJson, keyword: string): readonly unknown[] {
  const values = elementOf(dataset, keyword)?.Value;
  if (!Array.isArray(values)) return [];
  return values.filter((value) => value !== null && value !== undefined && value !== '');
}

/** Values as text; numbers as JavaScript prints them, person names by their alphabetic group. */
export function textsOf(dataset: DicomJson, keyword: string): readonly string[] {
  return valuesOf(dataset, keyword)
    .map(asText)
    .filter((text) => text !== '');
}

/** The first value as text; null when there is none. */
export function textOf(dataset: DicomJson, keyword: string): string | null {
  return textsOf(dataset, keyword)[0] ?? null;
}

/** Values as numbers; null when the attribute is absent or any value is no finite number. */
export function numbersOf(dataset: DicomJson, keyword: string): readonly number[] | null {
  const values = valuesOf(dataset, keyword);
  if (values.length === 0) return null;
  const numbers = values.map(asNumber);
  return numbers.every(Number.isFinite) ? numbers : null;
}

/** The first value as a number; null when absent, NaN when it is there but no finite number. */
export function numberOf(dataset: DicomJson, keyword: string): number | null {
  const value = valuesOf(dataset, keyword)[0];
  if (value === undefined) return null;
  const number = asNumber(value);
  return Number.isFinite(number) ? number : Number.NaN;
}

/** Items of a sequence; empty when it is absent or no sequence. */
export function itemsOf(dataset: DicomJson, keyword: string): readonly DicomJson[] {
  return valuesOf(dataset, keyword).slice(0, MAX_ITEMS).filter(isDataset);
}

export function isDataset(value: unknown): value is DicomJson {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asText(value: unknown): string {
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  if (isDataset(value) && 'Alphabetic' in value) return asText(value['Alphabetic']);
  return '';
}

export function asNumber(value: unknown): number {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || value.trim() === '') return Number.NaN;
  return Number(value);
}
