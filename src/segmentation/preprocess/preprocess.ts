import type { Affine, Shape } from '../../contracts/index.ts';
import { refuse } from '../../contracts/index.ts';
import type { InferencePlan, Vec3 } from '../plans/plan.ts';
import { targetSpacing } from '../plans/spacing.ts';
import type { GridView } from './grid-view.ts';
import {
  cropView,
  gatherView,
  lpsOrientation,
  permute,
  readerView,
  transposeView,
} from './grid-view.ts';
import { filledMask } from './holes.ts';
import { nonzeroBox } from './nonzero.ts';
import { applyZScore, measureZScore, normaliseSimple, selectMasked } from './normalise.ts';
import type { Tick } from './resize-image.ts';
import { resizeSeparately, resizeVolume } from './resize-image.ts';
import { separateAxis, targetShape } from './target-shape.ts';

/**
 * `true`: spacing along the axes of the turned array. `v1.2.3`: as MRSegmentator 1.2.3 told nnU-Net, spacing of the
 * acquisition axes whatever the orientation (nnunet-inference §1.2).
 */
export type SpacingMode = 'true' | 'v1.2.3';

/** The part of a `Volume` that inference sees; shapes and affine as there. */
export interface Grid {
  readonly shape: Shape;
  readonly affine: Affine;
  readonly spacing: readonly [number, number, number];
}

export interface Preprocessed {
  /** Row-major, transposed order, at the plan's spacing. */
  readonly values: Float32Array<ArrayBuffer>;
  readonly shape: Vec3;
  /** The cropped box in transposed order, before resampling, as a view of the source array. */
  readonly view: GridView;
  /** Spacing told to nnU-Net, [S, P, L], not transposed. */
  readonly toldSpacing: Vec3;
}

/** Spacing of the LPS array's axes [S, P, L] in mm as the chosen mode tells it. */
export function toldSpacing(grid: Grid, mode: SpacingMode): Vec3 {
  return mode === 'v1.2.3' ? grid.spacing : permute(grid.spacing, lpsOrientation(grid.affine).axes);
}

/**
 * From voxels to the network's input: turn as the model's reader does, transpose, crop to nonzero, normalise, resample
 * (nnunet-inference §1 and §2), with nnU-Net's rounding.
 * @param tick called with the share of resampling that is done
 * @param slices [start, end) of the turned array that are the whole volume (split mode, §0); default all
 */
export function preprocess(
  voxels: Float32Array,
  grid: Grid,
  plan: InferencePlan,
  mode: SpacingMode,
  tick: Tick,
  slices?: readonly [number, number],
): Preprocessed {
  const whole = readerView(grid.affine, grid.shape, plan.orientation);
  const [, rows, columns] = whole.shape;
  const lps = cropView(whole, [slices ?? [0, whole.shape[0]], [0, rows], [0, columns]]);
  const cropped = cropView(lps, nonzeroBox(voxels, lps));
  const view = transposeView(cropped, plan.transposeForward);
  const values = gatherView(voxels, view);
  normalise(values, voxels, cropped, view, plan);

  const told = toldSpacing(grid, mode);
  const spacing = permute(told, plan.transposeForward);
  const target = targetSpacing(plan, spacing);
  const shape = targetShape(view.shape, spacing, target);
  requireSize(view.shape, shape, spacing);
  const base = { shape, view, toldSpacing: told };
  if (shape.join() === view.shape.join()) return { ...base, values };
  const axis = separateAxis(spacing, target, plan.resampleImage);
  const { order } = plan.resampleImage;
  return {
    ...base,
    values:
      axis === null
        ? resizeVolume(values, view.shape, shape, order, tick)
        : resizeSeparately(values, view.shape, shape, axis, order, tick),
  };
}

/** Largest network grid per axis; nothing in a body needs more at any spacing that nnU-Net plans. */
const LARGEST_AXIS = 8192;

function requireSize(shape: Vec3, target: Vec3, spacing: Vec3): void {
  if (target.every((n) => n >= 1 && n <= LARGEST_AXIS)) return;
  throw refuse(
    'VOLUME_SIZE_UNSUITABLE',
    `At the model's spacing the volume of ${shape.join('×')} voxels (${spacing.join('×')} mm) would have ${target.join('×')} voxels.`,
    'Check the geometry of the series; a spacing is probably wrong.',
    { shape, spacing, target },
  );
}

/** Statistics without mask follow the order of the array before transposing (nnunet-inference §2.4). */
function normalise(
  values: Float32Array<ArrayBuffer>,
  voxels: Float32Array,
  cropped: GridView,
  view: GridView,
  plan: InferencePlan,
): void {
  const { normalisation } = plan;
  if (normalisation.scheme !== 'zscore') {
    normaliseSimple(values, normalisation);
    return;
  }
  if (normalisation.useMask) {
    const mask = filledMask(values, view.shape);
    applyZScore(values, measureZScore(selectMasked(values, mask)), mask);
    return;
  }
  const isIdentity = plan.transposeForward.join() === '0,1,2';
  const ordered = isIdentity ? values : gatherView(voxels, cropped);
  applyZScore(values, measureZScore(ordered), null);
}
