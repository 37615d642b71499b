import type { Labels, Volume } from '../contracts/index.ts';

/** What one pass over the volume collects of one label. */
export interface Tally {
  voxels: number;
  /** Voxels that are no padding. */
  measured: number;
  sum: number;
  minimum: number;
  maximum: number;
  /** Sums of slice, row and column indices over all voxels. */
  slices: number;
  rows: number;
  columns: number;
  /** On the first or last slice, a border row or column, or next to padding (dicom-seg-sr §2.4). */
  truncated: boolean;
}

/** Label values fit a byte. */
const LABELS = 256;

/** Counts, sums and extremes of every label, indexed by label; background and absent labels are null. */
export function accumulate(volume: Volume, labels: Labels): readonly (Tally | null)[] {
  const [slices, rows, columns] = volume.shape;
  const { voxels: values, padding } = volume;
  const tallies: (Tally | null)[] = Array.from({ length: LABELS }, () => null);
  // Neighbours mostly have the same label, so the tally is looked up only where it changes.
  let last = 0;
  let tally = emptyTally();
  let i = 0;
  for (let slice = 0; slice < slices; slice++) {
    const endSlice = slice === 0 || slice === slices - 1;
    for (let row = 0; row < rows; row++) {
      const endRow = endSlice || row === 0 || row === rows - 1;
      for (let column = 0; column < columns; column++, i++) {
        const label = labels.voxels[i] ?? 0;
        if (label === 0) continue;
        if (label !== last) {
          tally = tallies[label] ??= emptyTally();
          last = label;
        }
        tally.voxels++;
        tally.slices += slice;
        tally.rows += row;
        tally.columns += column;
        if (!tally.truncated) {
          tally.truncated =
            endRow || column === 0 || column === columns - 1 || touchesPadding(volume, i);
        }
        if (padding?.[i] === 1) continue;
        const value = values[i] ?? 0;
        tally.measured++;
        tally.sum += value;
        if (value < tally.minimum) tally.minimum = value;
        if (value > tally.maximum) tally.maximum = value;
      }
    }
  }
  return tallies;
}

function emptyTally(): Tally {
  return {
    voxels: 0,
    measured: 0,
    sum: 0,
    minimum: Number.POSITIVE_INFINITY,
    maximum: Number.NEGATIVE_INFINITY,
    slices: 0,
    rows: 0,
    columns: 0,
    truncated: false,
  };
}

/** Whether the voxel or one of its six neighbours is padding; only asked inside the border. */
function touchesPadding({ padding, shape }: Volume, i: number): boolean {
  if (padding === null) return false;
  const [, rows, columns] = shape;
  const plane = rows * columns;
  return [i, i - 1, i + 1, i - columns, i + columns, i - plane, i + plane].some(
    (neighbour) => padding[neighbour] === 1,
  );
}

/** The measured values of every label, one array each, in no particular order. */
export function gather(
  volume: Volume,
  labels: Labels,
  tallies: readonly (Tally | null)[],
): readonly (Float32Array | null)[] {
  const values = tallies.map((tally) => (tally === null ? null : new Float32Array(tally.measured)));
  const filled = new Uint32Array(LABELS);
  for (let i = 0; i < labels.voxels.length; i++) {
    const label = labels.voxels[i] ?? 0;
    if (label === 0 || volume.padding?.[i] === 1) continue;
    const of = values[label];
    const at = filled[label] ?? 0;
    if (of) of[at] = volume.voxels[i] ?? 0;
    filled[label] = at + 1;
  }
  return values;
}
