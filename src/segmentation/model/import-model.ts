import { randomUUID } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Structure } from '../../contracts/index.ts';
import { runInProcess } from '../worker/run-in-process.ts';
import type { LoadedModel } from './folder.ts';
import { loadModel } from './folder.ts';

export interface ImportOptions {
  /** nnU-Net model folder, or a zip of one (MRSegmentator's weights as they are published, for example). */
  readonly input: string;
  /** Model folder to make; must not exist yet. */
  readonly out: string;
  /** Name in rules and results: lower case letters, digits, dot, dash, underscore. */
  readonly name: string;
  /** Default: that of MRSegmentator's version.json, else `1`. */
  readonly version?: string;
  /** nnU-Net label name → structure name, where they differ; other labels keep their names. */
  readonly structures?: Readonly<Record<string, string>>;
  /** Structures that come with the model; they win over none of the site's. */
  readonly defined?: readonly Structure[];
  /** Structures with codes: a label that stands for another is refused. Default: any is taken. */
  readonly known?: readonly Structure[];
  /** Where `input` was downloaded from, for `model.json`. */
  readonly download?: {
    readonly address: string;
    readonly sha256: string;
    readonly bytes: number;
    readonly at: string;
  };
  readonly sequences?: readonly string[];
  readonly licence?: string;
  readonly intendedUse?: string;
  readonly card?: Readonly<Record<string, string | number>>;
  /** Default `checkpoint_final.pth`. */
  readonly checkpoint?: string;
  /** Default: every fold that has the checkpoint. */
  readonly folds?: readonly number[];
  /** Trainers besides nnU-Net's own that do not change the network. */
  readonly acceptTrainers?: readonly string[];
  /** For the trial run of each network; default 1. */
  readonly threads?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: { phase: string; done: number; total: number }) => void;
}

/**
 * Makes a model folder from what nnU-Net v2 wrote during training, without running any code of the checkpoints and in
 * a process of its own.
 * @throws SitusError `ZIP_*`, `CHECKPOINT_*`, `MODEL_*` or `NETWORK_UNUSABLE`, naming file and fault.
 */
export async function importModel(options: ImportOptions): Promise<LoadedModel> {
  const { input, out, name, signal, onProgress } = options;
  const task = {
    input,
    out,
    partial: join(dirname(out), `.importing-${randomUUID()}`),
    name,
    version: options.version ?? null,
    labels: {
      structures: options.structures ?? {},
      defined: options.defined ?? [],
      known: options.known?.map((one) => one.name) ?? null,
    },
    download: options.download ?? null,
    sequences: options.sequences ?? [],
    licence: options.licence ?? 'unknown',
    intendedUse: options.intendedUse ?? 'Not stated.',
    card: options.card ?? {},
    checkpoint: options.checkpoint ?? 'checkpoint_final.pth',
    folds: options.folds ?? null,
    acceptTrainers: options.acceptTrainers ?? [],
    threads: options.threads ?? 1,
  };
  try {
    await runInProcess('import', task, { signal, onProgress });
  } finally {
    // A process that was ended in the middle could not tidy up.
    await rm(task.partial, { recursive: true, force: true });
  }
  return loadModel(out);
}
