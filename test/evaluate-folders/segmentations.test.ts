import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { evaluateFolders } from '../../src/evaluate-folders/index.ts';
import type { Evaluation, StructureMeasures } from '../../src/evaluation/index.ts';
import { writeNifti } from '../../src/imaging/index.ts';
import { encodeSeg } from '../../src/results/index.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

/** Dense segment numbers differ from these labels: 5 is the liver, 10 and 11 the lungs. */
const VOLUME = makeVolume({ shape: [6, 11, 13] });
const NAMES = { 5: 'liver', 10: 'left_lung', 11: 'right_lung' };
const LABELS = makeLabels(VOLUME, NAMES, (x, y, z) => {
  if (z === 0 || z === 5) return 0;
  if (x < 4) return 11;
  return x > 8 ? 10 : y > 4 && z > 2 ? 5 : 0;
});

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-evaluate-seg-'));
  for (const side of ['reference', 'prediction', 'nifti']) await mkdir(join(folder, side, 'case1'), { recursive: true }); // prettier-ignore
  const { bytes } = encodeSeg(makeResultInput(VOLUME, LABELS));
  await writeFile(join(folder, 'prediction/case1/seg.dcm'), bytes);
  await writeFile(join(folder, 'reference/case1/seg.dcm'), bytes);
  await writeFile(
    join(folder, 'nifti/case1.nii'),
    writeNifti({ ...VOLUME, voxels: LABELS.voxels }),
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function evaluate(reference: string, prediction: string): Promise<{ evaluation: Evaluation }> {
  return evaluateFolders({
    reference: join(folder, reference),
    prediction: join(folder, prediction),
    out: join(folder, 'out'),
    structures: STRUCTURES,
    version: '0',
    toleranceMm: 3,
    invented: 'zero',
    threads: 1,
    signal: new AbortController().signal,
    onProgress: () => undefined,
  });
}

function present(evaluation: Evaluation): StructureMeasures[] {
  const [one] = evaluation.cases;
  return (one?.structures ?? []).filter(({ presence }) => presence !== 'absent');
}

describe('DICOM Segmentations', () => {
  it('lie on the grid of the NIfTI file of the same scan and name their segments themselves', async () => {
    for (const [reference, prediction] of [
      ['nifti', 'prediction'],
      ['prediction', 'nifti'],
    ] as const) {
      const { evaluation } = await evaluate(reference, prediction);
      expect(evaluation.refused).toEqual([]);
      expect(evaluation.cases.map((one) => one.case)).toEqual(['case1']);
      const measures = present(evaluation);
      expect(measures.map((one) => [one.structure, one.dice, one.hd]).sort()).toEqual([
        ['left_lung', 1, 0],
        ['liver', 1, 0],
        ['right_lung', 1, 0],
      ]);
    }
  }, 60_000);

  it('among themselves are compared in the structures that both sides have', async () => {
    const { evaluation } = await evaluate('reference', 'prediction');
    expect(evaluation.cases[0]?.structures.map((one) => [one.structure, one.dice]).sort()).toEqual([
      ['left_lung', 1],
      ['liver', 1],
      ['right_lung', 1],
    ]);
  }, 60_000);
});
