import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { importModel, loadModel, type LoadedModel } from '../../../src/segmentation/index.ts';
import { nnunetFiles, type FolderOptions } from '../../segmentation/support/nnunet-files.ts';
import {
  FULL_SIZE,
  plainUnetFolder,
  type PlainUnet,
} from '../../segmentation/support/plain-unet.ts';

/** A model in both forms, with the same random weights. */
export interface BenchModel {
  /** As nnU-Net reads it. */
  readonly nnunet: string;
  readonly model: LoadedModel;
}

/** nnU-Net's size for bodies at 1.5 mm, with a patch of that many voxels a side. */
export function fullSizeModel(folder: string, side: number): Promise<BenchModel> {
  const net: PlainUnet = { ...FULL_SIZE, patch: [side, side, side] };
  return makeModel(join(folder, `full-${side}`), plainUnetFolder(net), [1.5, 1.5, 1.5]);
}

export async function makeModel(
  folder: string,
  options: FolderOptions,
  spacing: readonly [number, number, number],
  folds: readonly number[] = [0],
): Promise<BenchModel> {
  const nnunet = join(folder, 'nnunet');
  for (const [name, bytes] of nnunetFiles({ ...options, spacing, folds, plans: CONTRAST })) {
    const path = join(nnunet, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, bytes);
  }
  return { nnunet, model: await imported(nnunet, join(folder, 'model')) };
}

/** Keys that nnU-Net asks for and Situs does not. */
const CONTRAST = {
  plans_name: 'nnUNetPlans',
  image_reader_writer: 'SimpleITKIO',
  foreground_intensity_properties_per_channel: { '0': {} },
};

export async function imported(nnunet: string, out: string): Promise<LoadedModel> {
  await importModel({ input: nnunet, out, name: 'bench', version: '1' });
  return loadModel(out);
}
