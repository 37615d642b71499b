import { randomUUID } from 'node:crypto';
import { link, readFile, rm, unlink, writeFile } from 'node:fs/promises';
import { isMissing, systemCode } from './contracts/index.ts';
import { isAlive } from './processes.ts';

/**
 * Makes a file that only one process at a time can have; one that a dead process left is taken over.
 * @returns how to give it back, or the process that has it.
 */
export async function lockFile(
  path: string,
): Promise<{ readonly unlock: () => Promise<void> } | { readonly holder: number }> {
  // Linked into place whole: a reader never sees a lock without its process.
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, String(process.pid));
  try {
    for (;;) {
      try {
        await link(mine, path);
        return { unlock: () => unlink(path) };
      } catch (thrown) {
        if (systemCode(thrown) !== 'EEXIST') throw thrown;
      }
      const holder = await holderOf(path);
      if (holder !== null && isAlive(holder)) return { holder };
      await rm(path, { force: true });
    }
  } finally {
    await unlink(mine);
  }
}

async function holderOf(path: string): Promise<number | null> {
  try {
    const holder = Number(await readFile(path, 'utf8'));
    return Number.isInteger(holder) && holder > 0 ? holder : null;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}
