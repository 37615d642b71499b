import { refuse } from '../../contracts/index.ts';
import type { GridView } from '../preprocess/grid-view.ts';

/** Slices [start, end) of the turned array, from below; `kept` are those whose labels count. */
export interface Piece {
  readonly start: number;
  readonly end: number;
  readonly kept: readonly [number, number];
}

/** Slices that neighbouring pieces see beyond their border (MRSegmentator's split_margin). */
const MARGIN = 3;

/**
 * MRSegmentator's split mode (nnunet-inference §0): the slices are halved `level` times, each half sees three slices of
 * the other, whose labels are dropped. Halves of halves include the margins, as there.
 * @throws SitusError `VOLUME_TOO_THIN_TO_SPLIT` where MRSegmentator would lose slices: a part with fewer than six.
 */
export function splitPieces(slices: number, level: number): Piece[] {
  let pieces: Piece[] = [{ start: 0, end: slices, kept: [0, slices] }];
  for (let round = 0; round < level; round += 1) pieces = pieces.flatMap(halves);
  return pieces;
}

function halves({ start, end, kept }: Piece): [Piece, Piece] {
  if (end - start < 2 * MARGIN) {
    throw refuse(
      'VOLUME_TOO_THIN_TO_SPLIT',
      `The volume has too few slices for the split level: a part of ${end - start} slices can't be halved.`,
      'Choose a lower split level; 0 does not split.',
      { slices: end - start },
    );
  }
  const middle = start + Math.floor((end - start) / 2);
  return [
    { start, end: middle + MARGIN, kept: [kept[0], middle] },
    { start: middle - MARGIN, end, kept: [middle, kept[1]] },
  ];
}

/** Copies the slices that count. @param view the turned array, as `source` and `target` hold it. */
export function keepSlices(
  source: Uint8Array,
  target: Uint8Array,
  view: GridView,
  [from, to]: readonly [number, number],
): void {
  const [s0, s1, s2] = view.stride;
  for (let z = from; z < to; z += 1) {
    for (let y = 0; y < view.shape[1]; y += 1) {
      let at = view.base + z * s0 + y * s1;
      for (let x = 0; x < view.shape[2]; x += 1, at += s2) target[at] = source[at] ?? 0;
    }
  }
}
