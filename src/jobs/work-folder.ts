import { createHash } from 'node:crypto';
import { mkdir, open, readFile, readdir, rename, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { SitusError } from '../contracts/index.ts';

/** A file in the work folder, named by the hash of its content. */
export interface Artifact {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

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
    const sha256 = createHash('sha256').update(bytes).digest('hex');
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
    const actual = createHash('sha256').update(bytes).digest('hex');
    return expected === actual ? bytes : null;
  }

  pathOf(jobId: string, name: string): string {
    return join(this.folderOf(jobId), name);
  }

  /** Takes everything of a job away once its results are stored and verified. */
  async remove(jobId: string): Promise<void> {
    await rm(this.folderOf(jobId), { recursive: true, force: true });
  }

  /** Jobs that have left something here. */
  async jobIds(): Promise<string[]> {
    try {
      return await readdir(this.root);
    } catch (error) {
      if (isMissing(error)) return [];
      throw error;
    }
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

function mebibytes(bytes: number): number {
  return Math.round(bytes / 2 ** 20);
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
