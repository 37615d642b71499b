import { randomBytes } from 'node:crypto';
import { copyFile, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { fileOwner, type Loaded } from './config/index.ts';
import { messageOf, SitusError, type Actor } from './contracts/index.ts';
import type { ConfigRow, Records } from './records/index.ts';

export interface Restoring {
  /** The file that the version is written to. */
  readonly path: string;
  readonly row: ConfigRow;
  readonly actor: Actor;
  readonly note?: string;
  /** Reads and checks a file of this kind as the node would. */
  readonly load: (path: string) => Promise<Loaded<unknown>>;
}

export interface Restored {
  /** Copy of the file as it was; null when it held this version already. */
  readonly backup: string | null;
  readonly restored: boolean;
}

/**
 * Writes an earlier version of a configuration file back. A node that follows the file makes it
 * active. The version is checked first as the node would check it, what the file holds is kept
 * beside it, and the record gets who did it and why; then the file is replaced in one step.
 *
 * Throws what `load` throws, and CONFIG_NOT_WRITABLE (usage).
 */
export async function restoreConfig(
  config: Pick<Records['config'], 'activate'>,
  { path, row, actor, note, load }: Restoring,
): Promise<Restored> {
  const before = await readFile(path, 'utf8');
  if (before === row.text) return { backup: null, restored: false };
  const folder = dirname(path);
  const draft = join(folder, `.${basename(path)}.${randomBytes(6).toString('hex')}`);
  try {
    await writable(path, () => writeLike(path, draft, row.text));
    await load(draft);
    const backup = await writable(path, () => keepBeside(path));
    const why = `restores ${row.version.slice(0, 12)}`;
    // Recorded before the file changes: a node that follows the file would record it without the reason.
    await config.activate(actor, row.kind, row.version, row.text, {
      author: actor.name,
      note: note === undefined ? why : `${why}: ${note}`,
    });
    await writable(path, () => rename(draft, path)).catch(async (error: unknown) => {
      const author = await fileOwner(path);
      const { version } = await load(path);
      await config.activate(actor, row.kind, version, before, {
        ...(author === null ? {} : { author }),
        note: `${why} failed: ${messageOf(error)}`,
      });
      throw error;
    });
    return { backup, restored: true };
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeLike(path: string, draft: string, text: string): Promise<void> {
  const { mode, uid, gid } = await stat(path);
  const file = await open(draft, 'wx', mode);
  try {
    // Only root may hand a file over; for everybody else it is theirs already or stays so.
    if (process.getuid?.() === 0) await file.chown(uid, gid);
    await file.writeFile(text, 'utf8');
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A copy with the time in its name, so that no earlier one is overwritten. */
async function keepBeside(path: string): Promise<string> {
  const at = new Date().toISOString().replace(/[-:]/g, '').replace(/\..*/, 'Z');
  const backup = `${path}.${at}.bak`;
  await copyFile(path, backup);
  return backup;
}

async function writable<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw new SitusError({
      code: 'CONFIG_NOT_WRITABLE',
      message: `${path} cannot be replaced: ${messageOf(error)}.`,
      next: 'Run the command as an account that may write the file and its folder.',
      errorClass: 'usage',
      origin: 'configuration',
      details: { file: path },
      cause: error,
    });
  }
}
