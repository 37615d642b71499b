import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ModelSource, StructureTable } from './config/index.ts';
import { nearest, SitusError, usage, type Structure } from './contracts/index.ts';
import {
  addressKey,
  download,
  mebibytes,
  type DownloadProgress,
  type Patience,
} from './download/index.ts';
import { exists } from './exists.ts';
import { lockFile } from './lock-file.ts';
import { importModel, loadModel, sameVersion, type LoadedModel } from './segmentation/index.ts';

export interface PullOptions {
  /** Name of a known source, or an address. */
  readonly wanted: string;
  readonly sources: Readonly<Record<string, ModelSource>>;
  /** Name in rules and results; a known source has one. */
  readonly name?: string | undefined;
  /** Model folder; below `folder` under the model's name when left out. */
  readonly out?: string | undefined;
  /** Hash that the archive must have; wins over the source's. */
  readonly sha256?: string | undefined;
  /** Folder of the site's models. */
  readonly folder: string;
  readonly downloads: string;
  readonly downloadLimit: number;
  /** Structures with codes; null: take labels of others too. */
  readonly structures: readonly Structure[] | null;
  readonly table?: StructureTable | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: (text: string) => void;
  readonly patience?: Partial<Patience>;
  readonly now?: () => Date;
}

export interface Pulled {
  /** `there`: the same archive had been pulled before, and the model is intact. */
  readonly kind: 'pulled' | 'there';
  readonly model: LoadedModel;
  readonly address: string;
  /** Of the archive. */
  readonly sha256: string;
  /** Whether the hash was known beforehand. */
  readonly pinned: boolean;
  /** What a reader should know. */
  readonly notes: readonly string[];
}

/**
 * Gets a model: downloads its archive, checks the hash before anything is unpacked, and imports it. Called
 * again it finds the model there and intact. The archive is kept while the import has not succeeded.
 * @throws SitusError MODEL_SOURCE_UNKNOWN, MODEL_NAME_NEEDED, MODEL_ADDRESS_INSECURE, MODEL_EXISTS,
 *   MODEL_PULL_RUNS (usage); what `download` and `importModel` throw.
 */
export async function pullModel(options: PullOptions): Promise<Pulled> {
  const { name, source } = resolveSource(options);
  const expected = options.sha256 ?? source.sha256;
  const out = options.out ?? join(options.folder, name);
  const there = await alreadyThere(out, name, source.address, expected);
  if (there !== null) return there;
  requireSafe(source.address, expected);
  await mkdir(options.downloads, { recursive: true });
  const unlock = await lock(join(options.downloads, `${name}.lock`), name);
  try {
    const archive = await fetchArchive(options, name, source.address, expected);
    const model = await importArchive(options, { name, source, out, archive }).catch(
      async (thrown: unknown) => {
        if (expected === undefined && isDamage(thrown)) await rm(archive.path, { force: true });
        throw thrown;
      },
    );
    await rm(archive.path, { force: true });
    return {
      kind: 'pulled',
      model,
      address: source.address,
      sha256: archive.sha256,
      pinned: expected !== undefined,
      notes: notesOn(model, source),
    };
  } finally {
    await unlock();
  }
}

/** Whether the archive itself is at fault, which another download may not be. */
function isDamage(thrown: unknown): boolean {
  return thrown instanceof SitusError && /^(ZIP|CHECKPOINT|NETWORK)_/.test(thrown.code);
}

/** The lines of `situs.yaml` that pin an archive. */
export function pinLines({ model, address, sha256 }: Pulled): string[] {
  return [
    'models:',
    '  sources:',
    `    ${model.name}:`,
    `      address: ${JSON.stringify(address)}`,
    `      sha256: ${sha256}`,
  ];
}

function resolveSource(options: PullOptions): { name: string; source: ModelSource } {
  const { wanted, sources } = options;
  if (/^https?:\/\//.test(wanted)) {
    if (options.name === undefined) {
      throw usage(
        'MODEL_NAME_NEEDED',
        'A model that is pulled by its address needs a name.',
        'Add --name NAME: lower-case letters, digits, ".", "_" and "-". Rules will use it.',
      );
    }
    const known = sources[options.name];
    const source = known?.address === wanted ? known : bareSource(wanted);
    return { name: options.name, source };
  }
  const source = sources[wanted];
  if (source === undefined) {
    const names = Object.keys(sources);
    const hint = nearest(wanted, names);
    throw usage(
      'MODEL_SOURCE_UNKNOWN',
      `No source of a model is named "${wanted}"; ${hint === null ? `known are ${names.join(', ')}` : `did you mean "${hint}"?`}`,
      'Name one of them or an address (https://…), or add yours to models.sources in situs.yaml.',
    );
  }
  return { name: options.name ?? wanted, source };
}

function bareSource(address: string): ModelSource {
  return {
    address,
    licence: 'unknown',
    intendedUse: 'Not stated.',
    sequences: [],
    structures: {},
    card: {},
    acceptTrainers: [],
  };
}

/** Without TLS and without a known hash anybody on the way could give the site another network. */
function requireSafe(address: string, expected: string | undefined): void {
  const { protocol, hostname } = new URL(address);
  const here = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  if (protocol === 'https:' || expected !== undefined || here) return;
  throw usage(
    'MODEL_ADDRESS_INSECURE',
    `${protocol}//${hostname} is not encrypted, and no hash says what should come from there.`,
    'Use an https address, or give the hash that the makers publish: --sha256 HASH.',
  );
}

async function alreadyThere(
  out: string,
  name: string,
  address: string,
  expected: string | undefined,
): Promise<Pulled | null> {
  if (!(await exists(join(out, 'model.json')))) return null;
  const remedy = `Remove it first (npx situs model remove ${name}), or pull under another name: --name NAME.`;
  const model = await loadModel(out).catch((thrown: unknown) => {
    if (!(thrown instanceof SitusError) || thrown.code !== 'MODEL_DAMAGED') throw thrown;
    throw usage('MODEL_EXISTS', `${out} holds a model that is not intact.`, remedy);
  });
  const { download: origin } = model.manifest.source;
  const same = expected === undefined ? origin?.address === address : origin?.sha256 === expected;
  if (origin === undefined || !same) {
    const from =
      origin === undefined ? 'was not pulled' : `has the archive ${origin.sha256.slice(0, 12)}…`;
    throw usage(
      'MODEL_EXISTS',
      `${out} holds ${model.name} ${model.version} already, which ${from}; another archive is meant now.`,
      remedy,
    );
  }
  return {
    kind: 'there',
    model,
    address: origin.address,
    sha256: origin.sha256,
    pinned: expected !== undefined,
    notes: [],
  };
}

interface Archive {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The archive; one that an import before could not use still lies there. */
function fetchArchive(
  options: PullOptions,
  name: string,
  address: string,
  expected: string | undefined,
): Promise<Archive> {
  const to = join(options.downloads, `${name}-${addressKey(address)}.zip`);
  const progress = speedometer(name, options.onProgress);
  return download({
    address,
    folder: options.downloads,
    name,
    to,
    sha256: expected,
    limit: options.downloadLimit,
    signal: options.signal,
    onProgress: progress,
    ...(options.patience === undefined ? {} : { patience: options.patience }),
  });
}

async function importArchive(
  options: PullOptions,
  what: {
    readonly name: string;
    readonly source: ModelSource;
    readonly out: string;
    readonly archive: Archive;
  },
): Promise<LoadedModel> {
  const { name, source, out, archive } = what;
  const { table, structures, signal, onProgress } = options;
  const at = (options.now?.() ?? new Date()).toISOString();
  return importModel({
    input: archive.path,
    out,
    name,
    ...(source.version === undefined ? {} : { version: source.version }),
    structures: { ...source.structures, ...table?.structures },
    defined: table?.defined ?? [],
    ...(structures === null ? {} : { known: structures }),
    sequences: source.sequences,
    licence: source.licence,
    intendedUse: source.intendedUse,
    card: { ...source.card, ...(source.doi === undefined ? {} : { doi: source.doi }) },
    acceptTrainers: source.acceptTrainers,
    download: {
      address: withoutSecrets(source.address),
      sha256: archive.sha256,
      bytes: archive.bytes,
      at,
    },
    ...(signal === undefined ? {} : { signal }),
    onProgress: ({ phase, done, total }) =>
      onProgress?.(`${name}: ${phase} fold ${done} of ${total}`),
  });
}

/** The address as `model.json` keeps it. */
function withoutSecrets(address: string): string {
  const url = new URL(address);
  url.username = '';
  url.password = '';
  return url.href;
}

function notesOn({ version, manifest }: LoadedModel, source: ModelSource): string[] {
  const { weightsVersion } = manifest.source;
  if (weightsVersion === undefined) return [];
  const expected = source.version;
  if (expected === undefined || sameVersion(expected, weightsVersion)) {
    return [`version.json in the archive says weights ${weightsVersion}`];
  }
  return [
    `version.json in the archive says weights ${weightsVersion}, the source says ${expected}; the model is named ${version}`,
  ];
}

const TELL_EVERY_MS = 500;

/** Progress in words: how much, of how much, how fast. */
function speedometer(
  name: string,
  tell: ((text: string) => void) | undefined,
): (progress: DownloadProgress) => void {
  let since: { readonly at: number; readonly done: number } | null = null;
  let told = 0;
  return ({ phase, done, total, reason }) => {
    const now = performance.now();
    if (phase === 'waiting') {
      since = null;
      tell?.(`${name}: ${reason ?? ''}; trying again`);
      return;
    }
    since ??= { at: now, done };
    if (now - told < TELL_EVERY_MS && done !== total) return;
    told = now;
    const seconds = (now - since.at) / 1000;
    const of = total === null ? '' : ` of ${mebibytes(total)}`;
    const rate = seconds < 1 ? '' : `, ${mebibytes((done - since.done) / seconds)}/s`;
    const word = phase === 'checking' ? 'checking the hash, ' : '';
    tell?.(`${name}: ${word}${mebibytes(done)}${of}${rate}`);
  };
}

/** Keeps two pulls of one model apart. */
async function lock(path: string, name: string): Promise<() => Promise<void>> {
  const answer = await lockFile(path);
  if ('unlock' in answer) return answer.unlock;
  throw usage(
    'MODEL_PULL_RUNS',
    `Another pull of ${name} runs already (process ${answer.holder}).`,
    'Wait for it, or end it.',
  );
}
