import type { z } from 'zod';
import { readArchitecture } from './architecture.ts';
import { readLabels } from './labels.ts';
import type { InferencePlan, Normalisation } from './plan.ts';
import type { Configuration, Plans } from './schema.ts';
import { configurationSchema, datasetSchema, plansSchema } from './schema.ts';
import { readOrientation } from './reader.ts';
import { readResampling } from './resampling.ts';
import { toVec3 } from './sizes.ts';
import { requireKnownTrainer } from './trainers.ts';
import { planInvalid, requireName, unsupported } from './unsupported.ts';

/** What the first fold's checkpoint decides. */
export interface TrainingFacts {
  readonly configuration: string;
  readonly trainer: string;
  readonly mirrorAxes: readonly number[];
}

/**
 * Reads `plans.json` and `dataset.json` (parsed JSON) into the plan that inference follows.
 * @param acceptTrainers trainer names that the operator vouches for, besides the known ones
 * @throws SitusError `MODEL_PLANS_INVALID` when the files are damaged, `MODEL_UNSUPPORTED` with the reason when
 *   the model is of a kind that this room does not run: cascade, several channels, unknown trainer, network or resampler.
 */
export function readPlan(
  plansJson: unknown,
  datasetJson: unknown,
  facts: TrainingFacts,
  acceptTrainers: readonly string[] = [],
): InferencePlan {
  requireKnownTrainer(facts.trainer, acceptTrainers);
  const plans = parse('plans.json', plansSchema, plansJson);
  const dataset = parse('dataset.json', datasetSchema, datasetJson);
  const configuration = parse(
    'plans.json',
    configurationSchema,
    resolveConfiguration(plans, facts.configuration),
  );
  if (configuration.previous_stage) {
    throw unsupported('it is the second stage of a cascade (previous_stage)', {
      key: 'previous_stage',
    });
  }
  requireName('preprocessor_name', configuration.preprocessor_name, 'DefaultPreprocessor');
  requireName('label_manager', plans.label_manager, 'LabelManager');
  const channels = Object.keys(dataset.channel_names ?? dataset.modality ?? {}).length;
  if (channels === 0) throw planInvalid('dataset.json', 'channel_names names no channel');
  if (channels !== 1) {
    throw unsupported(`it needs ${channels} registered series as input (channel_names)`, {
      key: 'channel_names',
    });
  }

  const table = readLabels(dataset);
  const dimensions = configuration.patch_size.length === 2 ? 2 : 3;
  const patchSize = toVec3('patch_size', configuration.patch_size, dimensions, 1);
  return {
    configuration: facts.configuration,
    orientation: readOrientation(plans.image_reader_writer),
    ...readTranspose(plans),
    spacing: toVec3('spacing', configuration.spacing, dimensions, 1),
    patchSize,
    normalisation: readNormalisation(plans, configuration),
    resampleImage: readResampling(configuration, 'data'),
    resampleLogits: readResampling(configuration, 'probabilities'),
    mirrorAxes: readMirrorAxes(facts.mirrorAxes, dimensions),
    labels: table.labels,
    labelRule: table.rule,
    architecture: readArchitecture(configuration, dimensions, patchSize, channels, table.heads),
  };
}

/** Both transposes; the one must undo the other, or labels would come back turned. */
function readTranspose(
  plans: Plans,
): Pick<InferencePlan, 'transposeForward' | 'transposeBackward'> {
  const { transpose_forward: forward, transpose_backward: backward } = plans;
  const undoes = forward.every((axis, at) => backward[axis] === at);
  if (new Set(forward).size !== 3 || !undoes) {
    throw planInvalid(
      'plans.json',
      'transpose_forward is no permutation, or transpose_backward does not undo it',
    );
  }
  return { transposeForward: forward, transposeBackward: backward };
}

/** Axes of the patch; a 2-D patch has axes 0 and 1, which are 1 and 2 of the array. */
function readMirrorAxes(axes: readonly number[], dimensions: 2 | 3): number[] {
  if (axes.some((axis) => axis >= dimensions)) {
    throw planInvalid(
      'the checkpoint',
      'inference_allowed_mirroring_axes names an axis that the patch has not',
    );
  }
  return axes.map((axis) => axis + 3 - dimensions);
}

function parse<T>(file: string, schema: z.ZodType<T>, value: unknown): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw planInvalid(file, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'unreadable'}`);
}

/** Follows `inherits_from`; the child's keys win (nnunet-inference §5.4). */
function resolveConfiguration(plans: Plans, name: string): Record<string, unknown> {
  const chain: Record<string, unknown>[] = [];
  const seen = new Set<string>();
  let next: string | null = name;
  while (next !== null) {
    const current: Record<string, unknown> | undefined = Object.hasOwn(plans.configurations, next)
      ? plans.configurations[next]
      : undefined;
    if (current === undefined || seen.has(next)) {
      throw planInvalid(
        'plans.json',
        `the configuration "${next}" is missing or inherits from itself`,
      );
    }
    seen.add(next);
    chain.unshift(current);
    const parent: unknown = current['inherits_from'];
    next = typeof parent === 'string' ? parent : null;
  }
  return Object.assign({}, ...chain) as Record<string, unknown>;
}

function readNormalisation(plans: Plans, configuration: Configuration): Normalisation {
  const [scheme = ''] = configuration.normalization_schemes;
  switch (scheme) {
    case 'ZScoreNormalization':
      return { scheme: 'zscore', useMask: configuration.use_mask_for_norm[0] ?? false };
    case 'NoNormalization':
      return { scheme: 'none' };
    case 'RescaleTo01Normalization':
      return { scheme: 'rescale01' };
    case 'RGBTo01Normalization':
      return { scheme: 'rgb01' };
    case 'CTNormalization': {
      const {
        mean,
        std,
        percentile_00_5: lower,
        percentile_99_5: upper,
      } = (plans.foreground_intensity_properties_per_channel ??
        plans.foreground_intensity_properties_by_modality)?.['0'] ?? {};
      if (mean === undefined || std === undefined || lower === undefined || upper === undefined) {
        throw planInvalid(
          'plans.json',
          'foreground_intensity_properties_per_channel lacks the intensity properties for CT',
        );
      }
      return { scheme: 'ct', mean, std, lower, upper };
    }
    default:
      throw unsupported(`its normalisation is "${scheme}" (normalization_schemes)`, {
        key: 'normalization_schemes',
      });
  }
}
