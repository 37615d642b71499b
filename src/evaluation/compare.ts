import { fault, type Affine, type Shape } from '../contracts/index.ts';
import { distancesBetween, type SurfaceDistances } from './distances.ts';
import { surfacePercentile } from './percentile.ts';
import { surfaceAreas } from './surface-area.ts';
import { surfaceOf, type Box, type Surface } from './surface.ts';
import type { Presence, StructureMeasures } from './types.ts';

/** Labels of reference and prediction on one grid, [slice, row, column], column fastest. */
export interface LabelPair {
  readonly reference: Uint8Array;
  readonly prediction: Uint8Array;
  readonly shape: Shape;
  /** Voxel index to millimetres; spacing and voxel volume are taken from its columns. */
  readonly affine: Affine;
}

export interface CompareOptions {
  /** Label value → structure, for both sides. */
  readonly structures: Readonly<Record<number, string>>;
  /** Distance in mm within which surfaces count as agreeing (surface Dice). */
  readonly toleranceMm: number;
}

const HD_SHARE = 0.95;

interface Extent {
  reference: number;
  prediction: number;
  both: number;
  readonly first: [number, number, number];
  readonly last: [number, number, number];
}

/**
 * Measures how a prediction agrees with a reference, structure by structure (definitions:
 * docs/evaluation.md). Each structure is looked at in the box around both masks only.
 * @throws SitusError LABELS_DIFFER_IN_SIZE (fault) when the arrays do not fit the shape.
 */
export function compareLabels(pair: LabelPair, options: CompareOptions): StructureMeasures[] {
  const { reference, prediction, shape } = pair;
  const count = shape[0] * shape[1] * shape[2];
  if (reference.length !== count || prediction.length !== count) {
    throw fault(
      'LABELS_DIFFER_IN_SIZE',
      `Labels of ${reference.length} and ${prediction.length} voxels were given for ${shape.join('×')}.`,
    );
  }
  const { spacing, voxelMl } = gridOf(pair.affine);
  const areas = surfaceAreas(spacing);
  const extents = extentsOf(pair);
  return Object.entries(options.structures).map(([key, structure]) => {
    const value = Number(key);
    const extent = extents[value];
    const counts = extent ?? { reference: 0, prediction: 0, both: 0 };
    const presence = presenceOf(counts.reference, counts.prediction);
    const volumes = {
      referenceMl: counts.reference * voxelMl,
      predictionMl: counts.prediction * voxelMl,
      volumeErrorMl: (counts.prediction - counts.reference) * voxelMl,
      volumeErrorPercent:
        counts.reference === 0
          ? null
          : (100 * (counts.prediction - counts.reference)) / counts.reference,
    };
    if (presence !== 'both' || extent === undefined) {
      const none = presence === 'absent' ? null : 0;
      return { structure, presence, ...volumes, dice: none, surfaceDice: none, hd: null, hd95: null };
    } // prettier-ignore
    const dice = (2 * counts.both) / (counts.reference + counts.prediction);
    const distances = surfaceMeasures(pair, extent, value, spacing, areas, options.toleranceMm);
    return { structure, presence, ...volumes, dice, ...distances };
  });
}

/** Edge lengths in mm along slices, rows and columns (norms of the columns), and voxel volume. */
function gridOf(affine: Affine): {
  readonly spacing: readonly [number, number, number];
  readonly voxelMl: number;
} {
  const at = (row: number, column: number): number => affine[4 * row + column] ?? 0;
  const edge = (column: number): number =>
    Math.sqrt(at(0, column) ** 2 + at(1, column) ** 2 + at(2, column) ** 2);
  const determinant =
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0));
  return { spacing: [edge(2), edge(1), edge(0)], voxelMl: Math.abs(determinant) / 1000 };
}

function presenceOf(reference: number, prediction: number): Presence {
  if (reference > 0) return prediction > 0 ? 'both' : 'missed';
  return prediction > 0 ? 'invented' : 'absent';
}

/** Voxels of every value on either side and the box around both, in one pass. */
function extentsOf({ reference, prediction, shape }: LabelPair): (Extent | undefined)[] {
  const extents: (Extent | undefined)[] = [];
  const [slices, rows, columns] = shape;
  const note = (value: number, slice: number, row: number, column: number): Extent => {
    let extent = extents[value];
    if (extent === undefined) {
      extent = {
        reference: 0,
        prediction: 0,
        both: 0,
        first: [slice, row, column],
        last: [slice, row, column],
      };
      extents[value] = extent;
    }
    const { first, last } = extent;
    last[0] = slice;
    if (row < first[1]) first[1] = row;
    if (row > last[1]) last[1] = row;
    if (column < first[2]) first[2] = column;
    if (column > last[2]) last[2] = column;
    return extent;
  };
  let at = 0;
  for (let slice = 0; slice < slices; slice += 1) {
    for (let row = 0; row < rows; row += 1) {
      for (let column = 0; column < columns; column += 1, at += 1) {
        const a = reference[at] ?? 0;
        const b = prediction[at] ?? 0;
        if (a === b) {
          if (a === 0) continue;
          const extent = note(a, slice, row, column);
          extent.reference += 1;
          extent.prediction += 1;
          extent.both += 1;
          continue;
        }
        if (a !== 0) note(a, slice, row, column).reference += 1;
        if (b !== 0) note(b, slice, row, column).prediction += 1;
      }
    }
  }
  return extents;
}

function surfaceMeasures(
  { reference, prediction, shape }: LabelPair,
  box: Box,
  value: number,
  spacing: readonly [number, number, number],
  areas: Float64Array,
  toleranceMm: number,
): { readonly surfaceDice: number; readonly hd: number; readonly hd95: number } {
  const wanted: Surface = surfaceOf(reference, shape, box, value);
  const given: Surface = surfaceOf(prediction, shape, box, value);
  const directions = [
    distancesBetween(wanted, given, spacing),
    distancesBetween(given, wanted, spacing),
  ];
  let area = 0;
  let near = 0;
  let hd = 0;
  for (const { distances, codes } of directions) {
    distances.forEach((distance, element) => {
      const weight = areas[codes[element] ?? 0] ?? 0;
      area += weight;
      if (distance <= toleranceMm) near += weight;
      if (distance > hd) hd = distance;
    });
  }
  const percentile = ({ distances, codes }: SurfaceDistances): number =>
    surfacePercentile(distances, codes, areas, HD_SHARE);
  return { surfaceDice: near / area, hd, hd95: Math.max(...directions.map(percentile)) };
}
