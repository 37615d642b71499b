import type { Volume } from '../../contracts/index.ts';

/** Values of a volume that are shown from black to white. */
export interface GreyWindow {
  readonly low: number;
  readonly high: number;
  /** 0 to 255. */
  readonly grey: (value: number) => number;
}

const CT_WINDOW = { low: -160, high: 240 } as const;
const SAMPLES = 50_000;

/** Soft tissue for HU; the 1st to the 99.5th percentile otherwise. */
export function windowOf(volume: Volume): GreyWindow {
  const { low, high } = volume.unit === 'HU' ? CT_WINDOW : percentiles(volume);
  const factor = 255 / Math.max(high - low, Number.EPSILON);
  return {
    low,
    high,
    grey: (value) => (value <= low ? 0 : value >= high ? 255 : ((value - low) * factor + 0.5) | 0),
  };
}

function percentiles({ voxels, padding }: Volume): { low: number; high: number } {
  const step = Math.max(1, Math.floor(voxels.length / SAMPLES));
  const sample: number[] = [];
  for (let i = 0; i < voxels.length; i += step) {
    if (padding?.[i] !== 1) sample.push(voxels[i] ?? 0);
  }
  sample.sort((a, b) => a - b);
  const at = (share: number) => sample[Math.floor(share * (sample.length - 1))] ?? 0;
  return { low: at(0.01), high: at(0.995) };
}
