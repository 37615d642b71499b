import { refuse, type Affine, type Shape, type SitusError } from '../contracts/index.ts';
import type { LabelPair } from './compare.ts';

/** Labels with their place in the patient. */
export interface PlacedLabels {
  /** What messages call it: the file. */
  readonly name: string;
  /** [slice, row, column], column fastest. */
  readonly voxels: Uint8Array;
  readonly shape: Shape;
  /** (column, row, slice, 1) to patient millimetres. */
  readonly affine: Affine;
  /** Slices that are not there are background, as in DICOM SEG; else the whole field of view is there. */
  readonly sparse: boolean;
}

/** Share of a voxel edge that voxel centres of two grids may lie apart. */
const TOLERANCE = 0.02;

/** Where the voxels of a grid lie in another one: index = base + steps · (slice, row, column). */
interface Placement {
  /** Axis of the target for slice, row and column of the source. */
  readonly axes: readonly number[];
  readonly signs: readonly number[];
  /** Target index [slice, row, column] of the source's first voxel. */
  readonly first: readonly number[];
}

/**
 * Brings reference and prediction onto one grid by turning and swapping axes only; nothing is ever
 * resampled. Sparse labels may cover a part of the other's slices.
 * @throws SitusError GRIDS_DIFFER (refuse) naming both files and what differs.
 */
export function bringTogether(reference: PlacedLabels, prediction: PlacedLabels): LabelPair {
  const differ = (what: string): SitusError =>
    refuse(
      'GRIDS_DIFFER',
      `${prediction.name} does not lie on the grid of ${reference.name}: ${what}.`,
      'Bring both onto one grid; nearest-neighbour resampling of labels is a choice that Situs does not make for you.',
      { reference: reference.name, prediction: prediction.name },
    );
  if (reference.sparse && !prediction.sparse) {
    const placed = placeOn(prediction, reference, differ);
    return { ...onGridOf(prediction), reference: placed, prediction: prediction.voxels };
  }
  const target =
    reference.sparse && prediction.sparse ? widened(reference, prediction, differ) : reference;
  return {
    ...onGridOf(target),
    reference: target === reference ? reference.voxels : placeOn(target, reference, differ),
    prediction: placeOn(target, prediction, differ),
  };
}

type Differ = (what: string) => SitusError;

function onGridOf({ shape, affine }: PlacedLabels): Pick<LabelPair, 'shape' | 'affine'> {
  return { shape, affine };
}

function placeOn(target: PlacedLabels, source: PlacedLabels, differ: Differ): Uint8Array {
  const { axes, signs, first } = placementOf(target, source, differ);
  const covers = axes.every((axis, from) => {
    const length = source.shape[from] ?? 0;
    const start = first[axis] ?? 0;
    const end = start + (signs[from] ?? 1) * (length - 1);
    const inside = Math.min(start, end) >= 0 && Math.max(start, end) < (target.shape[axis] ?? 0);
    const partial = source.sparse && from === 0;
    return inside && (partial || length === target.shape[axis]);
  });
  if (!covers) {
    throw differ(
      `${sizeOf(source)} voxels in ${source.name} do not cover the ${sizeOf(target)} of ${target.name}`,
    );
  }
  const same = axes.every((axis, from) => axis === from && signs[from] === 1 && first[axis] === 0);
  if (same && source.voxels.length === target.voxels.length) return source.voxels;
  const [slices, rows, columns] = source.shape;
  const strides = [target.shape[1] * target.shape[2], target.shape[2], 1];
  const step = axes.map((axis, from) => (signs[from] ?? 1) * (strides[axis] ?? 1));
  const base = first.reduce((sum, index, axis) => sum + index * (strides[axis] ?? 0), 0);
  const placed = new Uint8Array(target.voxels.length);
  let from = 0;
  for (let slice = 0; slice < slices; slice += 1) {
    for (let row = 0; row < rows; row += 1) {
      let to = base + slice * (step[0] ?? 0) + row * (step[1] ?? 0);
      for (let column = 0; column < columns; column += 1, from += 1, to += step[2] ?? 0) {
        placed[to] = source.voxels[from] ?? 0;
      }
    }
  }
  return placed;
}

/** The reference's grid, longer along slices so that the prediction's fit too. */
function widened(reference: PlacedLabels, prediction: PlacedLabels, differ: Differ): PlacedLabels {
  const { axes, signs, first } = placementOf(reference, prediction, differ);
  if (axes[0] !== 0) throw differ('their slices run along different axes');
  const start = first[0] ?? 0;
  const end = start + (signs[0] ?? 1) * (prediction.shape[0] - 1);
  const lowest = Math.min(0, start, end);
  const highest = Math.max(reference.shape[0] - 1, start, end);
  if (lowest === 0 && highest === reference.shape[0] - 1) return reference;
  const shape: Shape = [highest - lowest + 1, reference.shape[1], reference.shape[2]];
  const affine = [...reference.affine];
  for (const row of [3, 7, 11]) affine[row] = (affine[row] ?? 0) + lowest * (affine[row - 1] ?? 0);
  return { ...reference, shape, affine, voxels: new Uint8Array(shape[0] * shape[1] * shape[2]) };
}

/** @throws SitusError GRIDS_DIFFER when the axes are not the same up to order and direction. */
function placementOf(target: PlacedLabels, source: PlacedLabels, differ: Differ): Placement {
  const inverse = invert(target.affine);
  if (inverse === null || !source.affine.every(Number.isFinite)) {
    throw differ('one of the grids has no volume');
  }
  // Both in the order (slice, row, column), the affine's own is (column, row, slice).
  const indexOf = (point: readonly number[]): number[] => {
    const world = [0, 1, 2].map(
      (row) =>
        (source.affine[4 * row] ?? 0) * (point[2] ?? 0) +
        (source.affine[4 * row + 1] ?? 0) * (point[1] ?? 0) +
        (source.affine[4 * row + 2] ?? 0) * (point[0] ?? 0) +
        (source.affine[4 * row + 3] ?? 0) -
        (target.affine[4 * row + 3] ?? 0),
    );
    return [2, 1, 0].map((row) =>
      world.reduce((sum, part, column) => sum + (inverse[3 * row + column] ?? 0) * part, 0),
    );
  };
  const origin = indexOf([0, 0, 0]);
  const axes: number[] = [];
  const signs: number[] = [];
  for (const axis of [0, 1, 2]) {
    const moved = indexOf([0, 1, 2].map((other) => (other === axis ? 1 : 0)));
    const step = moved.map((value, to) => value - (origin[to] ?? 0));
    const to = step.findIndex((value) => Math.abs(value) > 0.5);
    axes.push(to);
    signs.push((step[to] ?? 0) < 0 ? -1 : 1);
  }
  if (new Set(axes).size !== 3 || axes.includes(-1)) throw differ('their axes are not parallel');
  const first = origin.map(Math.round);
  let worst = 0;
  for (let corner = 0; corner < 8; corner += 1) {
    const point = source.shape.map((length, axis) => ((corner >> axis) & 1) * (length - 1));
    indexOf(point).forEach((index, to) => {
      const from = axes.indexOf(to);
      const wanted = (first[to] ?? 0) + (signs[from] ?? 1) * (point[from] ?? 0);
      worst = Math.max(worst, Math.abs(index - wanted));
    });
  }
  if (worst > TOLERANCE) {
    throw differ(
      `voxel centres lie up to ${worst.toFixed(2)} voxels apart (spacing, origin or direction differ)`,
    );
  }
  return { axes, signs, first };
}

/** Inverse of the upper left 3 × 3, row-major; null when it has none. */
function invert(affine: Affine): readonly number[] | null {
  const at = (row: number, column: number): number => affine[4 * (row % 3) + (column % 3)] ?? 0;
  const minor = (row: number, column: number): number =>
    at(row + 1, column + 1) * at(row + 2, column + 2) -
    at(row + 1, column + 2) * at(row + 2, column + 1);
  const determinant = [0, 1, 2].reduce((sum, column) => sum + at(0, column) * minor(0, column), 0);
  if (!Number.isFinite(determinant) || determinant === 0) return null;
  return Array.from({ length: 9 }, (_, i) => minor(i % 3, Math.floor(i / 3)) / determinant);
}

function sizeOf({ shape }: PlacedLabels): string {
  return [...shape].reverse().join('×');
}
