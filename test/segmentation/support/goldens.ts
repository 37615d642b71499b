import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../../../src/contracts/index.ts';
import { importModel, type LoadedModel } from '../../../src/segmentation/index.ts';
import type { NpyArray } from '../../support/npy.ts';
import { readNpy } from '../../support/npy.ts';

/** Description of one golden case, made with the real nnU-Net 2.2.1. */
export interface GoldenCase {
  readonly name: string;
  readonly folds: readonly number[];
  readonly heads: number;
  readonly spacing_told: readonly [number, number, number];
  readonly bbox: readonly (readonly [number, number])[];
  readonly shape_preprocessed: readonly number[];
  readonly patch_starts: readonly (readonly number[])[];
}

export interface Golden {
  readonly directory: string;
  readonly info: GoldenCase;
  readonly volume: Volume;
  read(file: string): NpyArray | null;
}

/** The small case in this repository. */
export const TINY = join('test', 'segmentation', 'goldens', 'tiny');

const SHARED = join('..', 'shared', 'data', 'golden', 'nnunet');

/** The large cases that lie beside the repository; none, with a printed sentence, where they are absent. */
export function sharedGoldens(): string[] {
  const names = [
    'a_mr_iso_ensemble',
    'b_ct_anisotropic',
    'c_resenc',
    'd_small_volume',
    'e_mirroring',
  ];
  if (existsSync(SHARED)) return names.map((name) => join(SHARED, name));
  process.stdout.write(`Skipped: the golden cases are not there (${SHARED}).\n`);
  return [];
}

/** The small case and, where they are, the large ones. */
export function allGoldens(): string[] {
  return [TINY, ...sharedGoldens()];
}

/** @param folder to put the model folder into */
export function importGolden(directory: string, folder: string): Promise<LoadedModel> {
  return importModel({
    input: join(directory, 'model'),
    out: join(folder, 'model'),
    name: 'golden',
    version: '1',
  });
}

/** How many labels are not those of the reference, and how many of the reference are foreground. */
export function disagreement(
  labels: Uint8Array,
  reference: ArrayLike<number>,
): { readonly wrong: number; readonly foreground: number } {
  let wrong = 0;
  let foreground = 0;
  labels.forEach((label, i) => {
    if (reference[i] !== 0) foreground += 1;
    if (reference[i] !== label) wrong += 1;
  });
  return { wrong, foreground };
}

export function openGolden(directory: string): Golden {
  const info = JSON.parse(readFileSync(join(directory, 'case.json'), 'utf8')) as GoldenCase;
  const input = readNpy(join(directory, 'input.npy'));
  return {
    directory,
    info,
    volume: axialVolume(Float32Array.from(input.values), input.shape, info.spacing_told),
    read: (file) => {
      const path = join(directory, file);
      return existsSync(path) ? readNpy(path) : null;
    },
  };
}

/** A volume whose array is already in LPS order; spacing as [slices, rows, columns]. */
export function axialVolume(
  voxels: Float32Array,
  shape: readonly number[],
  spacing: readonly [number, number, number],
): Volume {
  const [slices = 1, rows = 1, columns = 1] = shape;
  const [dz, dy, dx] = spacing;
  return {
    voxels,
    shape: [slices, rows, columns],
    affine: [dx, 0, 0, 0, 0, dy, 0, 0, 0, 0, dz, 0, 0, 0, 0, 1],
    spacing,
    padding: null,
    unit: 'arbitrary',
    slices: [],
    source: null,
    warnings: [],
  };
}
