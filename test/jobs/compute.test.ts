import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { phantomSeries } from '../../src/demo/index.ts';
import type { ReadRequest } from '../../src/jobs/compute-calls.ts';
import { createCompute } from '../../src/jobs/index.ts';

const never = new AbortController().signal;
let folder: string;
let paths: string[];
let selection: ReadRequest['selection'];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-compute-'));
  const { files } = phantomSeries({
    seed: 7,
    kind: 'haste',
    phantomSpacing: 6,
    pixel: 6,
    sliceSpacing: 12,
  });
  selection = {
    stackId: 'all',
    frames: files.map(({ sopInstanceUid }) => ({ sopInstanceUid, frameNumber: null })),
  };
  paths = files.map((_, index) => join(folder, `${index}.dcm`));
  await Promise.all(files.map(({ bytes }, index) => writeFile(paths[index] ?? '', bytes)));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

describe('an aborted call of the compute thread', () => {
  it('ends where it reads, and the next call is served', async () => {
    const compute = createCompute();
    // Whoever opens a pipe that nobody writes to waits for ever.
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    const reading = new AbortController();
    const read = compute.readVolume({ paths: [...paths, pipe], selection }, reading.signal);
    reading.abort(new Error('enough'));
    await expect(read).rejects.toThrow('enough');
    const volume = await compute.readVolume({ paths, selection }, never);
    expect(volume.shape[0]).toBe(paths.length);
    await compute.stop();
  });

  it('does not begin where it waits for another', async () => {
    const compute = createCompute();
    const waiting = new AbortController();
    const first = compute.readVolume({ paths, selection }, never);
    const second = compute.readVolume({ paths: [join(folder, 'pipe')], selection }, waiting.signal);
    waiting.abort(new Error('not wanted'));
    await expect(second).rejects.toThrow('not wanted');
    expect((await first).shape[0]).toBe(paths.length);
    expect((await compute.readVolume({ paths, selection }, never)).shape[0]).toBe(paths.length);
    await compute.stop();
  });
});
