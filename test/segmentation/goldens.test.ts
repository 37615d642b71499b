import { beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { onnxRuntimeEngine } from '../../src/segmentation/engine/onnx-runtime.ts';
import { segment } from '../../src/segmentation/index.ts';
import type { LoadedModel } from '../../src/segmentation/index.ts';
import { extractPatch, tile } from '../../src/segmentation/inference/tiles.ts';
import { slideWindow } from '../../src/segmentation/inference/sliding-window.ts';
import { preprocess } from '../../src/segmentation/preprocess/preprocess.ts';
import { allGoldens, disagreement, importGolden, openGolden } from './support/goldens.ts';
import { temporaryFolder } from './support/nnunet-folder.ts';
import { DEFAULT_SETTINGS } from '../../src/segmentation/settings.ts';

const engine = onnxRuntimeEngine({ device: 'cpu', threads: 2 });

describe.each(allGoldens())('golden case %s', (directory) => {
  const golden = openGolden(directory);
  const folder = temporaryFolder();
  let model: LoadedModel;

  beforeAll(async () => {
    model = await importGolden(directory, folder);
  });

  const prepared = (): ReturnType<typeof preprocess> =>
    preprocess(golden.volume.voxels, golden.volume, model.manifest.plan, 'true', () => undefined);

  it('preprocesses to the same bits', () => {
    const { values, shape } = prepared();
    expect([...shape]).toEqual(golden.info.shape_preprocessed);
    const reference = golden.read('preprocessed.npy');
    expect(Buffer.compare(bytesOf(values), bytesOf(reference?.values))).toBe(0);
  });

  it('cuts the same patches', () => {
    const { starts } = tile(prepared().shape, model.manifest.plan.patchSize);
    expect(starts).toEqual(golden.info.patch_starts);
  });

  it('answers the first patch within 2e-5 of the largest logit', async () => {
    const reference = golden.read('patch0_logits.npy');
    if (reference === null) return;
    const { values, shape } = prepared();
    const { patchSize } = model.manifest.plan;
    const patch = new Float32Array(patchSize[0] * patchSize[1] * patchSize[2]);
    extractPatch(values, tile(shape, patchSize), [0, 0, 0], patch);
    const network = await engine.open(join(model.directory, 'fold-0.onnx'), 1, patchSize);
    const answer = await network.run(patch);
    await network.close();
    let largest = 0;
    for (const value of reference.values) largest = Math.max(largest, Math.abs(value));
    let worst = 0;
    answer.forEach((value, i) => {
      worst = Math.max(worst, Math.abs(value - (reference.values[i] ?? Number.NaN)));
    });
    expect(worst).toBeLessThanOrEqual(2e-5 * largest);
  });

  it('blends and averages logits that differ in few halves only', async () => {
    const { values, shape } = prepared();
    const { plan } = model.manifest;
    const reference = golden.read('logits.npy')?.values ?? new Float16Array();
    const plane = shape[1] * shape[2];
    let different = 0;
    let worst = 0;
    await slideWindow(
      {
        values,
        shape,
        plan,
        settings: DEFAULT_SETTINGS,
        folds: model.folds.length,
        open: (fold) =>
          engine.open(
            join(model.directory, model.manifest.folds[fold]?.file ?? ''),
            1,
            plan.patchSize,
          ),
        tick: () => undefined,
      },
      (z, row) => {
        row.forEach((value, at) => {
          const channel = Math.floor(at / plane);
          const expected = reference[(channel * shape[0] + z) * plane + (at % plane)] ?? Number.NaN;
          if (value === expected) return;
          different += 1;
          worst = Math.max(worst, Math.abs(value - expected));
        });
      },
    );
    expect(different / reference.length).toBeLessThan(0.05);
    expect(worst).toBeLessThanOrEqual(0.08);
  });

  it('labels every voxel as nnU-Net did', async () => {
    const labels = await segment(golden.volume, model, {
      folds: 'all',
      device: 'cpu',
      threads: 2,
      spacingMode: 'true',
    });
    const reference = golden.read('labels.npy')?.values ?? new Uint8Array();
    const { wrong, foreground } = disagreement(labels.voxels, reference);
    expect(labels.voxels.length).toBe(reference.length);
    expect(wrong / foreground).toBeLessThanOrEqual(1e-4);
    expect(labels.run.folds).toEqual(golden.info.folds);
  });
});

function bytesOf(values: ArrayBufferView | undefined): Buffer {
  if (values === undefined) return Buffer.alloc(0);
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength);
}
