import type { Volume } from '../contracts/index.ts';
import { refuse } from '../contracts/index.ts';
import type { KserveSettings } from './engine/kserve-settings.ts';
import { splitPieces } from './inference/pieces.ts';
import { patchCount, tile } from './inference/tiles.ts';
import type { LoadedModel } from './model/folder.ts';
import { activationBytes } from './network-memory.ts';
import type { InferencePlan, Vec3 } from './plans/plan.ts';
import { targetSpacing } from './plans/spacing.ts';
import { lpsOrientation, permute, voxelCount } from './preprocess/grid-view.ts';
import type { SpacingMode } from './preprocess/preprocess.ts';
import { toldSpacing } from './preprocess/preprocess.ts';
import { separateAxis, targetShape } from './preprocess/target-shape.ts';
import { DEFAULT_SETTINGS, type InferenceSettings } from './settings.ts';

/** Most resident memory that the process of a segmentation will have, in bytes. */
export interface MemoryEstimate {
  readonly bytes: number;
  readonly parts: {
    /** Node, the runtime and our code. */
    readonly process: number;
    /** Voxels, and what lies between them and the network's input. */
    readonly preprocess: number;
    /** Weights and intermediate results of a network run, or what goes to and comes from a server. */
    readonly network: number;
    /** Preprocessed volume, blending ring, rows for folds and export, labels. */
    readonly blend: number;
  };
}

/** Measured: 92 to 98 MB with the modules loaded, the runtime's code that is touched, and what the heap gains. */
const PROCESS_BYTES = 118 * 2 ** 20;
/** Weights as the runtime keeps them, of the file's bytes: measured 1.25 to 1.45. */
const WEIGHTS_SHARE = 1.4;
/** Garbage that waits for its collection (`release-memory.ts`). */
const GARBAGE_BYTES = 64 * 2 ** 20;
const FLOAT_BYTES = 4;
const DOUBLE_BYTES = 8;
const HALF_BYTES = 2;
/** Rows of logits in the export: two at work and one more while it is handed over. */
const EXPORT_ROWS = 3;

/**
 * What `segment` will take at its largest, assuming that nothing can be cropped: the sum of the arrays that are there at the same
 * time, either while preprocessing or during the last network run.
 * @param folds how many folds will run
 * @param remote where networks run on a server
 * @throws SitusError `VOLUME_TOO_THIN_TO_SPLIT`.
 */
export function estimateMemory(
  volume: Pick<Volume, 'shape' | 'spacing' | 'affine'>,
  model: Pick<LoadedModel, 'manifest' | 'fingerprints'>,
  folds: number,
  spacingMode: SpacingMode = 'true',
  settings: InferenceSettings = DEFAULT_SETTINGS,
  remote?: Pick<KserveSettings, 'parallel'>,
): MemoryEstimate {
  const { plan } = model.manifest;
  const shapes = gridShapes(volume, plan, spacingMode, settings);
  const voxels = voxelCount(volume.shape);
  const isSplit = shapes.pieces > 1;
  const labels = (isSplit ? 2 : 1) * voxels;
  // Without a fingerprint the probe patch runs here.
  const probed = model.manifest.folds.every(({ sha256 }) => model.fingerprints?.[sha256]);
  const local = localNetwork(model, settings, shapes.grid);
  const network =
    remote === undefined ? local : Math.max(probed ? 0 : local, transfers(plan, remote.parallel));
  const parts = {
    process: PROCESS_BYTES,
    preprocess: FLOAT_BYTES * voxels + preprocessBytes(shapes, plan),
    network,
    blend: blendBytes(shapes, plan, folds) + labels + (isSplit ? FLOAT_BYTES * voxels : 0),
  };
  const bytes = parts.process + Math.max(parts.preprocess, parts.network + parts.blend);
  return { bytes: Math.ceil(bytes), parts };
}

interface GridShapes {
  readonly pieces: number;
  /** Of the largest piece, transposed. */
  readonly source: Vec3;
  /** At the model's spacing. */
  readonly grid: Vec3;
  /** Axis across which planes are resized one by one; null: in 3-D. */
  readonly separate: 0 | 1 | 2 | null;
}

function gridShapes(
  volume: Pick<Volume, 'shape' | 'spacing' | 'affine'>,
  plan: InferencePlan,
  mode: SpacingMode,
  settings: InferenceSettings,
): GridShapes {
  const { axes } = lpsOrientation(volume.affine);
  const [slices, ...plane] = permute(volume.shape, axes);
  const pieces = splitPieces(slices, settings.splitLevel);
  const thickest = Math.max(...pieces.map(({ start, end }) => end - start));
  const source = permute([thickest, ...plane], plan.transposeForward);
  const spacing = permute(toldSpacing(volume, mode), plan.transposeForward);
  const target = targetSpacing(plan, spacing);
  const grid = targetShape(source, spacing, target);
  const separate = separateAxis(spacing, target, plan.resampleImage);
  return { pieces: pieces.length, source, grid, separate };
}

/** Cropped voxels, the array between the axes, and the result; or statistics, which come before. */
function preprocessBytes({ source, grid, separate }: GridShapes, plan: InferencePlan): number {
  const cropped = FLOAT_BYTES * voxelCount(source);
  const { normalisation, transposeForward } = plan;
  const isOrdered = normalisation.scheme === 'zscore' && transposeForward.join() !== '0,1,2';
  const isMasked = normalisation.scheme === 'zscore' && normalisation.useMask;
  const statistics = isMasked ? 1.5 * cropped : isOrdered ? cropped : 0;
  const isSame = source.join() === grid.join();
  const result = isSame ? 0 : FLOAT_BYTES * voxelCount(grid);
  const hasPlanes = !isSame && separate === null && source[0] !== grid[0];
  const planes = hasPlanes ? DOUBLE_BYTES * source[0] * grid[1] * grid[2] : 0;
  return cropped + Math.max(statistics, result + planes);
}

/** One network in this process. */
function localNetwork(
  model: Pick<LoadedModel, 'manifest'>,
  { mirroring, stepSize }: InferenceSettings,
  grid: Vec3,
): number {
  const { plan, folds } = model.manifest;
  const { architecture, patchSize, mirrorAxes } = plan;
  const weights = Math.max(0, ...folds.map(({ bytes }) => bytes));
  const voxels = FLOAT_BYTES * voxelCount(patchSize);
  const answer = voxels * architecture.heads;
  // The sum over mirrored copies stays while the next copy runs, and so does that copy.
  const mirrored = mirroring && mirrorAxes.length > 0 ? answer + voxels : 0;
  // Large answers are collected one by one, small ones together.
  const patches = patchCount(tile(grid, patchSize, stepSize, architecture.dimensions));
  const garbage = answer < GARBAGE_BYTES ? Math.min(GARBAGE_BYTES, answer * patches) : 0;
  return (
    WEIGHTS_SHARE * weights +
    voxels * architecture.inputChannels +
    activationBytes(architecture, patchSize) +
    mirrored +
    garbage
  );
}

/** Patch and request of each run, and its answer, which is added up while the next one comes. */
function transfers({ patchSize, architecture }: InferencePlan, parallel: number): number {
  return FLOAT_BYTES * voxelCount(patchSize) * (2 + architecture.heads) * (parallel + 1);
}

function blendBytes({ grid }: GridShapes, plan: InferencePlan, folds: number): number {
  const { patchSize, architecture } = plan;
  const padded = Math.max(grid[1], patchSize[1]) * Math.max(grid[2], patchSize[2]);
  const row = HALF_BYTES * architecture.heads * grid[1] * grid[2];
  return (
    FLOAT_BYTES * voxelCount(grid) +
    HALF_BYTES * (architecture.heads + 1) * padded * patchSize[0] +
    2 * FLOAT_BYTES * voxelCount(patchSize) +
    row * (1 + EXPORT_ROWS + (folds > 1 ? 1 : 0))
  );
}

/** @throws SitusError `MEMORY_LIMIT` with the figures when the estimate exceeds the limit. */
export function requireMemory(estimate: MemoryEstimate, limit: number): void {
  if (estimate.bytes <= limit) return;
  throw refuse(
    'MEMORY_LIMIT',
    `The segmentation needs about ${gib(estimate.bytes)} GiB of memory, ${gib(limit)} GiB are allowed.`,
    'Raise the memory limit, run fewer folds, or use a host with more memory.',
    { needed: estimate.bytes, limit, parts: estimate.parts },
  );
}

function gib(bytes: number): string {
  return (bytes / 2 ** 30).toFixed(1);
}
