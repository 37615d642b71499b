import type { Plane } from '../contracts/index.ts';

import { cross, dot, norm, scale } from './vectors.ts';
import type { Vector } from './vectors.ts';

/** Directions of Image Orientation (Patient), PS3.3 C.7.6.2.1.1. */
export interface Orientation {
  /** Direction in which the column index rises. */
  readonly row: Vector;
  /** Direction in which the row index rises. */
  readonly column: Vector;
  /** row × column; slices are ordered along it. */
  readonly normal: Vector;
}

/** How far the cosines may be from unit length and from a right angle. */
const TOLERANCE = 1e-4;
/** A stack is called axial, coronal or sagittal when its normal is within 30 degrees of that axis. */
const PLANE_COSINE = Math.cos((30 * Math.PI) / 180);

/** The directions of six cosines; null when they are not six or span no plane. */
export function orientationOf(cosines: readonly number[] | null): Orientation | null {
  if (cosines === null || cosines.length !== 6) return null;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = cosines;
  const row: Vector = [a, b, c];
  const column: Vector = [d, e, f];
  const normal = cross(row, column);
  const length = norm(normal);
  if (!(length > 0.5)) return null;
  return { row, column, normal: scale(normal, 1 / length) };
}

/** Whether the cosines are of unit length and orthogonal within 1e-4 (dicom-seg-sr §5.4). */
export function isOrthonormal({ row, column }: Orientation): boolean {
  return (
    Math.abs(norm(row) - 1) <= TOLERANCE &&
    Math.abs(norm(column) - 1) <= TOLERANCE &&
    Math.abs(dot(row, column)) <= TOLERANCE
  );
}

/** Name of the plane by the largest component of the normal. */
export function planeOf({ normal }: Orientation): Plane {
  const planes = ['sagittal', 'coronal', 'axial'] as const;
  for (const [axis, plane] of planes.entries()) {
    if (Math.abs(normal[axis] ?? 0) >= PLANE_COSINE) return plane;
  }
  return 'oblique';
}
