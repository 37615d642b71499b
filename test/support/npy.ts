import { readFileSync } from 'node:fs';

export type NpyValues =
  | Uint8Array<ArrayBuffer>
  | Int16Array<ArrayBuffer>
  | Float16Array<ArrayBuffer>
  | Float32Array<ArrayBuffer>
  | Float64Array<ArrayBuffer>;

export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: NpyValues;
}

const TYPES: Readonly<Record<string, (bytes: ArrayBuffer) => NpyValues>> = {
  '|u1': (bytes) => new Uint8Array(bytes),
  '<i2': (bytes) => new Int16Array(bytes),
  '<f2': (bytes) => new Float16Array(bytes),
  '<f4': (bytes) => new Float32Array(bytes),
  '<f8': (bytes) => new Float64Array(bytes),
};

/** Reads a little-endian, C-ordered `.npy` file of format version 1.0. */
export function readNpy(path: string): NpyArray {
  const file = readFileSync(path);
  if (file.toString('latin1', 0, 6) !== '\x93NUMPY') throw new Error(`${path} is no .npy file`);
  const headerLength = file.readUInt16LE(8);
  const header = file.toString('latin1', 10, 10 + headerLength);
  const type = /'descr': '([^']+)'/.exec(header)?.[1] ?? '';
  const make = TYPES[type];
  if (make === undefined || !header.includes("'fortran_order': False")) {
    throw new Error(`${path} holds ${header}`);
  }
  const shape = (/'shape': \(([^)]*)\)/.exec(header)?.[1] ?? '')
    .split(',')
    .filter((size) => size.trim() !== '')
    .map(Number);
  return { shape, values: make(new Uint8Array(file.subarray(10 + headerLength)).buffer) };
}
