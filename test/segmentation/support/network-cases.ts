import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Volume } from '../../../src/contracts/index.ts';
import { readNifti } from '../../../src/imaging/index.ts';
import type {
  InferenceSettings,
  LoadedModel,
  SpacingMode,
} from '../../../src/segmentation/index.ts';
import { importModel, segment } from '../../../src/segmentation/index.ts';
import { readNpy } from '../../support/npy.ts';
import { axialVolume } from './goldens.ts';

/** A whole run of nnU-Net 2.2.1 on a random network, made by `goldens/networks/*.py`. */
export interface NetworkCase {
  readonly directory: string;
  readonly settings: InferenceSettings;
  readonly folds: 'all' | 'first';
  readonly spacingMode: SpacingMode;
  readonly volume: Volume;
  readonly labels: ArrayLike<number>;
}

/** Images are `input.npy` [z, y, x] with the spacing of `case.json`, or `input.nii.gz`; labels likewise. */
export function openCase(directory: string): NetworkCase {
  const info = JSON.parse(readFileSync(join(directory, 'case.json'), 'utf8')) as {
    readonly settings: InferenceSettings;
    readonly folds?: 'first';
    readonly spacingMode?: SpacingMode;
    readonly spacing?: readonly [number, number, number];
  };
  const { settings, folds = 'all', spacingMode = 'true' } = info;
  const base = { directory, settings, folds, spacingMode } as const;
  if (info.spacing === undefined) {
    const read = (name: string): Volume => readNifti(readFileSync(join(directory, name)));
    return { ...base, volume: read('input.nii.gz'), labels: read('labels.nii.gz').voxels };
  }
  const input = readNpy(join(directory, 'input.npy'));
  const volume = axialVolume(Float32Array.from(input.values), input.shape, info.spacing);
  return { ...base, volume, labels: readNpy(join(directory, 'labels.npy')).values };
}

export interface Comparison {
  readonly voxels: number;
  readonly foreground: number;
  readonly different: number;
  /** Lowest Dice of the structures over 1,000 voxels; 1 when there is none. */
  readonly dice: number;
}

/** @param out where the imported model goes; must not exist */
export async function runCase(golden: NetworkCase, out: string): Promise<Comparison> {
  const model = await importCase(golden.directory, out);
  const { settings, folds, spacingMode } = golden;
  const labels = await segment(golden.volume, model, {
    folds,
    device: 'cpu',
    threads: 1,
    spacingMode,
    settings,
  });
  return compare(labels.voxels, golden.labels);
}

export function importCase(directory: string, out: string): Promise<LoadedModel> {
  const input = join(directory, 'model');
  if (!existsSync(input)) throw new Error(`${input} is missing`);
  return importModel({
    input,
    out,
    name: 'random',
    version: '1',
    licence: 'Apache-2.0',
    intendedUse: 'Tests of Situs only.',
  });
}

export function compare(ours: Uint8Array, theirs: ArrayLike<number>): Comparison {
  if (ours.length !== theirs.length) throw new Error(`${ours.length} voxels, ${theirs.length}`);
  const sizes = new Map<number, { ours: number; theirs: number; both: number }>();
  const of = (label: number): { ours: number; theirs: number; both: number } => {
    const size = sizes.get(label) ?? { ours: 0, theirs: 0, both: 0 };
    sizes.set(label, size);
    return size;
  };
  let different = 0;
  let foreground = 0;
  ours.forEach((label, at) => {
    const expected = theirs[at] ?? 0;
    of(label).ours += 1;
    of(expected).theirs += 1;
    if (label === expected) of(label).both += 1;
    else different += 1;
    if (expected !== 0) foreground += 1;
  });
  const dices = [...sizes]
    .filter(([label, size]) => label !== 0 && size.theirs > 1000)
    .map(([, size]) => (2 * size.both) / (size.ours + size.theirs));
  return { voxels: ours.length, foreground, different, dice: Math.min(1, ...dices) };
}
