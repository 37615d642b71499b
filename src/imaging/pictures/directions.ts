import type { Affine } from '../../contracts/index.ts';

/** Letters of the patient's directions along L, P and S: against the axis, and with it. */
const LETTERS = [
  ['R', 'L'],
  ['A', 'P'],
  ['I', 'S'],
] as const;

/** The patient axis that an array axis runs along most (0 L, 1 P, 2 S), and whether with it. */
function mostAlong(affine: Affine, column: number): { axis: 0 | 1 | 2; with: boolean } {
  const along = [0, 1, 2].map((axis) => affine[4 * axis + column] ?? 0);
  const sizes = along.map(Math.abs);
  const axis = sizes.indexOf(Math.max(...sizes)) as 0 | 1 | 2;
  return { axis, with: (along[axis] ?? 0) >= 0 };
}

/**
 * Where the patient's sides lie in the source's own slices.
 *
 * @returns letters toward rising columns and rows and away from them.
 */
export function sliceSides(affine: Affine): {
  readonly right: string;
  readonly left: string;
  readonly bottom: string;
} {
  const columns = mostAlong(affine, 0);
  const rows = mostAlong(affine, 1);
  return {
    right: LETTERS[columns.axis][columns.with ? 1 : 0],
    left: LETTERS[columns.axis][columns.with ? 0 : 1],
    bottom: LETTERS[rows.axis][rows.with ? 1 : 0],
  };
}

/**
 * Where a plane lies in the patient, as consoles write it: `I 123.5` is 123.5 mm below the origin.
 *
 * @param axis 0 L, 1 P, 2 S.
 */
export function placeText(
  affine: Affine,
  axis: 0 | 1 | 2,
  centre: readonly [column: number, row: number, slice: number],
): string {
  const [c, r, s] = centre;
  const [a = 0, b = 0, d = 0, origin = 0] = affine.slice(4 * axis, 4 * axis + 4);
  const millimetres = a * c + b * r + d * s + origin;
  const letter = LETTERS[axis][millimetres < 0 ? 0 : 1];
  return `${letter} ${Math.abs(millimetres).toFixed(1)}`;
}

/** The same for a slice of the source, along the axis that its normal is nearest to. */
export function slicePlaceText(
  affine: Affine,
  shape: readonly [number, number, number],
  slice: number,
): string {
  const { axis } = mostAlong(affine, 2);
  return placeText(affine, axis, [(shape[2] - 1) / 2, (shape[1] - 1) / 2, slice]);
}
