import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { modelCardLines, modelLine } from '../../src/cli/model-card.ts';
import { loadModel, modelCard } from '../../src/segmentation/index.ts';
import { runCli } from '../support/cli.ts';
import { modelCardOf } from '../support/model-card.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

let folder: string;
let config: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-card-'));
  await writeTinyModel(join(folder, 'models'));
  config = join(folder, 'situs.yaml');
  await writeFile(
    config,
    'archives: [{ name: main, url: "http://127.0.0.1/dicom-web" }]\nmodels: { folder: models }\n',
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('the card of a model', () => {
  it('tells figures apart from facts, and leaves nothing of the manifest out', async () => {
    const model = await loadModel(join(folder, 'models', 'tiny'));
    const manifest = {
      ...model.manifest,
      card: {
        training: 'none',
        'Dice ct_abdomen': 0.7,
        'Dice ct_abdomen liver': 0.9,
        'Dice ct_abdomen unicorn': 0.1,
        year: 2026,
      },
    };
    const card = modelCard({ ...model, manifest });
    expect(card.figures).toEqual([
      { measure: 'Dice', scanType: 'ct_abdomen', structure: null, value: 0.7 },
      { measure: 'Dice', scanType: 'ct_abdomen', structure: 'liver', value: 0.9 },
    ]);
    expect(card.facts).toEqual([
      { name: 'training', value: 'none' },
      { name: 'Dice ct_abdomen unicorn', value: '0.1' },
      { name: 'year', value: '2026' },
    ]);
    expect(card).toMatchObject({ name: 'tiny', hash: model.hash, licence: 'Apache-2.0' });
  });

  it('is printed with everything that it has', () => {
    const card = modelCardOf();
    const text = modelCardLines(card).join('\n');
    for (const { value } of card.facts) expect(text).toContain(value);
    for (const { sha256, file } of [...card.folds, ...card.sources]) {
      expect(text).toMatch(new RegExp(`${file} +\\d+ +${sha256}`));
    }
    for (const word of [card.hash, card.licence, card.intendedUse, card.trainer, card.dataset]) {
      expect(text).toContain(word);
    }
    expect(text).toContain('https://models.example.org/demo.zip');
    expect(text).toMatch(/spleen +0\.88 +0\.86 +0\.84/);
    expect(text).toMatch(/HD95 by structure[^]*liver +8\.5 +9\.5 +10\.5/);
    expect(modelCardLines({ ...card, figures: [] }).join('\n')).toContain('states none');
  });

  it('fits one line where a model is named in passing', () => {
    expect(modelLine(modelCardOf())).toMatch(
      /^model demo 0\.1\.0 \(Apache-2\.0\): Demonstration .* not for patients\.$/,
    );
  });
});

describe('situs model', () => {
  it('show prints the card by name and by folder, also as JSON', async () => {
    const named = await runCli(['model', 'show', 'tiny', '--config', config, '--json']);
    expect(named.code).toBe(0);
    expect(JSON.parse(named.out)).toMatchObject({
      name: 'tiny',
      intendedUse: 'Tests of Situs only.',
      facts: [{ name: 'manufacturer', value: 'Situs tests' }],
      directory: join(folder, 'models', 'tiny'),
    });
    const path = join(folder, 'models', 'tiny');
    const { out } = await runCli(['model', 'show', path, '--config', config]);
    expect(out).toContain('Tests of Situs only.');
  });

  it('show says which models there are when it does not know one', async () => {
    const { code, err } = await runCli(['model', 'show', 'tny', '--config', config]);
    expect(code).toBe(2);
    expect(err).toMatch(/^MODEL_NOT_FOUND: .*tiny/);
  });

  it('list says what each model is for', async () => {
    const { out } = await runCli(['model', 'list', '--config', config]);
    expect(out).toContain('tiny: Tests of Situs only.');
    expect(out).toContain('npx situs model show');
  });

  it('export-triton writes the networks where a server finds them', async () => {
    const repository = join(folder, 'triton');
    const args = ['model', 'export-triton', 'tiny', '--out', repository, '--config', config];
    const { code, out } = await runCli([...args, '--json']);
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject([
      { fold: 0, name: 'tiny-fold-0', version: '1', folder: join(repository, 'tiny-fold-0') },
    ]);
    expect((await runCli(args)).err).toMatch(/^TRITON_MODEL_EXISTS: /);
  });
});
