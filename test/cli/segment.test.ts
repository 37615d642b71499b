import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { writeNifti } from '../../src/imaging/index.ts';
import { GOLDEN_NETWORKS } from '../segmentation/support/golden-networks.ts';
import { importCase, openCase } from '../segmentation/support/network-cases.ts';
import { runCli } from '../support/cli.ts';

/** A model with two folds that may be mirrored, and an image for it. */
const CASE = join(GOLDEN_NETWORKS, 'cases', 'fast');

describe('settings of a run on the command line', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'situs-cli-'));
    await mkdir(join(folder, 'models'));
    await importCase(CASE, join(folder, 'models', 'random'));
    await writeFile(join(folder, 'scan.nii'), writeNifti(openCase(CASE).volume));
    const config = {
      archives: [{ name: 'main', url: 'http://127.0.0.1:9/dicom-web' }],
      models: { folder: join(folder, 'models') },
      files: { structures: join(process.cwd(), 'config', 'structures.json') },
    };
    await writeFile(join(folder, 'situs.yaml'), stringify(config));
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it.each<[string, readonly string[], Readonly<Record<string, unknown>>]>([
    ['none', [], { folds: [0, 1], stepSize: 0.5, mirroring: true, splitLevel: 0 }],
    ['--fast', ['--fast'], { folds: [0], stepSize: 0.8, mirroring: false, splitLevel: 0 }],
    [
      '--fast with exceptions',
      ['--fast', '--folds', '1', '--step-size', '0.6', '--split-level', '1'],
      { folds: [1], stepSize: 0.6, mirroring: false, splitLevel: 1 },
    ],
    ['--no-mirroring', ['--no-mirroring'], { folds: [0, 1], stepSize: 0.5, mirroring: false }],
  ])('%s', async (_, flags, expected) => {
    const out = join(folder, 'out');
    const { code, err } = await runCli([
      ...['segment', join(folder, 'scan.nii'), '--model', 'random', '--out', out],
      ...['--config', join(folder, 'situs.yaml'), '--threads', '1', ...flags],
    ]);
    expect({ code, err }).toMatchObject({ code: 0 });
    const { run, model } = JSON.parse(await readFile(join(out, 'run.json'), 'utf8')) as {
      run: unknown;
      model: unknown;
    };
    expect(run).toMatchObject(expected);
    expect(model).toMatchObject({ licence: 'Apache-2.0', intendedUse: 'Tests of Situs only.' });
  });
});
