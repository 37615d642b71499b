import { readFileSync, readdirSync } from 'node:fs';

const FOLDER = new URL('goldens/', import.meta.url);

/** What `goldens/make.py` wrote into its files. */
export interface Expected {
  readonly rows: number;
  readonly columns: number;
  readonly signed16: readonly number[];
  readonly unsigned12: readonly number[];
  readonly unsigned8: readonly number[];
  /** Values of lossy files as pydicom decodes them. */
  readonly decoded: Readonly<Record<string, readonly number[]>>;
  readonly names: Readonly<Record<string, string>>;
}

export function golden(name: string): Uint8Array {
  return readFileSync(new URL(name, FOLDER));
}

export function goldenNames(pattern: RegExp): readonly string[] {
  return readdirSync(FOLDER)
    .filter((name) => pattern.test(name))
    .sort();
}

export function goldenJson<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, FOLDER), 'utf8')) as T;
}
