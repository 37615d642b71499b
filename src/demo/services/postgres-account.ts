import { execFile } from 'node:child_process';
import { chmod, chown, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SitusError } from '../../contracts/index.ts';

const run = promisify(execFile);
const NAME = 'postgres';
const OTHERS_MAY_ENTER = 0o001;
const GROUP_MAY_ENTER = 0o010;

/** The account a root process hands Postgres to. */
export interface Account {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Null when this process is not root and Postgres may run as it is. Root uses the account
 * `postgres` and makes it where it is missing. Throws POSTGRES_ACCOUNT when it cannot.
 */
export async function accountForPostgres(): Promise<Account | null> {
  if (process.getuid?.() !== 0) return null;
  const existing = await lookUp();
  if (existing !== null) return existing;
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', NAME]);
  } catch (error) {
    throw missing(error);
  }
  const made = await lookUp();
  if (made === null) throw missing(undefined);
  return made;
}

/** Whether the account may enter every folder above `path` (and `path` itself if it is a folder). */
export async function reachableBy(account: Account, path: string): Promise<boolean> {
  for (let at = resolve(path); ; at = dirname(at)) {
    const { mode, uid, gid } = await stat(at);
    const bits = uid === account.uid ? mode >> 6 : gid === account.gid ? mode >> 3 : mode;
    if ((bits & OTHERS_MAY_ENTER) === 0) return false;
    if (dirname(at) === at) return true;
  }
}

/**
 * Lets the account, and nobody else, pass through a folder of ours: its group becomes the account's,
 * with leave to enter and not to list. False when a folder above is closed too.
 */
export async function letPass(account: Account, folder: string): Promise<boolean> {
  if (await reachableBy(account, folder)) return true;
  if (!(await reachableBy(account, dirname(resolve(folder))))) return false;
  const { mode, uid } = await stat(folder);
  if (uid !== process.getuid?.()) return false;
  await chown(folder, uid, account.gid);
  await chmod(folder, (mode & 0o7707) | GROUP_MAY_ENTER);
  return reachableBy(account, folder);
}

async function lookUp(): Promise<Account | null> {
  try {
    const [user, group] = await Promise.all([run('id', ['-u', NAME]), run('id', ['-g', NAME])]);
    return { uid: Number(user.stdout), gid: Number(group.stdout) };
  } catch (error) {
    const isUnknown =
      typeof error === 'object' && error !== null && 'code' in error && error.code === 1;
    if (isUnknown) return null;
    throw missing(error);
  }
}

function missing(cause: unknown): SitusError {
  return new SitusError({
    code: 'POSTGRES_ACCOUNT',
    message: 'Postgres refuses to run as root, and the account "postgres" could not be made.',
    next: 'Run Situs as another user, make the account, or name a Postgres in SITUS_DATABASE_URL.',
    errorClass: 'usage',
    origin: 'configuration',
    cause,
  });
}
