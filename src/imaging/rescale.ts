import type { PlacedFrame } from './image-frame.ts';
import type { ParsedInstance } from './parsed-instance.ts';
import { elementOf, numberOf, textOf } from './elements.ts';
import { placeOfFrames } from './image-frame.ts';
import { refuseSeries } from './refusal.ts';

export interface Rescale {
  readonly slope: number;
  readonly intercept: number;
}

/**
 * Slope and intercept of one frame (PS3.3 C.11.1.1.2); 1 and 0 where they are absent. On MR they can
 * differ from slice to slice.
 *
 * @throws SitusError INVALID_RESCALE a slope of 0, or either no finite number.
 */
export function rescaleOf(frame: PlacedFrame): Rescale {
  const slope = numberOf(frame.record.resolved, 'RescaleSlope') ?? 1;
  const intercept = numberOf(frame.record.resolved, 'RescaleIntercept') ?? 0;
  if (Number.isFinite(slope) && slope !== 0 && Number.isFinite(intercept)) {
    return { slope, intercept };
  }
  const attribute = Number.isFinite(slope) && slope !== 0 ? 'RescaleIntercept' : 'RescaleSlope';
  throw refuseSeries(
    'INVALID_RESCALE',
    { ...placeOfFrames([frame]), frameNumber: frame.record.source.frameNumber },
    `${attribute} is ${attribute === 'RescaleSlope' && slope === 0 ? '0' : 'no finite number'}.`,
    'Ask the sender to correct the object; its values cannot be computed.',
    { attribute },
  );
}

/**
 * HU only for CT whose Rescale Type is HU or absent (dicom-seg-sr §2.3); a multi-energy CT without
 * Rescale Type can hold anything.
 */
export function unitOf(modality: 'CT' | 'MR', { dataset }: ParsedInstance): 'HU' | 'arbitrary' {
  if (modality !== 'CT') return 'arbitrary';
  const type = textOf(dataset, 'RescaleType');
  if (type !== null) return type === 'HU' ? 'HU' : 'arbitrary';
  const isMultiEnergy = textOf(dataset, 'MultienergyCTAcquisition') === 'YES';
  return isMultiEnergy && elementOf(dataset, 'RescaleType') === null ? 'arbitrary' : 'HU';
}
