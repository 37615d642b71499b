import { beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  DEFAULT_KSERVE_MODELS,
  exportTriton,
  importModel,
  type LoadedModel,
} from '../../../src/segmentation/index.ts';
import { sha256Of } from '../../../src/segmentation/model/hash.ts';
import { rejection } from '../support/errors.ts';
import { nnunetFiles, temporaryFolder, writeFolder } from '../support/nnunet-folder.ts';

const models = DEFAULT_KSERVE_MODELS;

describe('a model repository for Triton', () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await importModel({
      input: writeFolder(nnunetFiles({ folds: [0, 3] })),
      out: join(temporaryFolder(), 'tiny'),
      name: 'tiny',
      version: '2 "b"',
    });
  });

  it('has each fold as a model, with its network unchanged', async () => {
    const out = join(temporaryFolder(), 'new', 'repository');
    const networks = await exportTriton({ model, out, models });
    expect(readdirSync(out).sort()).toEqual(['tiny-fold-0', 'tiny-fold-3']);
    expect(readdirSync(join(out, '..'))).toEqual(['repository']);
    for (const { folder, sha256 } of networks) {
      expect(sha256Of(readFileSync(join(folder, '1', 'model.onnx')))).toBe(sha256);
    }
    expect(networks.map(({ fold, version }) => [fold, version])).toEqual([
      [0, '1'],
      [3, '1'],
    ]);
  });

  it('tells the server tensors and hash in its configuration', async () => {
    const out = temporaryFolder();
    const [, network] = await exportTriton({ model, out, models });
    const config = readFileSync(join(network?.folder ?? '', 'config.pbtxt'), 'utf8');
    expect(config).toContain('name: "tiny-fold-3"');
    expect(config).toContain('backend: "onnxruntime"');
    expect(config).toContain('{ name: "patch" data_type: TYPE_FP32 dims: [ 1, 1, 8, 8, 8 ] }');
    expect(config).toContain('{ name: "logits" data_type: TYPE_FP32 dims: [ 1, 3, 8, 8, 8 ] }');
    expect(config).toContain(
      `{ key: "situs_sha256" value: { string_value: "${network?.sha256}" } }`,
    );
    expect(config).toContain('{ key: "situs_model_version" value: { string_value: "2 \\"b\\"" } }');
  });

  it('takes names and versions as configured, beside other models', async () => {
    const out = temporaryFolder();
    mkdirSync(join(out, 'other'));
    const pattern = { name: 'situs_{model}.{fold}', version: '20{fold}' };
    await exportTriton({ model, out, models: pattern });
    expect(readdirSync(out).sort()).toEqual(['other', 'situs_tiny.0', 'situs_tiny.3']);
    expect(existsSync(join(out, 'situs_tiny.3', '203', 'model.onnx'))).toBe(true);
  });

  it('writes over nothing', async () => {
    const out = temporaryFolder();
    mkdirSync(join(out, 'tiny-fold-3'));
    const error = await rejection(exportTriton({ model, out, models }));
    expect(error).toMatchObject({ code: 'TRITON_MODEL_EXISTS', errorClass: 'usage' });
    expect(readdirSync(out)).toEqual(['tiny-fold-3']);
  });

  it.each([
    ['the same for every fold', { name: '{model}', version: null }],
    ['no folder names', { name: '../{model}-{fold}', version: null }],
    ['versions that are no numbers', { name: '{model}-{fold}', version: '{modelVersion}' }],
  ])('refuses names that are %s', async (_, pattern) => {
    const error = await rejection(exportTriton({ model, out: temporaryFolder(), models: pattern }));
    expect(error).toMatchObject({ code: 'TRITON_NAMES_UNSUITABLE', errorClass: 'usage' });
  });
});
