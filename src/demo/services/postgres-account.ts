import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';
import { SitusError } from '../../contracts/index.ts';

const run = promisify(execFile);
const NAME = 'postgres';
const OTHERS_MAY_ENTER = 0o001;

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
