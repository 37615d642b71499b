import { join } from 'node:path';
import type { Labels, Volume } from '../contracts/index.ts';
import { SitusError } from '../contracts/index.ts';
import type { Device } from './engine/engine.ts';
import type { KserveSettings } from './engine/kserve-settings.ts';
import { remoteTask } from './check-server.ts';
import { estimateMemory, requireMemory } from './memory.ts';
import type { LoadedModel } from './model/folder.ts';
import type { SpacingMode } from './preprocess/preprocess.ts';
import type { InferenceSettings } from './settings.ts';
import { DEFAULT_SETTINGS, requireSettings } from './settings.ts';
import { runInProcess } from './worker/run-in-process.ts';

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
  /** Which graphics card, for CUDA and TensorRT; default 0. */
  readonly deviceId?: number;
  /** Bytes that a graphics card may be asked for; default unlimited. */
  readonly deviceMemoryLimit?: number | null;
  /** The server of the device `kserve`. */
  readonly kserve?: KserveSettings | null;
  /** Threads inside one operator of the network. */
  readonly threads: number;
  /** `v1.2.3` repeats MRSegmentator 1.2.3's reading of non-axial spacings (nnunet-inference §1.2). */
  readonly spacingMode: SpacingMode;
  /** Default: as nnU-Net runs. */
  readonly settings?: InferenceSettings;
  /** Bytes; volumes that need more are refused instead of ending the process. */
  readonly memoryLimit?: number;
  /** Folder for large temporary files; default the system's. */
  readonly scratch?: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: SegmentProgress) => void;
}

/**
 * Segments a volume as nnU-Net 2.2.1 does on the CPU with the same weights (nnunet-inference). All work happens in a
 * process of its own, to which the volume is sent; here nothing is copied.
 * @returns labels with the volume's shape and order
 * @throws SitusError `MODEL_FOLD_MISSING`, `SETTINGS_INVALID`, `MEMORY_LIMIT`, `DEVICE_NOT_AVAILABLE`, `VOLUME_*`, `SEGMENTATION_ABORTED`,
 *   and those of `runInProcess` when the process dies.
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
  const remote =
    device === 'kserve' ? remoteTask(requireServer(options.kserve), model, folds) : undefined;
  const estimate = estimateMemory(
    volume,
    model,
    folds.length,
    spacingMode,
    settings,
    remote?.settings,
  );
  if (options.memoryLimit !== undefined) requireMemory(estimate, options.memoryLimit);
  const { outcome, answer, peakBytes } = await runInProcess(
    'segment',
    {
      grid: { shape: volume.shape, affine: volume.affine, spacing: volume.spacing },
      plan: model.manifest.plan,
      networks: folds.map(({ file }) => join(model.directory, file)),
      spacingMode,
      settings,
      device,
      ...(options.deviceId === undefined ? {} : { deviceId: options.deviceId }),
      deviceMemoryLimit: options.deviceMemoryLimit ?? null,
      ...(remote === undefined ? {} : { remote }),
      threads,
      ...(options.scratch === undefined ? {} : { scratch: options.scratch }),
    },
    {
      signal: options.signal,
      onProgress: options.onProgress,
      input: volume.voxels,
      answerBytes: volume.voxels.length,
    },
  );
  return {
    voxels: answer,
    shape: volume.shape,
    structures: model.structures,
    run: {
      model: model.name,
      modelVersion: model.version,
      modelHash: model.hash,
      folds: folds.map(({ fold }) => fold),
      engine: outcome.engine,
      device: outcome.device,
      ...(outcome.remote === undefined ? {} : { remote: outcome.remote }),
      ...(outcome.placement === undefined ? {} : { placement: outcome.placement }),
      threads,
      spacingMode,
      stepSize: settings.stepSize,
      mirroring: settings.mirroring && model.manifest.plan.mirrorAxes.length > 0,
      splitLevel: settings.splitLevel,
      patches: outcome.patches,
      seconds: outcome.seconds,
      estimatedBytes: estimate.bytes,
      peakBytes,
    },
  };
}

type Fold = LoadedModel['manifest']['folds'][number];

function requireServer(settings: KserveSettings | null | undefined): KserveSettings {
  if (settings !== null && settings !== undefined) return settings;
  throw new SitusError({
    code: 'KSERVE_NOT_CONFIGURED',
    message: 'The device "kserve" was asked for, but no inference server is configured.',
    next: 'Name it in config/situs.yaml: segmentation.kserve.url (docs/kserve.md).',
    errorClass: 'usage',
    origin: 'configuration',
  });
}

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
