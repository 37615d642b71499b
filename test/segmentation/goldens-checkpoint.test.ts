import { describe, expect, it } from '@jest/globals';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { memorySource } from '../../src/segmentation/checkpoint/byte-source.ts';
import type { Checkpoint } from '../../src/segmentation/checkpoint/checkpoint.ts';
import { readCheckpoint } from '../../src/segmentation/checkpoint/checkpoint.ts';
import { importModel } from '../../src/segmentation/index.ts';
import { errorCode } from './support/errors.ts';
import { temporaryFolder } from './support/nnunet-folder.ts';
import { differentBits, openTierA } from './support/tier-a.ts';

interface Named {
  readonly name: string;
  readonly shape: readonly number[];
}
const A22 = openTierA<{
  weights: readonly Named[];
  aliases: number;
  storages: readonly Named[];
  files: readonly { name: string; code: string | null }[];
  marker: string;
}>('A22');

const read = (array: string): Checkpoint =>
  readCheckpoint(memorySource('checkpoint_final.pth', A22.array(array, 'u8')));

function expectWeights(checkpoint: Checkpoint, named: readonly Named[], values: string): void {
  const shapes = [...checkpoint.weights].map(([name, { shape }]) => ({ name, shape: [...shape] }));
  expect(shapes).toEqual(named);
  const all = [...checkpoint.weights.values()].flatMap((tensor) => [...tensor.values]);
  expect(differentBits(Float32Array.from(all), A22.array(values, 'f32'), 4)).toBe(0);
}

describe(A22.name, () => {
  it('reads what nnU-Net’s save_checkpoint wrote, optimizer and logs beside it, to the same bits', () => {
    const checkpoint = read('complete');
    expect(A22.facts.aliases).toBeGreaterThan(20);
    expectWeights(checkpoint, A22.facts.weights, 'weights');
    expect(checkpoint).toMatchObject({
      configuration: '3d_fullres',
      trainer: 'nnUNetTrainer',
      mirrorAxes: [0, 2],
    });
  });

  it('reads every allowed global, every floating storage and views that are not dense', () => {
    expectWeights(read('storages'), A22.facts.storages, 'storageValues');
  });

  it.each(A22.facts.files.map((file, index) => ({ ...file, index })))(
    'answers $code: $name',
    ({ index, code }) => {
      expect(errorCode(() => read(`file${index}`))).toBe(code);
      expect(existsSync(A22.facts.marker)).toBe(false);
    },
  );

  it('imports a zipped model folder', async () => {
    const folder = temporaryFolder();
    const input = join(folder, 'weights.zip');
    writeFileSync(input, A22.array('folder', 'u8'));
    const model = await importModel({
      input,
      out: join(folder, 'model'),
      name: 'tier-a',
      version: '1',
    });
    expect(model.folds).toEqual([0, 1]);
    expect(model.manifest.plan.mirrorAxes).toEqual([0, 2]);
  });
});
