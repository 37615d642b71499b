import { afterAll } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export * from './nnunet-files.ts';

const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A new folder that is removed when the test file is through. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'situs-segmentation-'));
  folders.push(folder);
  return folder;
}

/** Writes the files below a new folder and returns it. */
export function writeFolder(files: ReadonlyMap<string, Uint8Array>, below = ''): string {
  const folder = temporaryFolder();
  for (const [name, bytes] of files) {
    const path = join(folder, below, name);
    mkdirSync(join(path, '..'), { recursive: true });
    writeFileSync(path, bytes);
  }
  return folder;
}
