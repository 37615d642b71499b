import { readFile, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';

/**
 * The account that owns a file: its name where this machine knows it, else `uid N`. Null where files
 * have no owners (Windows) or the file cannot be looked at.
 */
export async function fileOwner(path: string): Promise<string | null> {
  if (process.platform === 'win32') return null;
  try {
    const { uid } = await stat(path);
    const self = userInfo();
    return uid === self.uid ? self.username : ((await accountName(uid)) ?? `uid ${uid}`);
  } catch {
    // The version is recorded all the same; only its author stays unknown.
    return null;
  }
}

async function accountName(uid: number): Promise<string | null> {
  const accounts = await readFile('/etc/passwd', 'utf8');
  const line = accounts.split('\n').find((one) => one.split(':')[2] === String(uid));
  return line?.split(':')[0] ?? null;
}
