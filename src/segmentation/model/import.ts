import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SitusError, fault, refuse } from '../../contracts/index.ts';
import type { Checkpoint } from '../checkpoint/checkpoint.ts';
import { readCheckpoint } from '../checkpoint/checkpoint.ts';
import { onnxRuntimeEngine } from '../engine/onnx-runtime.ts';
import type { Fingerprint } from '../engine/probe.ts';
import { probePatch, sampleLogits, writeProbes } from '../engine/probe.ts';
import { writeNetwork } from '../onnx/unet.ts';
import type { InferencePlan } from '../plans/plan.ts';
import { readPlan } from '../plans/read-plan.ts';
import { sha256Of, sha256OfSource } from './hash.ts';
import { labelTable, type LabelWishes } from './label-table.ts';
import type { ModelManifest } from './manifest.ts';
import { MANIFEST_FILE, newManifest, writeManifest } from './manifest.ts';
import { readJson, withSource } from './source-files.ts';
import type { SourceFolder } from './source-folder.ts';
import { openSourceFolder } from './source-folder.ts';
import { VERSION_FILE, weightsVersion } from './weights-version.ts';

export interface ImportTask {
  /** nnU-Net model folder, or a zip of one. */
  readonly input: string;
  /** Model folder to make; must not exist yet. */
  readonly out: string;
  /** Folder beside it that is filled first and then renamed; its caller removes what is left of it. */
  readonly partial: string;
  readonly name: string;
  /** null: that of version.json, else 1. */
  readonly version: string | null;
  readonly labels: LabelWishes;
  /** Where the input was downloaded from; null for one that lay here. */
  readonly download: NonNullable<ModelManifest['source']['download']> | null;
  readonly sequences: readonly string[];
  readonly licence: string;
  readonly intendedUse: string;
  readonly card: Readonly<Record<string, string | number>>;
  /** File in each fold's folder. */
  readonly checkpoint: string;
  /** null: every fold that has the checkpoint. */
  readonly folds: readonly number[] | null;
  readonly acceptTrainers: readonly string[];
  readonly threads: number;
}

export interface ImportOutcome {
  readonly manifest: ModelManifest;
}

type ImportWatch = (phase: string, done: number, total: number) => void;
type SourceFile = ModelManifest['source']['files'][number];

/**
 * Makes a model folder of an nnU-Net folder: reads each fold's checkpoint, writes its network as ONNX, loads and runs
 * it once, and renames the finished folder into place. The first fold decides configuration, trainer and mirroring, as
 * in nnU-Net (nnunet-inference §5.1).
 */
export async function runImport(task: ImportTask, watch: ImportWatch): Promise<ImportOutcome> {
  if (existsSync(task.out)) {
    throw new SitusError({
      code: 'MODEL_EXISTS',
      message: `"${task.out}" exists already.`,
      next: 'Choose another folder, or remove the old model first.',
      errorClass: 'usage',
      origin: 'input',
    });
  }
  const folder = openSourceFolder(task.input);
  try {
    mkdirSync(task.partial, { recursive: true });
    const manifest = await convert(task, folder, task.partial, watch);
    renameSync(task.partial, task.out);
    return { manifest };
  } finally {
    folder.close();
  }
}

async function convert(
  task: ImportTask,
  folder: SourceFolder,
  target: string,
  watch: ImportWatch,
): Promise<ModelManifest> {
  const files: SourceFile[] = [];
  const note = (file: string) => (bytes: Uint8Array) => {
    files.push({ file, bytes: bytes.byteLength, sha256: sha256Of(bytes) });
  };
  const plansJson = readJson(folder, 'plans.json', note('plans.json'));
  const datasetJson = readJson(folder, 'dataset.json', note('dataset.json'));
  const weights = folder.names.includes(VERSION_FILE) ? readVersion(folder, files) : null;
  const sources = foldSources(task, folder.names);
  const folds: ModelManifest['folds'] = [];
  const probes: Record<string, Fingerprint> = {};
  let plan: InferencePlan | null = null;
  let labels: ModelManifest['labels'] | null = null;
  let trainer = '';
  for (const [index, { fold, name }] of sources.entries()) {
    watch('import', index, sources.length);
    const checkpoint = withSource(folder, name, (source) => {
      files.push({ file: name, bytes: source.size, sha256: sha256OfSource(source) });
      return readCheckpoint(source);
    });
    plan ??= readPlan(plansJson, datasetJson, checkpoint, task.acceptTrainers);
    labels ??= labelTable(plan.labels, task.labels);
    trainer ||= checkpoint.trainer;
    const { fingerprint, ...written } = await writeFold(task, target, fold, plan, checkpoint);
    folds.push(written);
    probes[written.sha256] = fingerprint;
  }
  if (plan === null || labels === null) throw fault('IMPORT_WITHOUT_FOLD', 'No fold was imported.');
  watch('import', sources.length, sources.length);
  const manifest = newManifest({
    name: task.name,
    version: task.version ?? weights ?? '1',
    labels,
    ...ownStructures(labels, task.labels),
    sequences: [...task.sequences],
    plan: structuredClone(plan) as ModelManifest['plan'],
    folds,
    source: {
      kind: 'nnU-Net v2',
      trainer,
      dataset: datasetName(plansJson),
      files,
      ...(weights === null ? {} : { weightsVersion: weights }),
      ...(task.download === null ? {} : { download: task.download }),
    },
    licence: task.licence,
    intendedUse: task.intendedUse,
    card: task.card,
  });
  writeFileSync(join(target, MANIFEST_FILE), writeManifest(manifest));
  await writeProbes(target, probes);
  return manifest;
}

async function writeFold(
  task: ImportTask,
  target: string,
  fold: number,
  plan: InferencePlan,
  checkpoint: Checkpoint,
): Promise<ModelManifest['folds'][number] & { readonly fingerprint: Fingerprint }> {
  const bytes = writeNetwork(plan.architecture, plan.patchSize, checkpoint.weights);
  const file = `fold-${fold}.onnx`;
  const path = join(target, file);
  writeFileSync(path, bytes);
  const fingerprint = await checkNetwork(path, plan, task.threads);
  return { fold, file, bytes: bytes.byteLength, sha256: sha256Of(bytes), fingerprint };
}

/**
 * Loads the written file and runs the probe patch: shape and finiteness of the answer prove that it is whole. What it
 * answers is kept to recognise it on another machine.
 */
async function checkNetwork(
  path: string,
  plan: InferencePlan,
  threads: number,
): Promise<Fingerprint> {
  const { architecture, patchSize } = plan;
  const network = await onnxRuntimeEngine({ device: 'cpu', threads }).open(
    path,
    architecture.inputChannels,
    patchSize,
  );
  try {
    const voxels = patchSize[0] * patchSize[1] * patchSize[2];
    const answer = await network.run(probePatch(architecture.inputChannels, patchSize));
    if (answer.length !== architecture.heads * voxels || !answer.every(Number.isFinite)) {
      throw refuse(
        'NETWORK_UNUSABLE',
        'The imported network does not answer with finite numbers for a test patch.',
        'Get the checkpoint again; its weights are probably damaged.',
      );
    }
    return sampleLogits(answer);
  } finally {
    await network.close();
  }
}

interface FoldSource {
  readonly fold: number;
  readonly name: string;
}

/** Folds in rising order; `fold_all` counts as fold 0 where it is alone. */
function foldSources(task: ImportTask, names: readonly string[]): FoldSource[] {
  const found = names.flatMap((name): FoldSource[] => {
    const match = /^fold_(\d{1,3}|all)\/([^/]+)$/.exec(name);
    if (match?.[2] !== task.checkpoint) return [];
    return [{ fold: match[1] === 'all' ? -1 : Number(match[1]), name }];
  });
  const numbered = found.filter(({ fold }) => fold >= 0);
  const usable = numbered.length > 0 ? numbered : found.map((source) => ({ ...source, fold: 0 }));
  const wanted = task.folds;
  const missing = wanted?.filter((fold) => !usable.some((source) => source.fold === fold)) ?? [];
  if (usable.length === 0 || missing.length > 0) {
    const what = missing.length > 0 ? ` of fold ${missing.join(', ')}` : '';
    const there = names.filter((name) => /^fold_\w+\/[^/]+\.pth$/.test(name));
    throw refuse(
      'MODEL_FOLD_MISSING',
      `The nnU-Net folder holds no ${task.checkpoint}${what}.`,
      `Name a checkpoint file and folds that the folder holds: ${there.join(', ') || 'it has none'}.`,
      { checkpoint: task.checkpoint, found: there },
    );
  }
  return usable
    .filter(({ fold }) => wanted?.includes(fold) ?? true)
    .sort((a, b) => a.fold - b.fold);
}

/** The structures of the wishes that some label stands for; nothing where there are none. */
function ownStructures(
  labels: ModelManifest['labels'],
  { defined }: LabelWishes,
): Pick<ModelManifest, 'structures'> {
  const used = defined.filter(({ name }) => labels.some(({ structure }) => structure === name));
  return used.length === 0 ? {} : { structures: used.map((one) => structuredClone(one)) };
}

/** Largest version.json that is read. */
const MAX_VERSION_BYTES = 64 * 2 ** 10;

function readVersion(folder: SourceFolder, files: SourceFile[]): string | null {
  return withSource(folder, VERSION_FILE, (source) => {
    if (source.size > MAX_VERSION_BYTES) return null;
    const bytes = source.read(0, source.size);
    files.push({ file: VERSION_FILE, bytes: source.size, sha256: sha256Of(bytes) });
    return weightsVersion(new TextDecoder().decode(bytes));
  });
}

function datasetName(plansJson: unknown): string | null {
  const name =
    typeof plansJson === 'object' && plansJson !== null && 'dataset_name' in plansJson
      ? plansJson.dataset_name
      : null;
  return typeof name === 'string' ? name : null;
}
