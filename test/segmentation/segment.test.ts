import { beforeAll, describe, expect, it } from '@jest/globals';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { join } from 'node:path';
import {
  estimateMemory,
  importModel,
  segment,
  DEFAULT_SETTINGS,
  FAST_SETTINGS,
} from '../../src/segmentation/index.ts';
import type { LoadedModel, SegmentOptions, SegmentProgress } from '../../src/segmentation/index.ts';
import { rejection } from './support/errors.ts';
import { axialVolume } from './support/goldens.ts';
import { nnunetFiles, noise, temporaryFolder, writeFolder } from './support/nnunet-folder.ts';

const OPTIONS: SegmentOptions = { folds: 'all', device: 'cpu', threads: 1, spacingMode: 'true' };

function volumeOf(slices: number, rows: number, columns: number): ReturnType<typeof axialVolume> {
  const random = noise(21);
  const voxels = Float32Array.from({ length: slices * rows * columns }, () => 100 + 50 * random());
  return axialVolume(voxels, [slices, rows, columns], [3, 2, 2]);
}

describe('segmenting', () => {
  let model: LoadedModel;
  beforeAll(async () => {
    model = await importModel({
      input: writeFolder(nnunetFiles({ folds: [0, 1, 2] })),
      out: join(temporaryFolder(), 'model'),
      name: 'tiny',
      version: '2',
      structures: { structure_2: 'liver' },
    });
  });

  it('says what ran, and leaves the volume as it was', async () => {
    const volume = volumeOf(9, 14, 12);
    const before = Float32Array.from(volume.voxels);
    const labels = await segment(volume, model, { ...OPTIONS, folds: [2, 0], threads: 2 });
    expect(volume.voxels).toEqual(before);
    expect(labels.shape).toEqual(volume.shape);
    expect(labels.voxels).toHaveLength(volume.voxels.length);
    expect(Math.max(...labels.voxels)).toBeLessThan(3);
    expect(labels.structures).toEqual({ 1: 'structure_1', 2: 'liver' });
    expect(labels.run).toMatchObject({
      model: 'tiny',
      modelVersion: '2',
      modelHash: model.hash,
      folds: [0, 2],
      device: 'cpu',
      threads: 2,
      spacingMode: 'true',
      patches: 3 * 3 * 2,
    });
    expect(labels.run.engine).toMatch(/^onnxruntime \d/);
    expect(labels.run.seconds['total']).toBeGreaterThan(0);
  });

  it('says which settings ran: fast is the first fold in wider steps', async () => {
    const volume = volumeOf(9, 14, 21);
    const plain = await segment(volume, model, OPTIONS);
    expect(plain.run).toMatchObject({ stepSize: 0.5, mirroring: false, splitLevel: 0 });
    const fast = await segment(volume, model, {
      ...OPTIONS,
      folds: 'first',
      settings: FAST_SETTINGS,
    });
    expect(fast.run).toMatchObject({ folds: [0], stepSize: 0.8, mirroring: false });
    expect(fast.run.patches).toBeLessThan(plain.run.patches);
    const split = await segment(volume, model, {
      ...OPTIONS,
      settings: { ...DEFAULT_SETTINGS, splitLevel: 1 },
    });
    expect(split.run.splitLevel).toBe(1);
    expect(split.voxels).not.toEqual(plain.voxels);
  });

  it('mirrors where the checkpoint allows it and the settings do not forbid it', async () => {
    const mirrored = await importModel({
      input: writeFolder(nnunetFiles({ mirrorAxes: [0, 2] })),
      out: join(temporaryFolder(), 'model'),
      name: 'mirrored',
      version: '1',
    });
    const volume = volumeOf(9, 14, 12);
    const withMirrors = await segment(volume, mirrored, OPTIONS);
    const without = await segment(volume, mirrored, {
      ...OPTIONS,
      settings: { ...DEFAULT_SETTINGS, mirroring: false },
    });
    expect([withMirrors.run.mirroring, without.run.mirroring]).toEqual([true, false]);
    expect(without.voxels).not.toEqual(withMirrors.voxels);
  });

  it('gives the same labels every time, and others for other folds', async () => {
    const volume = volumeOf(9, 14, 12);
    const runs = [
      await segment(volume, model, OPTIONS),
      await segment(volume, model, OPTIONS),
      await segment(volume, model, { ...OPTIONS, folds: [0] }),
    ];
    expect(runs[1]?.voxels).toEqual(runs[0]?.voxels);
    expect(runs[2]?.voxels).not.toEqual(runs[0]?.voxels);
  });

  it('turns a flipped and permuted volume to the same labels', async () => {
    const volume = volumeOf(9, 14, 12);
    const straight = await segment(volume, model, OPTIONS);
    const [slices, rows, columns] = volume.shape;
    const voxels = new Float32Array(volume.voxels.length);
    const expected = new Uint8Array(voxels.length);
    volume.voxels.forEach((value, at) => {
      const column = columns - 1 - (at % columns);
      const row = Math.floor(at / columns) % rows;
      const slice = Math.floor(at / (columns * rows));
      const turned = (row * slices + slice) * columns + column;
      voxels[turned] = value;
      expected[turned] = straight.voxels[at] ?? 0;
    });
    const coronal = {
      ...volume,
      voxels,
      shape: [rows, slices, columns] as const,
      spacing: [2, 3, 2] as const,
      affine: [-2, 0, 0, 22, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 1],
    };
    expect((await segment(coronal, model, OPTIONS)).voxels).toEqual(expected);
    const told = await segment(coronal, model, { ...OPTIONS, spacingMode: 'v1.2.3' });
    expect(told.voxels).not.toEqual(expected);
  });

  it('labels an empty volume without failing', async () => {
    const empty = axialVolume(new Float32Array(8 * 8 * 8), [8, 8, 8], [2, 2, 2]);
    expect((await segment(empty, model, OPTIONS)).voxels).toHaveLength(512);
  });

  it('tells its progress phase by phase, patches of all folds counted', async () => {
    const told: SegmentProgress[] = [];
    await segment(volumeOf(9, 14, 12), model, { ...OPTIONS, onProgress: (p) => told.push(p) });
    const phases = [...new Set(told.map(({ phase }) => phase))];
    expect(phases).toEqual(['preprocess', 'network', 'export']);
    const network = told.filter(({ phase }) => phase === 'network');
    expect(network.at(-1)).toEqual({ phase: 'network', done: 54, total: 54 });
    network.forEach((progress, i) => {
      expect(progress.done).toBeGreaterThanOrEqual(network[i - 1]?.done ?? 0);
    });
  });

  it('keeps the event loop free', async () => {
    const volume = volumeOf(20, 40, 40);
    const delay = monitorEventLoopDelay({ resolution: 5 });
    let turns = 0;
    const interval = setInterval(() => {
      turns += 1;
    }, 5);
    delay.enable();
    const labels = await segment(volume, model, { ...OPTIONS, folds: [0] });
    delay.disable();
    clearInterval(interval);
    const expected = ((labels.run.seconds['total'] ?? 0) * 1000) / 5;
    expect(turns).toBeGreaterThan(expected / 4);
    expect(delay.percentile(90) / 1e6).toBeLessThan(50);
  });

  it('stops soon after an abort, without an answer', async () => {
    const controller = new AbortController();
    let abortedAt = 0;
    const work = segment(volumeOf(40, 60, 60), model, {
      ...OPTIONS,
      signal: controller.signal,
      onProgress: ({ phase, done }) => {
        if (phase !== 'network' || done === 0 || abortedAt !== 0) return;
        abortedAt = performance.now();
        controller.abort();
      },
    });
    const error = await rejection(work);
    expect(error?.code).toBe('SEGMENTATION_ABORTED');
    expect(abortedAt).toBeGreaterThan(0);
    expect(performance.now() - abortedAt).toBeLessThan(5500);
  });

  it('stops while it still copies the volume', async () => {
    const controller = new AbortController();
    const work = segment(volumeOf(20, 400, 400), model, { ...OPTIONS, signal: controller.signal });
    setImmediate(() => {
      controller.abort();
    });
    expect((await rejection(work))?.code).toBe('SEGMENTATION_ABORTED');
  });

  it('does not start when it was aborted before', async () => {
    const work = segment(volumeOf(8, 8, 8), model, { ...OPTIONS, signal: AbortSignal.abort() });
    expect((await rejection(work))?.code).toBe('SEGMENTATION_ABORTED');
  });

  it('refuses what needs more memory than allowed, with the figures', async () => {
    const volume = volumeOf(9, 14, 12);
    const estimate = estimateMemory(volume, model, 3);
    const limit = estimate.bytes - 1;
    const error = await rejection(segment(volume, model, { ...OPTIONS, memoryLimit: limit }));
    expect(error?.code).toBe('MEMORY_LIMIT');
    expect(error?.errorClass).toBe('refuse');
    expect(error?.details).toMatchObject({ needed: estimate.bytes, limit });
    await segment(volume, model, { ...OPTIONS, memoryLimit: estimate.bytes });
  });

  it('estimates more for larger volumes and more folds', () => {
    const shape = { affine: volumeOf(2, 2, 2).affine, spacing: [2, 2, 2] as const };
    const small = estimateMemory({ ...shape, shape: [40, 40, 40] }, model, 1);
    const large = estimateMemory({ ...shape, shape: [80, 80, 80] }, model, 1);
    const folds = estimateMemory({ ...shape, shape: [80, 80, 80] }, model, 3);
    expect(large.bytes).toBeGreaterThan(small.bytes);
    expect(folds.parts.blend).toBeGreaterThan(large.parts.blend);
  });

  it.each<[string, Partial<SegmentOptions>, string]>([
    ['a step of 0', { settings: { ...DEFAULT_SETTINGS, stepSize: 0 } }, 'SETTINGS_INVALID'],
    ['a step over 1', { settings: { ...DEFAULT_SETTINGS, stepSize: 1.1 } }, 'SETTINGS_INVALID'],
    ['split level 5', { settings: { ...DEFAULT_SETTINGS, splitLevel: 5 } }, 'SETTINGS_INVALID'],
    ['split level 1.5', { settings: { ...DEFAULT_SETTINGS, splitLevel: 1.5 } }, 'SETTINGS_INVALID'],
    ['a fold that is not there', { folds: [0, 7] }, 'MODEL_FOLD_MISSING'],
    ['no folds', { folds: [] }, 'MODEL_FOLD_MISSING'],
    [
      'a device that is not there, instead of using another',
      { device: 'cuda' },
      'DEVICE_NOT_AVAILABLE',
    ],
  ])('refuses %s', async (_, options, code) => {
    const error = await rejection(segment(volumeOf(8, 8, 8), model, { ...OPTIONS, ...options }));
    expect(error?.code).toBe(code);
  });

  it('carries errors of the thread over with their code', async () => {
    const volume = volumeOf(8, 8, 8);
    volume.voxels[5] = Number.NaN;
    const error = await rejection(segment(volume, model, OPTIONS));
    expect(error).toMatchObject({
      code: 'VOLUME_NOT_FINITE',
      errorClass: 'refuse',
      origin: 'input',
    });
  });

  it('refuses a geometry that would need an absurd grid', async () => {
    const volume = { ...volumeOf(8, 8, 8), spacing: [9e5, 2, 2] as const };
    const error = await rejection(segment(volume, model, OPTIONS));
    expect(error?.code).toBe('VOLUME_SIZE_UNSUITABLE');
  });
});
