import type { InferencePlan } from '../../../src/segmentation/plans/plan.ts';
import type { TrainingFacts } from '../../../src/segmentation/plans/read-plan.ts';
import { readPlan } from '../../../src/segmentation/plans/read-plan.ts';
import { errorOf } from './errors.ts';
import type { FolderOptions } from './nnunet-folder.ts';
import { datasetJson, plansJson } from './nnunet-folder.ts';

export const FACTS: TrainingFacts = {
  configuration: '3d_fullres',
  trainer: 'nnUNetTrainer',
  mirrorAxes: [],
};

export function read(
  options: FolderOptions,
  facts = FACTS,
  accept: readonly string[] = [],
): InferencePlan {
  return readPlan(plansJson(options), datasetJson(options), facts, accept);
}

/** Code and message of the refusal; `none: ` when the plans are taken. */
export function refusal(options: FolderOptions, facts = FACTS): string {
  const error = errorOf(() => read(options, facts));
  return `${error?.code ?? 'none'}: ${error?.message ?? ''}`;
}
