import { describe, expect, it } from '@jest/globals';
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runImport } from '../../../src/segmentation/model/import.ts';
import {
  importModel,
  listModels,
  loadModel,
  verifyModel,
} from '../../../src/segmentation/index.ts';
import type { ImportOptions, LoadedModel } from '../../../src/segmentation/index.ts';
import { rejection } from '../support/errors.ts';
import type { FolderOptions } from '../support/nnunet-folder.ts';
import { nnunetFiles, temporaryFolder, writeFolder } from '../support/nnunet-folder.ts';
import type { TensorValue } from '../support/pickle-writer.ts';
import { writeZip } from '../support/zip-writer.ts';

const options = (input: string): ImportOptions => ({
  input,
  out: join(temporaryFolder(), 'model'),
  name: 'tiny',
  version: '1.0',
});

/** The import without its process, which only some tests need. */
async function importHere(given: ImportOptions): Promise<LoadedModel> {
  const { structures = {}, defined = [], known, version, download, ...rest } = given;
  await runImport(
    {
      sequences: [],
      licence: 'unknown',
      intendedUse: 'Tests.',
      card: {},
      checkpoint: 'checkpoint_final.pth',
      acceptTrainers: [],
      threads: 1,
      partial: join(dirname(given.out), '.importing'),
      ...rest,
      version: version ?? null,
      labels: { structures, defined, known: known?.map(({ name }) => name) ?? null },
      download: download ?? null,
      folds: given.folds ?? null,
    },
    () => undefined,
  );
  return loadModel(given.out);
}

const importFolder = (
  folder: FolderOptions = {},
  extra: Partial<ImportOptions> = {},
): Promise<LoadedModel> => importHere({ ...options(writeFolder(nnunetFiles(folder))), ...extra });

describe('importing models', () => {
  it('makes a folder with a manifest and one network a fold', async () => {
    const model = await importFolder(
      { folds: [0, 3] },
      {
        structures: { structure_1: 'liver' },
        sequences: ['haste'],
        licence: 'CC0-1.0',
        intendedUse: 'Tests.',
        card: { cases: 3 },
      },
    );
    expect(readdirSync(model.directory).sort()).toEqual([
      'fold-0.onnx',
      'fold-3.onnx',
      'model.json',
      'probe.json',
    ]);
    expect(model).toMatchObject({
      name: 'tiny',
      version: '1.0',
      folds: [0, 3],
      structures: { 1: 'liver', 2: 'structure_2' },
      sequences: ['haste'],
      manifest: { licence: 'CC0-1.0', intendedUse: 'Tests.', card: { cases: 3 } },
    });
    const { files } = model.manifest.source;
    expect(files.map(({ file }) => file)).toEqual([
      'plans.json',
      'dataset.json',
      'fold_0/checkpoint_final.pth',
      'fold_3/checkpoint_final.pth',
    ]);
  });

  it('gives the same bytes and the same hash every time', async () => {
    const [first, second] = [await importFolder(), await importFolder()];
    expect(second.hash).toBe(first.hash);
    const other = await importFolder({ seed: 2 });
    expect(other.hash).not.toBe(first.hash);
  });

  it('reads a zip, stored or deflated, with the model some folders down', async () => {
    const expected = await importFolder();
    for (const deflate of [false, true]) {
      const parts = [...nnunetFiles()].map(([name, bytes]) => ({
        name: `weights/trainer__plans/${name}`,
        bytes,
        deflate,
      }));
      const archive = join(temporaryFolder(), 'weights.zip');
      writeFileSync(archive, writeZip(parts));
      expect((await importHere(options(archive))).hash).toBe(expected.hash);
    }
  });

  it('finds the model below the given folder', async () => {
    const folder = writeFolder(nnunetFiles(), 'Dataset001/nnUNetTrainer__nnUNetPlans__3d_fullres');
    expect((await importHere(options(folder))).folds).toEqual([0]);
  });

  it('takes fold_all as fold 0, and only the folds that are asked for', async () => {
    expect((await importFolder({ folds: ['all'] })).folds).toEqual([0]);
    expect((await importFolder({ folds: [0, 1, 2] }, { folds: [2] })).folds).toEqual([2]);
  });

  it('takes the version that MRSegmentator’s weights carry, in its own digits', async () => {
    const withVersion = (text: string, version?: string): Promise<LoadedModel> => {
      const files = new Map([...nnunetFiles(), ['version.json', Buffer.from(text)] as const]);
      const out = join(temporaryFolder(), 'model');
      const plain = { input: writeFolder(files), out, name: 'tiny' };
      return importHere({ ...plain, ...(version === undefined ? {} : { version }) });
    };
    const told = await withVersion('{"weights_version": 1.0, "other": 3}');
    expect(told.version).toBe('1.0');
    expect(told.manifest.source.weightsVersion).toBe('1.0');
    expect(told.manifest.source.files.map(({ file }) => file)).toContain('version.json');
    expect((await withVersion('{"weights_version": "2-beta"}')).version).toBe('2-beta');
    const named = await withVersion('{"weights_version": 1.2}', '7');
    expect([named.version, named.manifest.source.weightsVersion]).toEqual(['7', '1.2']);
    for (const other of ['{', '[]', '{"version": 1}', '{"weights_version": []}']) {
      expect((await withVersion(other)).version).toBe('1');
    }
  });

  it('keeps where a download came from', async () => {
    const download = {
      address: 'https://models.example.org/w.zip',
      sha256: 'ab'.repeat(32),
      bytes: 12,
      at: '2026-03-01T10:00:00.000Z',
    };
    const model = await importFolder({}, { download });
    expect(model.manifest.source.download).toEqual(download);
  });

  it('leaves nothing behind when it fails', async () => {
    const out = join(temporaryFolder(), 'model');
    const input = writeFolder(nnunetFiles({ trainer: 'nnUNetTrainerBN' }));
    const work = importModel({ ...options(input), out });
    expect((await rejection(work))?.code).toBe('MODEL_UNSUPPORTED');
    expect(readdirSync(join(out, '..'))).toEqual([]);
  });

  it('does not overwrite a model', async () => {
    const { directory } = await importFolder();
    expect((await rejection(importFolder({}, { out: directory })))?.code).toBe('MODEL_EXISTS');
  });

  it.each<[string, FolderOptions, Partial<ImportOptions>, string]>([
    ['a fold that is not there', {}, { folds: [4] }, 'MODEL_FOLD_MISSING'],
    [
      'a checkpoint that is not there',
      {},
      { checkpoint: 'checkpoint_best.pth' },
      'MODEL_FOLD_MISSING',
    ],
    [
      'a structure for a label that is none',
      {},
      { structures: { tail: 'tail' } },
      'MODEL_LABEL_UNKNOWN',
    ],
    [
      'weights that the plans have no place for',
      {
        tamper: (weights) => {
          const [, bias] =
            [...weights.entries()].find(([name]) => String(name).endsWith('bias')) ?? [];
          weights.set('encoder.stages.7.0.convs.0.conv.bias', bias);
        },
      },
      {},
      'CHECKPOINT_WEIGHTS',
    ],
    [
      'plans of another network',
      {
        configuration: {
          conv_kernel_sizes: [
            [1, 3, 3],
            [3, 3, 3],
          ],
        },
      },
      {},
      'CHECKPOINT_WEIGHTS',
    ],
    [
      'weights that blow the network up',
      {
        tamper: (weights, parts) => {
          const value = weights.get('decoder.seg_layers.0.weight') as TensorValue;
          const part = parts[Number(value.tensor.key)];
          if (part) new Float32Array(part.bytes.buffer).fill(3e38);
        },
      },
      {},
      'NETWORK_UNUSABLE',
    ],
  ])('refuses %s', async (_, folder, extra, code) => {
    expect((await rejection(importFolder(folder, extra)))?.code).toBe(code);
  });

  it.each<[string, Map<string, Uint8Array>, string]>([
    ['a folder without plans', new Map([['readme.txt', new Uint8Array(3)]]), 'MODEL_NOT_FOUND'],
    [
      'plans that are no JSON',
      new Map([...nnunetFiles(), ['plans.json', new Uint8Array(3)]]),
      'MODEL_PLANS_INVALID',
    ],
    [
      'two models',
      new Map(
        [...nnunetFiles()].flatMap(([name, bytes]) => [
          ['a/' + name, bytes],
          ['b/' + name, bytes],
        ]),
      ),
      'MODEL_AMBIGUOUS',
    ],
    [
      'a truncated checkpoint',
      new Map(
        [...nnunetFiles()].map(([name, bytes]) => [
          name,
          name.endsWith('.pth') ? bytes.subarray(0, 900) : bytes,
        ]),
      ),
      'ZIP_NOT_A_ZIP',
    ],
  ])('refuses %s', async (_, files, code) => {
    expect((await rejection(importHere(options(writeFolder(files)))))?.code).toBe(code);
  });

  it('works in a thread of its own, tells its progress and its errors', async () => {
    const told: string[] = [];
    const input = writeFolder(nnunetFiles({ folds: [0, 1] }));
    const onProgress: ImportOptions['onProgress'] = ({ phase, done, total }) => {
      told.push(`${phase} ${done}/${total}`);
    };
    const model = await importModel({ ...options(input), onProgress });
    expect(model.folds).toEqual([0, 1]);
    expect(told[0]).toBe('import 0/2');
    expect(told.at(-1)).toBe('import 2/2');
    const wrong = importModel({ ...options(input), checkpoint: 'none.pth' });
    const error = await rejection(wrong);
    expect(error?.code).toBe('MODEL_FOLD_MISSING');
    expect(error?.next).toContain('fold_1/checkpoint_final.pth');
  });

  it('does not start when it was aborted before', async () => {
    const work = importModel({
      ...options(writeFolder(nnunetFiles())),
      signal: AbortSignal.abort(),
    });
    expect((await rejection(work))?.code).toBe('SEGMENTATION_ABORTED');
  });
});

describe('model folders', () => {
  it('are refused when a file was changed or is missing, naming it', async () => {
    const { directory } = await importFolder({ folds: [0, 1] });
    expect(await verifyModel(directory)).toMatchObject({ ok: true });
    const path = join(directory, 'fold-1.onnx');
    const bytes = readFileSync(path);
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    writeFileSync(path, bytes);
    const error = await rejection(loadModel(directory));
    expect(error?.code).toBe('MODEL_DAMAGED');
    expect(error?.message).toContain('fold-1.onnx');
    const verification = await verifyModel(directory);
    expect(verification.files.map(({ file, ok }) => [file, ok])).toEqual([
      ['fold-0.onnx', true],
      ['fold-1.onnx', false],
    ]);
  });

  it('have another hash when only the manifest was changed', async () => {
    const model = await importFolder();
    const path = join(model.directory, 'model.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('structure_1', 'structure_9'));
    expect((await loadModel(model.directory)).hash).not.toBe(model.hash);
  });

  it.each([
    ['file names that leave the folder', '"fold-0.onnx"', '"../fold-0.onnx"'],
    ['another format', '"format": 1', '"format": 2'],
    ['unknown keys', '"licence"', '"license"'],
  ])('are refused with %s', async (_, from, to) => {
    const { directory } = await importFolder();
    const path = join(directory, 'model.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace(from, to));
    expect((await rejection(loadModel(directory)))?.code).toBe('MODEL_FOLDER_INVALID');
  });

  it('are listed with what is wrong with them', async () => {
    const { directory } = await importFolder();
    const root = join(directory, '..');
    const broken = writeFolder(new Map([['model.json', new TextEncoder().encode('{}')]]), 'x');
    expect(await listModels(root)).toEqual([
      {
        directory,
        name: 'tiny',
        version: '1.0',
        structures: 2,
        folds: 1,
        licence: 'unknown',
        intendedUse: 'Tests.',
        sequences: [],
        problem: null,
      },
    ]);
    const [listing] = await listModels(broken);
    expect(listing).toMatchObject({ name: null, structures: 0 });
    expect(listing?.problem).toContain('model.json');
    expect(existsSync(join(broken, 'x', 'model.json'))).toBe(true);
  });
});
