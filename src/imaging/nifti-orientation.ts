import type { Affine } from '../contracts/index.ts';

/** The fields of a NIfTI-1 header that place voxels; RAS millimetres or the file's own unit. */
export interface NiftiPlacement {
  readonly qformCode: number;
  readonly sformCode: number;
  /** pixdim[1..3] */
  readonly spacing: readonly [number, number, number];
  /** pixdim[0]; -1 turns the third axis. */
  readonly qfac: number;
  readonly quaternion: readonly [number, number, number];
  readonly offset: readonly [number, number, number];
  /** srow_x, srow_y, srow_z, row-major 3 × 4. */
  readonly sform: readonly number[];
}

const SCANNER_ANATOMICAL = 1;
/** Where ITK 5.4 stops to take an sform for orthogonal: between 1e-4 and 5e-4 (measured). */
const SKEW = 3e-4;

/**
 * Affine to patient LPS millimetres, chosen as ITK 5.4 chooses (nnunet-inference §1.3): the sform
 * when it is orthogonal and either labelled scanner-anatomical or the only one, else the qform; with
 * neither the identity. Spacing is always pixdim; only directions and origin come from the form.
 *
 * @param unit millimetres of the file's unit of length.
 * @returns null when the only form is skewed, which ITK refuses too.
 */
export function niftiAffine(placement: NiftiPlacement, unit: number): Affine | null {
  const columns = directionsOf(placement);
  if (columns === null) return null;
  const { directions, origin } = columns;
  const line = (axis: 0 | 1 | 2, sign: number) => [
    ...placement.spacing.map((step, i) => sign * (directions[i]?.[axis] ?? 0) * step * unit + 0),
    sign * origin[axis] * unit + 0,
  ];
  return [...line(0, -1), ...line(1, -1), ...line(2, 1), 0, 0, 0, 1];
}

interface Placed {
  /** Unit vectors of the three array axes, RAS. */
  readonly directions: readonly (readonly [number, number, number])[];
  readonly origin: readonly [number, number, number];
}

function directionsOf(placement: NiftiPlacement): Placed | null {
  const { qformCode, sformCode } = placement;
  // Identity in LPS, which is what ITK says of a file without any form.
  if (qformCode <= 0 && sformCode <= 0) {
    return {
      directions: [
        [-1, 0, 0],
        [0, -1, 0],
        [0, 0, 1],
      ],
      origin: [0, 0, 0],
    };
  }
  const sform = sformCode > 0 ? sformDirections(placement.sform) : null;
  if (sform !== null && (sformCode === SCANNER_ANATOMICAL || qformCode <= 0)) return sform;
  return qformCode > 0 ? qformDirections(placement) : null;
}

function sformDirections(sform: readonly number[]): Placed | null {
  const at = (row: number, column: number) => sform[4 * row + column] ?? 0;
  const directions: [number, number, number][] = [];
  for (let column = 0; column < 3; column++) {
    const length = Math.hypot(at(0, column), at(1, column), at(2, column));
    if (!(length > 0)) return null;
    directions.push([at(0, column) / length, at(1, column) / length, at(2, column) / length]);
  }
  for (const [i, j] of [
    [0, 1],
    [0, 2],
    [1, 2],
  ] as const) {
    const [a, b] = [directions[i], directions[j]];
    const product = [0, 1, 2].reduce((sum, k) => sum + (a?.[k] ?? 0) * (b?.[k] ?? 0), 0);
    if (Math.abs(product) > SKEW) return null;
  }
  return { directions, origin: [at(0, 3), at(1, 3), at(2, 3)] };
}

/** Method 2 of the NIfTI-1 header: a rotation by unit quaternion, the third axis by qfac. */
function qformDirections({ quaternion, qfac, offset }: NiftiPlacement): Placed {
  let [b, c, d] = quaternion;
  const rest = 1 - (b * b + c * c + d * d);
  let a = 0;
  // Below that the rest is rounding of three 32-bit floats: a half turn, as nifti1_io.c takes it.
  if (rest >= 1e-7) a = Math.sqrt(rest);
  else {
    const length = Math.hypot(b, c, d);
    [b, c, d] = [b / length, c / length, d / length];
  }
  const turn = qfac < 0 ? -1 : 1;
  return {
    directions: [
      [a * a + b * b - c * c - d * d, 2 * (b * c + a * d), 2 * (b * d - a * c)],
      [2 * (b * c - a * d), a * a + c * c - b * b - d * d, 2 * (c * d + a * b)],
      [
        turn * 2 * (b * d + a * c),
        turn * 2 * (c * d - a * b),
        turn * (a * a + d * d - b * b - c * c),
      ],
    ],
    origin: offset,
  };
}

/** Unit quaternion (b, c, d) and qfac of the directions of an orthogonal RAS matrix. */
export function quaternionOf(directions: readonly (readonly number[])[]): {
  readonly quaternion: readonly [number, number, number];
  readonly qfac: 1 | -1;
} {
  const at = (row: number, column: number) => directions[column]?.[row] ?? 0;
  const determinant =
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0));
  const qfac = determinant < 0 ? -1 : 1;
  const m = (row: number, column: number) => at(row, column) * (column === 2 ? qfac : 1);
  const squares = [
    1 + m(0, 0) + m(1, 1) + m(2, 2),
    1 + m(0, 0) - m(1, 1) - m(2, 2),
    1 - m(0, 0) + m(1, 1) - m(2, 2),
    1 - m(0, 0) - m(1, 1) + m(2, 2),
  ];
  const largest = squares.indexOf(Math.max(...squares));
  const half = 0.5 * Math.sqrt(Math.max(0, squares[largest] ?? 1));
  const quarter = 0.25 / half;
  const candidates: readonly (readonly [number, number, number, number])[] = [
    [
      half,
      quarter * (m(2, 1) - m(1, 2)),
      quarter * (m(0, 2) - m(2, 0)),
      quarter * (m(1, 0) - m(0, 1)),
    ],
    [
      quarter * (m(2, 1) - m(1, 2)),
      half,
      quarter * (m(0, 1) + m(1, 0)),
      quarter * (m(0, 2) + m(2, 0)),
    ],
    [
      quarter * (m(0, 2) - m(2, 0)),
      quarter * (m(0, 1) + m(1, 0)),
      half,
      quarter * (m(1, 2) + m(2, 1)),
    ],
    [
      quarter * (m(1, 0) - m(0, 1)),
      quarter * (m(0, 2) + m(2, 0)),
      quarter * (m(1, 2) + m(2, 1)),
      half,
    ],
  ];
  const [a, b, c, d] = candidates[largest] ?? [1, 0, 0, 0];
  const sign = a < 0 ? -1 : 1;
  return { quaternion: [sign * b, sign * c, sign * d], qfac };
}
