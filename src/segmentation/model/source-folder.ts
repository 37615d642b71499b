import { readdirSync, statSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { SitusError, refuse } from '../../contracts/index.ts';
import type { ByteSource } from '../checkpoint/byte-source.ts';
import { fileSource, memorySource } from '../checkpoint/byte-source.ts';
import type { ZipEntry } from '../checkpoint/zip.ts';
import { FOLDER_LIMITS, checkStored, readEntry, readZip } from '../checkpoint/zip.ts';

/** An nnU-Net folder with `plans.json`, on disk or in a zip file; names relative to it with `/`. */
export interface SourceFolder {
  readonly names: readonly string[];
  open(name: string): ByteSource;
  close(): void;
}

/** How deep below the input `plans.json` may lie: dataset / trainer__plans__configuration / plans.json. */
const MAX_DEPTH = 3;
const MAX_FILES = 20_000;

/**
 * Finds the one nnU-Net model folder in a directory or zip file.
 * @throws SitusError `MODEL_NOT_FOUND` when there is none, `MODEL_AMBIGUOUS` when there are several.
 */
export function openSourceFolder(input: string): SourceFolder {
  const stats = statSync(input, { throwIfNoEntry: false });
  if (stats === undefined) {
    throw new SitusError({
      code: 'MODEL_NOT_FOUND',
      message: `There is no file or folder "${input}".`,
      next: 'Give the folder that nnU-Net wrote during training, or a zip of it.',
      errorClass: 'usage',
      origin: 'input',
    });
  }
  return stats.isDirectory() ? directoryFolder(input) : zipFolder(input);
}

function directoryFolder(input: string): SourceFolder {
  const files: string[] = [];
  const walk = (directory: string, depth: number): void => {
    for (const entry of readdirSync(directory, { withFileTypes: true })) {
      const path = join(directory, entry.name);
      if (entry.isDirectory()) {
        if (depth < MAX_DEPTH + 1) walk(path, depth + 1);
      } else if (entry.isFile() && files.length < MAX_FILES) {
        files.push(relative(input, path).split(sep).join('/'));
      }
    }
  };
  walk(input, 0);
  const root = modelRoot(files);
  return {
    names: below(files, root),
    open: (name) => fileSource(name, join(input, ...(root + name).split('/'))),
    close: () => undefined,
  };
}

function zipFolder(input: string): SourceFolder {
  const archive = fileSource(input.split(sep).at(-1) ?? 'archive', input);
  try {
    return archiveFolder(archive, readZip(archive, FOLDER_LIMITS));
  } catch (refusal) {
    archive.close();
    throw refusal;
  }
}

function archiveFolder(archive: ByteSource, entries: ReadonlyMap<string, ZipEntry>): SourceFolder {
  const root = modelRoot([...entries.keys()]);
  return {
    names: below([...entries.keys()], root),
    open: (name) => {
      const entry = entries.get(root + name);
      if (entry === undefined) throw notFound(`"${name}" is missing`);
      return entry.method === 0
        ? storedPart(archive, entry, name)
        : memorySource(name, readEntry(archive, entry));
    },
    close: () => {
      archive.close();
    },
  };
}

/** A stored entry is checked once and then read in place. */
function storedPart(archive: ByteSource, entry: ZipEntry, name: string): ByteSource {
  checkStored(archive, entry);
  return {
    name,
    size: entry.size,
    read: (offset, length) => {
      if (offset < 0 || offset + length > entry.size) {
        throw refuse(
          'ZIP_TRUNCATED',
          `${name} ends too early: ${length} bytes at ${offset} are needed, it has ${entry.size} bytes.`,
          'Copy or download the file again; it is incomplete or damaged.',
        );
      }
      return archive.read(entry.dataOffset + offset, length);
    },
    close: () => undefined,
  };
}

function modelRoot(files: readonly string[]): string {
  const plans = files.filter(
    (name) => /(^|\/)plans\.json$/.test(name) && name.split('/').length <= MAX_DEPTH + 1,
  );
  const [first, second] = plans;
  if (first === undefined) throw notFound('it holds no plans.json');
  if (second !== undefined) {
    throw refuse(
      'MODEL_AMBIGUOUS',
      `The input holds several nnU-Net models: ${plans.join(', ')}.`,
      'Give the folder of one of them.',
    );
  }
  return first.slice(0, -'plans.json'.length);
}

function below(files: readonly string[], root: string): string[] {
  return files.filter((name) => name.startsWith(root)).map((name) => name.slice(root.length));
}

function notFound(what: string): Error {
  return refuse(
    'MODEL_NOT_FOUND',
    `The input is no nnU-Net model folder: ${what}.`,
    'Give the folder that nnU-Net wrote during training (plans.json, dataset.json, fold_N/checkpoint_final.pth), or a zip of it.',
  );
}
