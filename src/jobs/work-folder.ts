import { mkdir, open, readFile, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, SitusError } from '../contracts/index.ts';
import type { Artifact } from '../records/index.ts';

const JOB_ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
/** Source images, their manifest, and what a crash left half written. */
const SOURCE = /^(instance-|manifest-|\.)/;

/**
 * The work folder of one host (design §7): artifacts are written beside their final name, flushed
 * and renamed, so a file that has its name is whole, and the name says what it must contain.
 */
export class WorkFolder {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  folderOf(jobId: string): string {
    return join(this.root, jobId);
  }

  /** Writes an artifact `PREFIX-SHA256.EXTENSION` of a job; the same content is written once. */
  async put(
    jobId: string,
    prefix: string,
    extension: string,
    bytes: Uint8Array,
  ): Promise<Artifact> {
    const sha256 = await sha256Of(bytes);
    const name = `${prefix}-${sha256}.${extension}`;
    const folder = this.folderOf(jobId);
    await mkdir(folder, { recursive: true });
    const partial = join(folder, `.${name}.${process.pid}.partial`);
    try {
      const file = await open(partial, 'w', 0o600);
      try {
        await file.writeFile(bytes);
        await file.sync();
      } finally {
        await file.close();
      }
      await rename(partial, join(folder, name));
    } catch (error) {
      await rm(partial, { force: true });
      throw error;
    }
    return { name, sha256, bytes: bytes.byteLength };
  }

  /** The artifact's bytes, or null when it is not on this host or no longer what its name says. */
  async get(jobId: string, name: string): Promise<Uint8Array | null> {
    const path = this.pathOf(jobId, name);
    let bytes: Uint8Array;
    try {
      bytes = await readFile(path);
    } catch (error) {
      if (isMissing(error)) return null;
      throw error;
    }
    const expected = /-([0-9a-f]{64})\./.exec(name)?.[1];
    return expected === (await sha256Of(bytes)) ? bytes : null;
  }

  pathOf(jobId: string, name: string): string {
    return join(this.folderOf(jobId), name);
  }

  /** Takes the source images of a job away: nothing needs them once the job is over. */
  async dropInstances(jobId: string): Promise<void> {
    for (const name of await names(this.folderOf(jobId))) {
      if (SOURCE.test(name)) await rm(this.pathOf(jobId, name), { force: true });
    }
  }

  /**
   * Retention: takes away what jobs that are over left here, source images at once, the rest when
   * nothing was written since `before`. Only folders named like a job are touched. Says how many went.
   * @param isOver called once, after this host's jobs were listed, so that no new job is missed
   */
  async tidy(isOver: () => Promise<(jobId: string) => boolean>, before: Date): Promise<number> {
    const jobIds = (await names(this.root)).filter((name) => JOB_ID.test(name));
    if (jobIds.length === 0) return 0;
    const over = await isOver();
    let removed = 0;
    for (const jobId of jobIds.filter(over)) {
      const { mtime } = await stat(this.folderOf(jobId));
      if (mtime < before) {
        await rm(this.folderOf(jobId), { recursive: true, force: true });
        removed += 1;
      } else {
        await this.dropInstances(jobId);
      }
    }
    return removed;
  }

  /**
   * Makes sure that `bytes` more fit on the disk before work begins that would fill it.
   * Throws DISK_FULL (retry) with both figures.
   */
  async requireSpace(bytes: number): Promise<void> {
    await mkdir(this.root, { recursive: true });
    const { bavail, bsize } = await statfs(this.root);
    const free = bavail * bsize;
    if (free >= bytes) return;
    throw new SitusError({
      code: 'DISK_FULL',
      message: `The work folder ${this.root} has ${mebibytes(free)} MiB free; this job needs ${mebibytes(bytes)} MiB.`,
      next: 'Free space on that disk or set workFolder in config/situs.yaml to another; the job goes on by itself.',
      errorClass: 'retry',
      origin: 'disk',
      details: { free, needed: bytes, folder: this.root },
    });
  }
}

/** Names in a folder; none when it is not there. */
async function names(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

/** In a thread of the runtime: hashing a large instance here would hold up everything else. */
async function sha256Of(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Buffer.from(digest).toString('hex');
}

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}
