import { readFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isMissing, messageOf, refuse } from '../../contracts/index.ts';
import type { Fingerprint } from '../engine/probe.ts';
import { readProbes } from '../engine/probe.ts';
import { modelHash, sha256Of, sha256OfFile } from './hash.ts';
import type { ModelManifest } from './manifest.ts';
import { MANIFEST_FILE, manifestSchema } from './manifest.ts';

/** A model whose files were found to be those of its manifest. */
export interface LoadedModel {
  readonly directory: string;
  readonly name: string;
  readonly version: string;
  /** SHA-256 over the sorted hashes of its files, the manifest's among them. */
  readonly hash: string;
  readonly manifest: ModelManifest;
  /** Label value → structure name, background left out. */
  readonly structures: Readonly<Record<number, string>>;
  /** Sequences the model accepts; empty: any. */
  readonly sequences: readonly string[];
  readonly folds: readonly number[];
  /** SHA-256 of a network's file → what it answers to the probe patch; of models whose import kept it. */
  readonly fingerprints?: Readonly<Record<string, Fingerprint>>;
}

export interface VerifiedFile {
  readonly file: string;
  readonly expected: string;
  /** null: the file is missing. */
  readonly actual: string | null;
  readonly ok: boolean;
}

export interface Verification {
  readonly ok: boolean;
  readonly hash: string | null;
  readonly files: readonly VerifiedFile[];
}

/** Largest manifest that is read. */
const MAX_MANIFEST_BYTES = 4 * 2 ** 20;

/**
 * Reads a model folder and checks every file's hash.
 * @throws SitusError `MODEL_FOLDER_INVALID` when `model.json` is missing or not understood, `MODEL_DAMAGED` naming the
 *   file when a hash differs.
 */
export async function loadModel(directory: string): Promise<LoadedModel> {
  const { manifest, sha256 } = await readManifest(directory);
  const verification = await verifyFiles(directory, manifest, sha256);
  const wrong = verification.files.find((file) => !file.ok);
  if (wrong !== undefined || verification.hash === null) {
    throw refuse(
      'MODEL_DAMAGED',
      `The file "${wrong?.file ?? ''}" of the model ${manifest.name} ${manifest.version} is ${wrong?.actual === null ? 'missing' : 'not the one that was imported'}.`,
      'Import or download the model again.',
      { model: manifest.name, file: wrong?.file },
    );
  }
  return {
    directory,
    name: manifest.name,
    version: manifest.version,
    hash: verification.hash,
    manifest,
    structures: Object.fromEntries(
      manifest.labels.map(({ value, structure }) => [value, structure]),
    ),
    sequences: manifest.sequences,
    folds: manifest.folds.map(({ fold }) => fold),
    fingerprints: await readProbes(directory),
  };
}

/** Compares every file with the manifest and tells all differences instead of stopping at the first. */
export async function verifyModel(directory: string): Promise<Verification> {
  const { manifest, sha256 } = await readManifest(directory);
  return verifyFiles(directory, manifest, sha256);
}

export interface ModelListing {
  readonly directory: string;
  readonly name: string | null;
  readonly version: string | null;
  readonly structures: number;
  readonly folds: number;
  readonly licence: string | null;
  readonly intendedUse: string | null;
  /** Sequences it was made for; empty: not restricted. */
  readonly sequences: readonly string[];
  /** Why the folder can't be used; null when its manifest is sound (hashes are not checked here). */
  readonly problem: string | null;
}

/** The model folders directly below `root`, by name; folders without `model.json` are left out. */
export async function listModels(root: string): Promise<ModelListing[]> {
  const entries = await readdir(root, { withFileTypes: true });
  const listings: ModelListing[] = [];
  for (const entry of entries.sort((a, b) => a.name.localeCompare(b.name, 'en'))) {
    const directory = join(root, entry.name);
    if (!entry.isDirectory() || entry.name.startsWith('.') || !(await hasManifest(directory)))
      continue;
    listings.push(await listing(directory));
  }
  return listings;
}

async function listing(directory: string): Promise<ModelListing> {
  try {
    const { manifest } = await readManifest(directory);
    return {
      directory,
      name: manifest.name,
      version: manifest.version,
      structures: manifest.labels.length,
      folds: manifest.folds.length,
      licence: manifest.licence,
      intendedUse: manifest.intendedUse,
      sequences: manifest.sequences,
      problem: null,
    };
  } catch (thrown) {
    return {
      directory,
      name: null,
      version: null,
      structures: 0,
      folds: 0,
      licence: null,
      intendedUse: null,
      sequences: [],
      problem: messageOf(thrown),
    };
  }
}

async function hasManifest(directory: string): Promise<boolean> {
  const names = await readdir(directory);
  return names.includes(MANIFEST_FILE);
}

async function readManifest(
  directory: string,
): Promise<{ manifest: ModelManifest; sha256: string }> {
  const path = join(directory, MANIFEST_FILE);
  let bytes: Uint8Array;
  try {
    const { size } = await stat(path);
    if (size > MAX_MANIFEST_BYTES) throw invalid(`${MANIFEST_FILE} has ${size} bytes`);
    bytes = await readFile(path);
  } catch (cause) {
    throw invalid(`${MANIFEST_FILE} can't be read`, cause);
  }
  let content: unknown;
  try {
    content = JSON.parse(new TextDecoder().decode(bytes));
  } catch (cause) {
    throw invalid(`${MANIFEST_FILE} is no JSON`, cause);
  }
  const result = manifestSchema.safeParse(content);
  if (!result.success) {
    const [issue] = result.error.issues;
    throw invalid(`${MANIFEST_FILE}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  return { manifest: result.data, sha256: sha256Of(bytes) };
}

async function verifyFiles(
  directory: string,
  manifest: ModelManifest,
  manifestHash: string,
): Promise<Verification> {
  const files: VerifiedFile[] = [];
  for (const { file, sha256 } of manifest.folds) {
    const actual = await hashOrNull(join(directory, file));
    files.push({ file, expected: sha256, actual, ok: actual === sha256 });
  }
  const ok = files.every((file) => file.ok);
  const hash = ok ? modelHash([manifestHash, ...files.map(({ expected }) => expected)]) : null;
  return { ok, hash, files };
}

async function hashOrNull(path: string): Promise<string | null> {
  try {
    return (await sha256OfFile(path)).sha256;
  } catch (thrown) {
    if (isMissing(thrown)) return null;
    throw thrown;
  }
}

function invalid(what: string, cause?: unknown): Error {
  return refuse(
    'MODEL_FOLDER_INVALID',
    `The folder holds no usable model: ${what}.`,
    'Import or download the model again, or name the right folder.',
    {},
    cause,
  );
}
