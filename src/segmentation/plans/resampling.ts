import type { Resampling } from './plan.ts';
import type { Configuration } from './schema.ts';
import { planInvalid, requireName, unsupported } from './unsupported.ts';

/** Arguments of `resample_data_or_seg_to_shape`; what the plans leave out has the function's own default. */
const KNOWN = new Set([
  'is_seg',
  'order',
  'order_z',
  'force_separate_z',
  'separate_z_anisotropy_threshold',
]);
const DEFAULT_ORDER = 3;

/** How nnU-Net resamples the image (`data`) or the logits (`probabilities`); nnunet-inference §2.6. */
export function readResampling(
  configuration: Configuration,
  what: 'data' | 'probabilities',
): Resampling {
  const name = `resampling_fn_${what}` as const;
  const key = `${name}_kwargs` as const;
  requireName(name, configuration[name], 'resample_data_or_seg_to_shape');
  const kwargs = configuration[key];
  if (kwargs === undefined) throw planInvalid('plans.json', `${key} is missing`);
  const unknown = Object.keys(kwargs).find((argument) => !KNOWN.has(argument));
  if (unknown !== undefined) {
    throw unsupported(`its ${key} has an unknown argument (${unknown})`, {
      key,
      argument: unknown,
    });
  }
  if (kwargs.is_seg === true) throw unsupported(`it resamples as labels (${key}.is_seg)`, { key });
  if ((kwargs.order_z ?? 0) !== 0) {
    throw unsupported(`it interpolates across thick slices (${key}.order_z is not 0)`, { key });
  }
  const order = kwargs.order ?? DEFAULT_ORDER;
  const isKnown = order === 1 || (order === 3 && what === 'data');
  if (!isKnown) throw unsupported(`it resamples with order ${order} (${key}.order)`, { key });
  return {
    order,
    forceSeparateZ: kwargs.force_separate_z === undefined ? false : kwargs.force_separate_z,
    anisotropyThreshold: kwargs.separate_z_anisotropy_threshold ?? 3,
  };
}
