import type { VolumeTaps } from '../export/axis-taps.ts';
import type { Tiling } from '../inference/tiles.ts';

/** How one slice of labels is made from rows of the ring: 0 is the last row of the group before. */
export interface SliceTaps {
  /** Place along axis 0 of the labels; null: a slice that is made and dropped. */
  readonly output: number | null;
  readonly first: number;
  readonly second: number;
  readonly w0: number;
  readonly w1: number;
}

/** Patches that start at the same place along axis 0, and what is final after them. */
export interface Group {
  /** Start along axis 0 of the padded array. */
  readonly start: number;
  /** Rows that no later patch touches. */
  readonly rows: number;
  /** At least one, so that no tensor is ever empty. */
  readonly slices: readonly SliceTaps[];
}

/**
 * What happens after each group of patches. Rows before the next group's start are final (nnunet-inference §7.2 item 1);
 * a slice of labels is made as soon as both of its rows are.
 */
export function scheduleGroups(tiling: Tiling, taps: VolumeTaps): Group[] {
  const [starts] = tiling.starts;
  const [axis] = taps;
  let next = 0;
  return starts.map((start, k) => {
    const end = starts[k + 1] ?? tiling.padded[0];
    const local = (row: number): number => row + tiling.below[0] - start + 1;
    const slices: SliceTaps[] = [];
    for (; next < axis.second.length; next += 1) {
      const second = axis.second[next] ?? 0;
      if (second + tiling.below[0] >= end) break;
      slices.push({
        output: next,
        first: local(axis.first[next] ?? 0),
        second: local(second),
        w0: axis.w0[next] ?? 0,
        w1: axis.w1[next] ?? 0,
      });
    }
    if (slices.length === 0) slices.push({ output: null, first: 1, second: 1, w0: 1, w1: 0 });
    return { start, rows: end - start, slices };
  });
}
