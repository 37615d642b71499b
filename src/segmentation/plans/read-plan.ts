import type { z } from 'zod';
import { readArchitecture } from './architecture.ts';
import { readLabels } from './labels.ts';
import type { InferencePlan, Normalisation, Resampling, Vec3 } from './plan.ts';
import type { Configuration, Plans } from './schema.ts';
import { configurationSchema, datasetSchema, plansSchema } from './schema.ts';
import { requireKnownTrainer } from './trainers.ts';
import { planInvalid, unsupported } from './unsupported.ts';

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
 *   the model is of a kind that this room does not run: cascade, 2-D, several channels, unknown trainer or resampler.
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
  if (configuration.previous_stage) throw unsupported('it is the second stage of a cascade');
  requireName('preprocessor', configuration.preprocessor_name, 'DefaultPreprocessor');
  requireName('label manager', plans.label_manager, 'LabelManager');

  const channels = Object.keys(dataset.channel_names ?? dataset.modality ?? {}).length;
  if (channels === 0) throw planInvalid('dataset.json', 'it names no channel');
  if (channels !== 1) throw unsupported(`it needs ${channels} registered series as input`);
  const table = readLabels(dataset);
  const resampleLogits = readResampling(
    configuration.resampling_fn_probabilities,
    configuration.resampling_fn_probabilities_kwargs,
    1,
  );
  if (resampleLogits.order !== 1) throw unsupported('it resamples logits with order 3');
  return {
    configuration: facts.configuration,
    transposeForward: permutation(plans.transpose_forward),
    transposeBackward: permutation(plans.transpose_backward),
    spacing: vec3('spacing', configuration.spacing),
    patchSize: vec3('patch_size', configuration.patch_size),
    normalisation: readNormalisation(plans, configuration),
    resampleImage: readResampling(
      configuration.resampling_fn_data,
      configuration.resampling_fn_data_kwargs,
      3,
    ),
    resampleLogits,
    mirrorAxes: facts.mirrorAxes,
    labels: table.labels,
    labelRule: table.rule,
    architecture: readArchitecture(configuration, channels, table.heads),
  };
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
        throw planInvalid('plans.json', 'the intensity properties for CT are missing');
      }
      return { scheme: 'ct', mean, std, lower, upper };
    }
    default:
      throw unsupported(`its normalisation is "${scheme}"`);
  }
}

function readResampling(
  name: string | undefined,
  kwargs: Configuration['resampling_fn_data_kwargs'],
  defaultOrder: 1 | 3,
): Resampling {
  requireName('resampler', name, 'resample_data_or_seg_to_shape');
  const order = kwargs?.order ?? defaultOrder;
  if (order !== 1 && order !== 3) throw unsupported(`it resamples with order ${order}`);
  if ((kwargs?.order_z ?? 0) !== 0) {
    throw unsupported('it interpolates across thick slices (order_z is not 0)');
  }
  return {
    order,
    forceSeparateZ: kwargs?.force_separate_z ?? null,
    anisotropyThreshold: kwargs?.separate_z_anisotropy_threshold ?? 3,
  };
}

function requireName(what: string, name: string | undefined, expected: string): void {
  if (name !== undefined && name !== expected) {
    throw unsupported(`its ${what} is "${name}" instead of ${expected}`);
  }
}

function permutation(axes: Vec3): Vec3 {
  if (new Set(axes).size !== 3) throw planInvalid('plans.json', 'a transpose is no permutation');
  return axes;
}

function vec3(name: string, values: readonly number[]): Vec3 {
  const [a, b, c] = values;
  if (a === undefined || b === undefined || c === undefined) {
    throw unsupported(`its configuration is two-dimensional (${name})`);
  }
  return [a, b, c];
}
