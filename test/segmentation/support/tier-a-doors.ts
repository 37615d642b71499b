import { exportTaps } from '../../../src/segmentation/export/axis-taps.ts';
import { labelExporter } from '../../../src/segmentation/export/label-exporter.ts';
import type { InferencePlan, Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { readPlan } from '../../../src/segmentation/plans/read-plan.ts';
import type { GridView } from '../../../src/segmentation/preprocess/grid-view.ts';
import { lpsView } from '../../../src/segmentation/preprocess/grid-view.ts';
import type { Preprocessed } from '../../../src/segmentation/preprocess/preprocess.ts';
import { preprocess } from '../../../src/segmentation/preprocess/preprocess.ts';
import { axialVolume } from './goldens.ts';
import { PLANS } from './tier-a-plans.ts';

/** What a case changes in the plans that all share (`goldens/tier_a/nnunet_bits.py`). */
export interface Changes {
  readonly top: Readonly<Record<string, unknown>>;
  readonly configuration: Readonly<Record<string, unknown>>;
  readonly dataset: Readonly<Record<string, unknown>>;
}

/** The product's reading of the case's plans. */
export function planOf(changes: Changes, mirrorAxes: readonly number[] = []): InferencePlan {
  const { configurations, ...top } = PLANS;
  return readPlan(
    {
      ...top,
      ...changes.top,
      configurations: {
        '3d_fullres': { ...configurations['3d_fullres'], ...changes.configuration },
      },
    },
    { channel_names: { '0': 'MR' }, ...changes.dataset },
    { configuration: '3d_fullres', trainer: 'nnUNetTrainer', mirrorAxes },
  );
}

/** Preprocesses an axial volume whose spacing is given as nnU-Net is told it, [z, y, x]. */
export function prepare(
  voxels: Float32Array<ArrayBuffer>,
  shape: readonly number[],
  spacing: Vec3,
  plan: InferencePlan,
): Preprocessed {
  return preprocess(voxels, axialVolume(voxels, shape, spacing), plan, 'true', () => undefined);
}

export const denseView = (shape: Vec3): GridView =>
  lpsView({ axes: [0, 1, 2], flipped: [false, false, false] }, shape);

export interface ExportInput {
  /** [heads, shape…] */
  readonly logits: Float16Array;
  readonly shape: Vec3;
  /** The cropped box; the whole array when it is dense. */
  readonly view: GridView;
  readonly plan: InferencePlan;
  /** Not transposed. */
  readonly toldSpacing: Vec3;
}

/** Labels of logits, row by row as they come from blending, written into `labels`. */
export function exportLabels(input: ExportInput, labels: Uint8Array): void {
  const { logits, shape, view, plan, toldSpacing } = input;
  const { heads } = plan.architecture;
  const taps = exportTaps(shape, view.shape, plan.spacing, toldSpacing, plan.resampleLogits);
  const exporter = labelExporter({ shape, heads, rule: plan.labelRule, taps, view }, labels);
  const plane = shape[1] * shape[2];
  const row = new Float16Array(heads * plane);
  for (let z = 0; z < shape[0]; z += 1) {
    for (let channel = 0; channel < heads; channel += 1) {
      const start = (channel * shape[0] + z) * plane;
      row.set(logits.subarray(start, start + plane), channel * plane);
    }
    exporter.push(z, row);
  }
}

/** Labels on a dense array of the target shape. */
export function denseLabels(input: Omit<ExportInput, 'view'>, target: Vec3): Uint8Array {
  const labels = new Uint8Array(target[0] * target[1] * target[2]);
  exportLabels({ ...input, view: denseView(target) }, labels);
  return labels;
}
