import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing } from './contracts/index.ts';
import { isAlive } from './processes.ts';

/** What a running node leaves in its data folder so that other commands find it. */
export interface NodeNote {
  readonly pid: number;
  readonly databaseUrl: string;
  readonly configFile: string | null;
  readonly workFolder: string;
}

const NOTE_FILE = 'node.json';

/** Leaves the note; it holds the database's password, so only the owner may read it. */
export async function leaveNote(folder: string, note: NodeNote): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const partial = join(folder, `.${NOTE_FILE}.${process.pid}`);
  await writeFile(partial, JSON.stringify(note), { mode: 0o600 });
  await rename(partial, join(folder, NOTE_FILE));
}

export async function removeNote(folder: string): Promise<void> {
  await rm(join(folder, NOTE_FILE), { force: true });
}

/** The note of a node that is alive, or null. */
export async function findNote(folder: string): Promise<NodeNote | null> {
  let note: NodeNote;
  try {
    note = JSON.parse(await readFile(join(folder, NOTE_FILE), 'utf8')) as NodeNote;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
  return isAlive(note.pid) ? note : null;
}
