import { refuse } from '../../contracts/index.ts';
import type { Normalisation } from '../plans/plan.ts';
import { meanAndStd } from './statistics.ts';

const r32 = Math.fround;
const SMALLEST_DEVIATION = r32(1e-8);

/** Mean and divisor to apply; for z-score they are measured before the array is transposed. */
export interface ZScore {
  readonly mean: number;
  readonly divisor: number;
}

/** z-score constants of all given voxels, with σ kept off zero (nnunet-inference §2.3). */
export function measureZScore(values: Float32Array): ZScore {
  if (values.length === 0) return { mean: 0, divisor: SMALLEST_DEVIATION };
  const { mean, std } = meanAndStd(values);
  return { mean, divisor: Math.max(std, SMALLEST_DEVIATION) };
}

/** r32(r32(x − μ) / σ) in place, where the mask is set or everywhere. */
export function applyZScore(values: Float32Array, zscore: ZScore, mask: Uint8Array | null): void {
  const { mean, divisor } = zscore;
  for (let i = 0; i < values.length; i += 1) {
    if (mask !== null && mask[i] === 0) continue;
    values[i] = r32((values[i] ?? 0) - mean) / divisor;
  }
}

/** The voxels where the mask is set, in order. */
export function selectMasked(values: Float32Array, mask: Uint8Array): Float32Array {
  let count = 0;
  for (let i = 0; i < mask.length; i += 1) count += mask[i] ?? 0;
  const selected = new Float32Array(count);
  let at = 0;
  for (let i = 0; i < values.length; i += 1) {
    if (mask[i] === 0) continue;
    selected[at] = values[i] ?? 0;
    at += 1;
  }
  return selected;
}

/**
 * The schemes that need no statistics of masked or transposed voxels, in place; all arithmetic is binary32
 * (nnunet-inference §2.3).
 * @throws SitusError `VOLUME_NOT_RGB` for `rgb01` and voxels outside 0..255.
 */
export function normaliseSimple(
  values: Float32Array,
  normalisation: Exclude<Normalisation, { scheme: 'zscore' }>,
): void {
  switch (normalisation.scheme) {
    case 'none':
      return;
    case 'ct': {
      const lower = r32(normalisation.lower);
      const upper = r32(normalisation.upper);
      const mean = r32(normalisation.mean);
      const divisor = r32(Math.max(normalisation.std, 1e-8));
      for (let i = 0; i < values.length; i += 1) {
        const clipped = Math.min(Math.max(values[i] ?? 0, lower), upper);
        values[i] = r32(clipped - mean) / divisor;
      }
      return;
    }
    case 'rescale01': {
      const { lowest, highest } = extremes(values);
      const divisor = Math.max(r32(highest - lowest), SMALLEST_DEVIATION);
      for (let i = 0; i < values.length; i += 1)
        values[i] = r32((values[i] ?? 0) - lowest) / divisor;
      return;
    }
    case 'rgb01': {
      const { lowest, highest } = extremes(values);
      if (lowest < 0 || highest > 255) {
        throw refuse(
          'VOLUME_NOT_RGB',
          `The model expects values from 0 to 255, the volume has ${lowest} to ${highest}.`,
          'Choose a model for this kind of image.',
        );
      }
      for (let i = 0; i < values.length; i += 1) values[i] = (values[i] ?? 0) / 255;
    }
  }
}

export function extremes(values: Float32Array): { lowest: number; highest: number } {
  let lowest = Number.POSITIVE_INFINITY;
  let highest = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i += 1) {
    const value = values[i] ?? 0;
    if (value < lowest) lowest = value;
    if (value > highest) highest = value;
  }
  return { lowest, highest };
}
