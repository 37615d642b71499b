import { beforeAll, describe, expect, it } from '@jest/globals';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Volume } from '../../../src/contracts/index.ts';
import type { LoadedModel, SegmentOptions } from '../../../src/segmentation/index.ts';
import { importModel, segment } from '../../../src/segmentation/index.ts';
import { deathOf } from '../../../src/segmentation/worker/death.ts';
import { rejection } from '../support/errors.ts';
import { axialVolume } from '../support/goldens.ts';
import { nnunetFiles, noise, temporaryFolder, writeFolder } from '../support/nnunet-folder.ts';
import { plainUnetFolder } from '../support/plain-unet.ts';
import {
  HAS_PROC,
  isThere,
  processorSeconds,
  segmentationProcesses,
  until,
} from '../support/processes.ts';

const OPTIONS: SegmentOptions = { folds: 'all', device: 'cpu', threads: 1, spacingMode: 'true' };
const ALONE = join(import.meta.dirname, '..', 'support', 'segment-alone.ts');
const onLinux = HAS_PROC ? it : it.skip;

function noisyVolume(side: number, seed: number): Volume {
  const random = noise(seed);
  const voxels = Float32Array.from({ length: side ** 3 }, () => 100 + 50 * random());
  return axialVolume(voxels, [side, side, side], [2, 2, 2]);
}

const imported = (folder: Parameters<typeof nnunetFiles>[0]): Promise<LoadedModel> =>
  importModel({
    input: writeFolder(nnunetFiles(folder)),
    out: join(temporaryFolder(), 'model'),
    name: 'model',
    version: '1',
  });

describe('the process of a segmentation', () => {
  let quick: LoadedModel;
  /** One patch of it takes seconds. */
  let slow: LoadedModel;
  beforeAll(async () => {
    quick = await imported({});
    const net = { features: [24, 24], convs: 3, patch: [64, 64, 64], heads: 3 } as const;
    slow = await imported(plainUnetFolder(net));
  });

  /** Starts a long one and waits until it is in the middle of its network run. */
  async function running(signal?: AbortSignal): Promise<{ work: Promise<unknown>; pid: number }> {
    let inNetwork = false;
    const before = new Set(segmentationProcesses());
    const work = segment(noisyVolume(64, 5), slow, {
      ...OPTIONS,
      ...(signal === undefined ? {} : { signal }),
      onProgress: ({ phase }) => {
        inNetwork ||= phase === 'network';
      },
    });
    const observed = rejection(work);
    await until(() => inNetwork);
    const [pid = 0] = segmentationProcesses().filter((id) => !before.has(id));
    const start = processorSeconds(pid);
    await until(() => processorSeconds(pid) > start + 0.2);
    return { work: observed, pid };
  }

  onLinux('is gone within a second of an abort, in the middle of a network run', async () => {
    const controller = new AbortController();
    const { work, pid } = await running(controller.signal);
    expect(isThere(pid)).toBe(true);
    const abortedAt = performance.now();
    controller.abort();
    expect(await work).toMatchObject({ code: 'SEGMENTATION_ABORTED', errorClass: 'retry' });
    const rejectedAfter = performance.now() - abortedAt;
    expect(isThere(pid)).toBe(false);
    expect(rejectedAfter).toBeLessThan(1000);
  });

  onLinux.each([
    ['SIGKILL', 'SEGMENTATION_KILLED'],
    ['SIGSEGV', 'SEGMENTATION_CRASHED'],
    ['SIGABRT', 'SEGMENTATION_CRASHED'],
  ] as const)('that dies of %s is an error to try again', async (signal, code) => {
    const { work, pid } = await running();
    process.kill(pid, signal);
    expect(await work).toMatchObject({ code, errorClass: 'retry', details: { signal } });
    const labels = await segment(noisyVolume(12, 5), quick, OPTIONS);
    expect(labels.voxels).toHaveLength(12 ** 3);
  });

  onLinux('leaves it to its parent what a stop of all processes means', async () => {
    const { work, pid } = await running();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    expect(await work).toBeNull();
  });

  onLinux('ends when its parent is killed, in the middle of a network run', async () => {
    const parent = spawn(process.execPath, [ALONE, slow.directory], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let told = '';
    parent.stdout.on('data', (piece: Buffer) => {
      told += piece.toString();
    });
    await until(() => told.includes('network'));
    const [pid = 0] = segmentationProcesses(parent.pid);
    const start = processorSeconds(pid);
    await until(() => processorSeconds(pid) > start + 0.2);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    await until(() => !isThere(pid));
    expect(isThere(pid)).toBe(false);
  });

  onLinux('is gone when the labels are there', async () => {
    await segment(noisyVolume(12, 5), quick, OPTIONS);
    expect(segmentationProcesses()).toEqual([]);
  });

  it('gives the same labels when two run at once as one after the other', async () => {
    const volumes = [noisyVolume(14, 1), noisyVolume(13, 2)];
    const run = (volume: Volume): Promise<{ voxels: Uint8Array }> =>
      segment(volume, quick, OPTIONS);
    const alone: Uint8Array[] = [];
    for (const volume of volumes) alone.push((await run(volume)).voxels);
    const together = await Promise.all(volumes.map(run));
    expect(together.map(({ voxels }) => voxels)).toEqual(alone);
    expect(new Set(alone[0]).size).toBeGreaterThan(1);
  });

  it('records what it was thought to need and what it took', async () => {
    const { run } = await segment(noisyVolume(12, 5), quick, OPTIONS);
    expect(run.peakBytes).toBeGreaterThan(20 * 2 ** 20);
    expect(run.estimatedBytes).toBeGreaterThan(0);
  });

  it('leaves nothing behind when an import is aborted', async () => {
    const controller = new AbortController();
    const out = join(temporaryFolder(), 'model');
    const work = importModel({
      input: writeFolder(nnunetFiles({ folds: [0, 1, 2, 3] })),
      out,
      name: 'model',
      version: '1',
      signal: controller.signal,
      onProgress: () => {
        controller.abort();
      },
    });
    expect((await rejection(work))?.code).toBe('SEGMENTATION_ABORTED');
    expect(existsSync(out)).toBe(false);
    expect(readdirSync(dirname(out))).toEqual([]);
  });
});

describe('the death of a process without an answer', () => {
  it('for want of memory is told as that', () => {
    const stderr =
      'FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n';
    expect(deathOf({ code: null, signal: 'SIGABRT', stderr })).toMatchObject({
      code: 'MEMORY_EXHAUSTED',
      errorClass: 'retry',
    });
  });

  it('by itself is a defect, told with its last words', () => {
    const error = deathOf({ code: 13, signal: null, stderr: 'first\nlast words\n' });
    expect(error).toMatchObject({ code: 'SEGMENTATION_DIED', errorClass: 'fault' });
    expect(error.message).toContain('last words');
    expect(error.details).toMatchObject({ exitCode: 13, stderr: ['first', 'last words'] });
  });
});
