import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Labels, Volume } from '../contracts/index.ts';
import { SitusError } from '../contracts/index.ts';
import type { Device } from './engine/engine.ts';
import { estimateMemory, requireMemory } from './memory.ts';
import type { LoadedModel } from './model/folder.ts';
import type { SpacingMode } from './preprocess/preprocess.ts';
import type { InferenceSettings } from './settings.ts';
import { DEFAULT_SETTINGS, requireSettings } from './settings.ts';
import { abortedError } from './worker/messages.ts';
import { runInWorker } from './worker/run-in-worker.ts';

export interface SegmentProgress {
  /** `preprocess`, `network` (done and total in patches of all folds), `export`. */
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/** Folds to average; `first` is the lowest that the model has. */
export type FoldChoice = 'all' | 'first' | readonly number[];

export interface SegmentOptions {
  readonly folds: FoldChoice;
  readonly device: Device;
  /** Threads inside one operator of the network. */
  readonly threads: number;
  /** `v1.2.3` repeats MRSegmentator 1.2.3's reading of non-axial spacings (nnunet-inference §1.2). */
  readonly spacingMode: SpacingMode;
  /** Default: as nnU-Net runs. */
  readonly settings?: InferenceSettings;
  /** Bytes; volumes that need more are refused instead of ending the process. */
  readonly memoryLimit?: number;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SegmentProgress) => void;
}

/**
 * Segments a volume as nnU-Net 2.2.1 does on the CPU with the same weights (nnunet-inference). All work happens in a
 * thread of its own; the volume is copied once and stays the caller's.
 * @returns labels with the volume's shape and order
 * @throws SitusError `MODEL_FOLD_MISSING`, `SETTINGS_INVALID`, `MEMORY_LIMIT`, `DEVICE_NOT_AVAILABLE`, `VOLUME_*`, `SEGMENTATION_ABORTED`.
 */
export async function segment(
  volume: Volume,
  model: LoadedModel,
  options: SegmentOptions,
): Promise<Labels> {
  const { device, threads, spacingMode } = options;
  const settings = options.settings ?? DEFAULT_SETTINGS;
  requireSettings(settings);
  const folds = chosenFolds(model, options.folds);
  if (options.memoryLimit !== undefined) {
    const estimate = estimateMemory(volume, model, folds.length, spacingMode, settings);
    requireMemory(estimate, options.memoryLimit);
  }
  const voxels = await copyInPieces(volume.voxels, options.signal);
  const outcome = await runInWorker(
    'segment',
    {
      voxels,
      grid: { shape: volume.shape, affine: volume.affine, spacing: volume.spacing },
      plan: model.manifest.plan,
      networks: folds.map(({ file }) => join(model.directory, file)),
      spacingMode,
      settings,
      device,
      threads,
    },
    { signal: options.signal, onProgress: options.onProgress, transfer: [voxels.buffer] },
  );
  return {
    voxels: outcome.labels,
    shape: volume.shape,
    structures: model.structures,
    run: {
      model: model.name,
      modelVersion: model.version,
      modelHash: model.hash,
      folds: folds.map(({ fold }) => fold),
      engine: outcome.engine,
      device: outcome.device,
      threads,
      spacingMode,
      stepSize: settings.stepSize,
      mirroring: settings.mirroring && model.manifest.plan.mirrorAxes.length > 0,
      splitLevel: settings.splitLevel,
      patches: outcome.patches,
      seconds: outcome.seconds,
    },
  };
}

/** Voxels copied before the event loop gets its turn: some 10 ms. */
const PIECE = 2 ** 21;

async function copyInPieces(
  source: Float32Array,
  signal: AbortSignal | undefined,
): Promise<Float32Array<ArrayBuffer>> {
  const copy = new Float32Array(source.length);
  for (let at = 0; at < source.length; at += PIECE) {
    if (signal?.aborted === true) throw abortedError();
    copy.set(source.subarray(at, at + PIECE), at);
    await setImmediate();
  }
  return copy;
}

type Fold = LoadedModel['manifest']['folds'][number];

function chosenFolds(model: LoadedModel, wanted: FoldChoice): readonly Fold[] {
  const { folds } = model.manifest;
  if (wanted === 'all') return folds;
  if (wanted === 'first') return folds.slice(0, 1);
  const chosen = folds.filter(({ fold }) => wanted.includes(fold));
  if (chosen.length === 0 || chosen.length !== new Set(wanted).size) {
    throw new SitusError({
      code: 'MODEL_FOLD_MISSING',
      message: `The model ${model.name} has the folds ${model.folds.join(', ')}; ${wanted.join(', ') || 'none'} were asked for.`,
      next: 'Choose among the folds it has, or all.',
      errorClass: 'usage',
      origin: 'configuration',
    });
  }
  return chosen;
}
