import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Affine } from '../../src/contracts/index.ts';
import { writeNifti } from '../../src/imaging/index.ts';
import { maskOf, REFERENCE, affineOf, type ReferenceCase } from '../evaluation/reference-masks.ts';

/** A committed pair of masks by its name, with what surface-distance says of it. */
export function referenceCase(name: string): ReferenceCase {
  const found = REFERENCE.cases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`no reference case "${name}"`);
  return found;
}

export interface WrittenLabels {
  readonly label: number;
  /** Moves the grid, mm. */
  readonly shift?: number;
}

/** Writes one side of a reference case as a label file. */
export async function writeSide(
  path: string,
  one: ReferenceCase,
  side: 'reference' | 'prediction',
  { label, shift = 0 }: WrittenLabels,
): Promise<void> {
  const affine: Affine = affineOf(one.spacing).map((v, i) => (i === 3 ? v + shift : v));
  await mkdir(dirname(path), { recursive: true });
  const voxels = maskOf(one[side], one.shape, label);
  await writeFile(
    path,
    writeNifti({ voxels, shape: one.shape, affine }, { gzip: path.endsWith('.gz') }),
  );
}

/** A folder of references and one of predictions, each pair in the liver's number of its own table. */
export async function writePairs(
  folder: string,
  pairs: readonly { readonly path: string; readonly name: string }[],
  labels: { readonly reference: number; readonly prediction: number },
): Promise<void> {
  for (const { path, name } of pairs) {
    const one = referenceCase(name);
    const at = (side: string, ending: string): string => join(folder, side, `${path}${ending}`);
    await writeSide(at('reference', '.nii.gz'), one, 'reference', { label: labels.reference });
    await writeSide(at('prediction', '.labels.nii'), one, 'prediction', {
      label: labels.prediction,
    });
  }
}
