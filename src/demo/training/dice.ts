import type { Scan } from '../phantom/scan.ts';

/** Voxels that count for the Dice of each label: in the truth, in the prediction, in both. */
export interface Overlap {
  readonly truth: Float64Array;
  readonly found: Float64Array;
  readonly both: Float64Array;
}

export function overlap(truth: Scan['labels'], found: Uint8Array): Overlap {
  const counts = {
    truth: new Float64Array(256),
    found: new Float64Array(256),
    both: new Float64Array(256),
  };
  for (let index = 0; index < truth.length; index += 1) {
    const wanted = truth[index] ?? 0;
    const given = found[index] ?? 0;
    counts.truth[wanted] = (counts.truth[wanted] ?? 0) + 1;
    counts.found[given] = (counts.found[given] ?? 0) + 1;
    if (wanted === given) counts.both[wanted] = (counts.both[wanted] ?? 0) + 1;
  }
  return counts;
}

/** Dice of a label, or null where the scan does not show the structure (Taha & Hanbury 2015, eq. 6). */
export function diceOf({ truth, found, both }: Overlap, label: number): number | null {
  const size = truth[label] ?? 0;
  return size === 0 ? null : (2 * (both[label] ?? 0)) / (size + (found[label] ?? 0));
}
