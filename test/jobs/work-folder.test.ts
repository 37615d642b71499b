import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WorkFolder } from '../../src/jobs/index.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

describe('the work folder', () => {
  let root: string;
  let folder: WorkFolder;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'situs-work-'));
    folder = new WorkFolder(root);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('gives back what was put, by a name that says its content', async () => {
    const job = randomUUID();
    const artifact = await folder.put(job, 'seg', 'dcm', bytes('content'));
    expect(artifact.name).toBe(`seg-${artifact.sha256}.dcm`);
    expect(await folder.get(job, artifact.name)).toEqual(Buffer.from('content'));
    expect(await readdir(folder.folderOf(job))).toEqual([artifact.name]);
  });

  it('does not give back a file that is no longer what its name says', async () => {
    const job = randomUUID();
    const { name } = await folder.put(job, 'seg', 'dcm', bytes('content'));
    await writeFile(folder.pathOf(job, name), 'conten');
    expect(await folder.get(job, name)).toBeNull();
    expect(await folder.get(randomUUID(), name)).toBeNull();
  });

  it('says with both figures when a disk has no room', async () => {
    await expect(folder.requireSpace(2 ** 60)).rejects.toMatchObject({
      code: 'DISK_FULL',
      errorClass: 'retry',
      details: { needed: 2 ** 60 },
    });
  });

  it('drops source images of jobs that are over at once, the rest after the days of retention', async () => {
    const [live, recent, old] = [randomUUID(), randomUUID(), randomUUID()];
    for (const job of [live, recent, old]) {
      await folder.put(job, 'instance', 'dcm', bytes('image'));
      await folder.put(job, 'manifest', 'json', bytes('{}'));
      await folder.put(job, 'seg', 'dcm', bytes('result'));
    }
    const aged = new Date('2026-01-01T00:00:00Z');
    await utimes(folder.folderOf(old), aged, aged);
    const over = new Set<string>([recent, old]);
    const removed = await folder.tidy(
      () => Promise.resolve((job: string) => over.has(job)),
      new Date('2026-01-08T00:00:00Z'),
    );
    expect(removed).toBe(1);
    expect((await readdir(root)).sort()).toEqual([live, recent].sort());
    expect(await readdir(folder.folderOf(live))).toHaveLength(3);
    expect((await readdir(folder.folderOf(recent))).map((name) => name.split('-')[0])).toEqual([
      'seg',
    ]);
  });

  it('never touches what is not a folder of a job', async () => {
    await mkdir(join(root, 'family-photos'));
    await utimes(join(root, 'family-photos'), 0, 0);
    await writeFile(join(root, 'notes.txt'), 'mine');
    await folder.tidy(() => Promise.resolve(() => true), new Date());
    expect((await readdir(root)).sort()).toEqual(['family-photos', 'notes.txt']);
  });
});
