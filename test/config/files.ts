import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConfigProblem } from '../../src/config/index.ts';
import { SitusError } from '../../src/contracts/index.ts';

/** Runs with a fresh folder that is removed afterwards. */
export async function inFolder<Result>(work: (folder: string) => Promise<Result>): Promise<Result> {
  const folder = await mkdtemp(join(tmpdir(), 'situs-config-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes the text to a file and loads it. */
export async function loadText<Value>(
  text: string,
  load: (path: string) => Promise<Value>,
): Promise<Value> {
  return inFolder(async (folder) => {
    const path = join(folder, 'file.yaml');
    await writeFile(path, text);
    return load(path);
  });
}

/** The error that loading the text throws. */
export async function errorOf(
  text: string,
  load: (path: string) => Promise<unknown>,
): Promise<SitusError> {
  try {
    await loadText(text, load);
  } catch (thrown) {
    if (thrown instanceof SitusError) return thrown;
    throw thrown;
  }
  throw new Error('the text was accepted');
}

export function problemsOf(error: SitusError): readonly ConfigProblem[] {
  return error.details['problems'] as readonly ConfigProblem[];
}
