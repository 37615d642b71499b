/** Checks DICOM JSON from an archive (PS3.18 F.2): it is untrusted input. */
import type { DicomJson, DicomJsonElement } from '../contracts/index.ts';

const TAG = /^[0-9A-Fa-f]{8}$/;
const VR = /^[A-Z]{2}$/;
/** Real data sets nest up to six levels or so; deeper ones could exhaust the stack of later code. */
const DEPTH = 32;

/** The data sets of an answer: an array of them or a single one; null when it is neither. */
export function dataSets(answer: unknown): DicomJson[] | null {
  if (answer === null) return null;
  const rows: unknown[] = Array.isArray(answer) ? answer : [answer];
  const checked = rows.map((row) => dataSet(row, 0));
  return checked.every((row) => row !== null) ? checked : null;
}

/** First value as text without padding, of a string or a number; null without one. */
export function text(row: DicomJson, tag: string): string | null {
  const [value] = values(row, tag);
  if (typeof value === 'number') return String(value);
  if (typeof value !== 'string') return null;
  const trimmed = value.replace(/[\0 ]+$/, '').trimStart();
  return trimmed === '' ? null : trimmed;
}

/** All values that are text, without padding. */
export function texts(row: DicomJson, tag: string): string[] {
  return values(row, tag).flatMap((value) =>
    typeof value === 'string' && value.trim() !== '' ? [value.trim()] : [],
  );
}

/** A non-negative whole number, written as a number or as digits; null when it is neither. */
export function count(row: DicomJson, tag: string): number | null {
  const value = Number(text(row, tag) ?? NaN);
  return Number.isSafeInteger(value) && value >= 0 ? value : null;
}

/** A UID of at most 64 digits and dots; null when there is none. */
export function uid(row: DicomJson, tag: string): string | null {
  const value = text(row, tag);
  return value !== null && /^[0-9.]{1,64}$/.test(value) ? value : null;
}

/** Items of a sequence; empty when it is absent or without Value. */
export function items(row: DicomJson, tag: string): DicomJson[] {
  return values(row, tag).flatMap((item) => present(dataSet(item, 0)));
}

function values(row: DicomJson, tag: string): readonly unknown[] {
  return row[tag]?.Value ?? [];
}

/** Null for what is no data set; elements that break the model are left out. */
function dataSet(row: unknown, depth: number): DicomJson | null {
  if (typeof row !== 'object' || row === null || Array.isArray(row) || depth > DEPTH) return null;
  const checked: Record<string, DicomJsonElement> = {};
  for (const [tag, value] of Object.entries(row)) {
    const element = TAG.test(tag) ? dataElement(value, depth) : null;
    if (element !== null) checked[tag.toUpperCase()] = element;
  }
  return checked;
}

function dataElement(value: unknown, depth: number): DicomJsonElement | null {
  if (typeof value !== 'object' || value === null) return null;
  const { vr, Value, BulkDataURI, InlineBinary } = value as Record<string, unknown>;
  if (typeof vr !== 'string' || !VR.test(vr)) return null;
  return {
    vr,
    ...(Array.isArray(Value) ? { Value: vr === 'SQ' ? nested(Value, depth) : Value } : {}),
    ...(typeof BulkDataURI === 'string' ? { BulkDataURI } : {}),
    ...(typeof InlineBinary === 'string' ? { InlineBinary } : {}),
  };
}

function nested(sequence: readonly unknown[], depth: number): DicomJson[] {
  return sequence.flatMap((item) => present(dataSet(item, depth + 1)));
}

function present(row: DicomJson | null): DicomJson[] {
  return row === null ? [] : [row];
}
