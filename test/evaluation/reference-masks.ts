import { readFileSync } from 'node:fs';
import type { Affine, Shape } from '../../src/contracts/index.ts';
import { compareLabels, type StructureMeasures } from '../../src/evaluation/index.ts';

/** A pair of masks with what `surface-distance` says of it (reference/make_reference.py). */
export interface ReferenceCase {
  readonly name: string;
  readonly shape: Shape;
  readonly spacing: readonly [number, number, number];
  /** Bits, first voxel in the least significant one, as base64. */
  readonly reference: string;
  readonly prediction: string;
  readonly dice: number | null;
  readonly hd: number | null;
  readonly hd95: number | null;
  /** One a tolerance of `tolerances`. */
  readonly surfaceDice: readonly (number | null)[];
}

export interface ReferenceFile {
  readonly versions: Readonly<Record<string, string>>;
  readonly tolerances: readonly number[];
  readonly cases: readonly ReferenceCase[];
}

export function readReference(path: string | URL): ReferenceFile {
  return JSON.parse(readFileSync(path, 'utf8')) as ReferenceFile;
}

export const REFERENCE = readReference(new URL('reference/masks.json', import.meta.url));

export function maskOf(bits: string, shape: Shape, value = 1): Uint8Array {
  const packed = Buffer.from(bits, 'base64');
  return Uint8Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, index) =>
    ((packed[index >> 3] ?? 0) >> (index & 7)) & 1 ? value : 0,
  );
}

/** Axis-parallel grid with [slice, row, column] spacing. */
export function affineOf([slice, row, column]: readonly [number, number, number]): Affine {
  return [column, 0, 0, 0, 0, row, 0, 0, 0, 0, slice, 0, 0, 0, 0, 1];
}

export function measuresOf(
  one: ReferenceCase,
  toleranceMm: number,
  affine = affineOf(one.spacing),
): StructureMeasures {
  const [measures] = compareLabels(
    {
      reference: maskOf(one.reference, one.shape),
      prediction: maskOf(one.prediction, one.shape),
      shape: one.shape,
      affine,
    },
    { structures: { 1: 'organ' }, toleranceMm },
  );
  if (measures === undefined) throw new Error('no measures');
  return measures;
}
