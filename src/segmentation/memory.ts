import type { Volume } from '../contracts/index.ts';
import { refuse } from '../contracts/index.ts';
import type { KserveSettings } from './engine/kserve-settings.ts';
import type { LoadedModel } from './model/folder.ts';
import { targetSpacing } from './plans/spacing.ts';
import { lpsOrientation, permute, voxelCount } from './preprocess/grid-view.ts';
import { splitPieces } from './inference/pieces.ts';
import type { SpacingMode } from './preprocess/preprocess.ts';
import { toldSpacing } from './preprocess/preprocess.ts';
import { targetShape } from './preprocess/target-shape.ts';
import { DEFAULT_SETTINGS, type InferenceSettings } from './settings.ts';

/** Bytes beyond the process and the caller's own volume. */
export interface MemoryEstimate {
  readonly bytes: number;
  readonly parts: {
    /** Copy of the voxels and the labels (two of them in split mode): there all the time. */
    readonly volume: number;
    /** Largest need while preprocessing. */
    readonly preprocess: number;
    /** Largest need of one network run. */
    readonly network: number;
    /** Preprocessed volume, blending ring, sums of folds and rows for the export. */
    readonly blend: number;
  };
}

/**
 * Full-size activations that ONNX Runtime's CPU provider holds at the peak of a U-Net whose norms are split
 * (nnunet-inference §5.7), rounded up: 32 channels, 41 heads and 64³, 96³, 128³ voxels took 0.37, 0.83 and 2.2 GiB in all.
 */
const LIVE_ACTIVATIONS = 9;
/** Runtime, worker and code. */
const BASE_BYTES = 200 * 2 ** 20;

/**
 * Upper estimate for `segment`, assuming that nothing can be cropped.
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
  const { heads, features } = plan.architecture;
  const { axes } = lpsOrientation(volume.affine);
  const [slices, ...plane] = permute(volume.shape, axes);
  const pieces = splitPieces(slices, settings.splitLevel);
  const thickest = Math.max(...pieces.map(({ start, end }) => end - start));
  const source = thickest * plane[0] * plane[1];
  const transposed = permute([thickest, ...plane], plan.transposeForward);
  const spacing = permute(toldSpacing(volume, spacingMode), plan.transposeForward);
  const grid = targetShape(transposed, spacing, targetSpacing(plan, spacing));
  const rows = Math.max(grid[0], plan.patchSize[0]);
  const gridPlane = Math.max(grid[1], plan.patchSize[1]) * Math.max(grid[2], plan.patchSize[2]);
  const patch = voxelCount(plan.patchSize);
  const values = 4 * voxelCount(grid);
  const weights = Math.max(0, ...model.manifest.folds.map(({ bytes }) => bytes));
  const local = 3 * weights + 4 * patch * (LIVE_ACTIVATIONS * (features[0] ?? 32) + 2 * heads);
  // Patch and request of each run, and its answer, which is added up while the next one comes.
  const transfers = 4 * patch * (2 + heads) * ((remote?.parallel ?? -1) + 1);
  // Without a fingerprint the probe patch runs here.
  const probed = model.manifest.folds.every(({ sha256 }) => model.fingerprints?.[sha256]);
  const parts = {
    volume: (pieces.length > 1 ? 6 : 5) * voxelCount(volume.shape),
    preprocess: 8 * source + values + 8 * transposed[0] * grid[1] * grid[2],
    network: remote === undefined || !probed ? Math.max(local, transfers) : transfers,
    blend:
      values +
      2 * heads * gridPlane * plan.patchSize[0] +
      2 * heads * gridPlane * 6 +
      (folds > 1 ? 2 * heads * gridPlane * rows : 0),
  };
  const bytes = BASE_BYTES + parts.volume + Math.max(parts.preprocess, parts.network + parts.blend);
  return { bytes: Math.ceil(bytes), parts };
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
