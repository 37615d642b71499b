import type { SegmentOrder } from '../contracts/index.ts';
import type { Json } from '../records/index.ts';
import { DEFAULT_SETTINGS, FAST_SETTINGS, type InferenceSettings } from '../segmentation/index.ts';

/**
 * What a rule orders otherwise than nnU-Net's own settings, for the job's `settings` and with them
 * for its identity: another setting is another job with other UIDs. Settings that are the default
 * are left out, so that an order that spells them out is the same work as one that does not.
 */
export function orderedSettings(order: SegmentOrder): { readonly [key: string]: Json } {
  const base = order.fast === true ? FAST_SETTINGS : DEFAULT_SETTINGS;
  const { stepSize, mirroring, splitLevel } = {
    stepSize: order.stepSize ?? base.stepSize,
    mirroring: order.mirroring ?? base.mirroring,
    splitLevel: order.splitLevel ?? base.splitLevel,
  };
  return {
    ...(stepSize === DEFAULT_SETTINGS.stepSize ? {} : { stepSize }),
    ...(mirroring === DEFAULT_SETTINGS.mirroring ? {} : { mirroring }),
    ...(splitLevel === DEFAULT_SETTINGS.splitLevel ? {} : { splitLevel }),
  };
}

/** The settings that a job was made with; what it does not name is nnU-Net's own. */
export function jobSettings(settings: { readonly [key: string]: Json }): InferenceSettings {
  const { stepSize, mirroring, splitLevel } = settings;
  return {
    stepSize: typeof stepSize === 'number' ? stepSize : DEFAULT_SETTINGS.stepSize,
    mirroring: typeof mirroring === 'boolean' ? mirroring : DEFAULT_SETTINGS.mirroring,
    splitLevel: typeof splitLevel === 'number' ? splitLevel : DEFAULT_SETTINGS.splitLevel,
  };
}
