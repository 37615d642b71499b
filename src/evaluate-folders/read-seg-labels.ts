import { refuse, type Affine, type SitusError, type Structure } from '../contracts/index.ts';
import { readSeg, type ReadSegment, type ReadSegmentation } from '../results/index.ts';
import type { ReadLabels, ReadLabelsOptions } from './labels.ts';

/** Cosines within which frames are parallel, and share of the slice distance they may lie off. */
const PARALLEL = 1e-3;
const OFF = 0.02;
const MOST_SLICES = 20_000;

/**
 * A DICOM Segmentation as labels on the grid that its frames span. Segments are known by their label,
 * else by their code and laterality (PS3.3 C.8.20.4), else under their own label; with a table by number.
 * @throws SitusError those of `readSeg`, and SEGMENTATION_GRID (refuse).
 */
export function readSegLabels(
  path: string,
  bytes: Uint8Array,
  options: ReadLabelsOptions,
): ReadLabels {
  const seg = readSeg(bytes);
  const { table, wanted, numbering, structures } = options;
  const names = new Map(
    seg.segments
      .map((segment) => [
        segment.number,
        table === null ? structureOf(segment, structures) : table.labels[segment.number],
      ])
      .filter((entry): entry is [number, string] => {
        const [, name] = entry;
        return typeof name === 'string' && (wanted?.includes(name) ?? true);
      }),
  );
  const grid = gridOf(seg, path);
  const area = seg.rows * seg.columns;
  const voxels = new Uint8Array(grid.slices * area);
  let overlapping = 0;
  seg.frames.forEach((frame, index) => {
    const pixels = seg.pixels(index);
    const start = (grid.sliceOf[index] ?? 0) * area;
    for (let pixel = 0; pixel < area; pixel += 1) {
      const value = pixels[pixel] ?? 0;
      if (value === 0) continue;
      const name = names.get(frame.segment ?? value);
      if (name === undefined) continue;
      const number = numbering.numberOf(name);
      const before = voxels[start + pixel] ?? 0;
      if (before !== 0 && before !== number) overlapping += 1;
      voxels[start + pixel] = number;
    }
  });
  const known = table === null ? structures.map(({ name }) => name) : Object.values(table.labels);
  return {
    labels: {
      name: path,
      voxels,
      shape: [grid.slices, seg.rows, seg.columns],
      affine: grid.affine,
      sparse: true,
    },
    known: new Set([...known, ...names.values()].filter((name) => wanted?.includes(name) ?? true)),
    notes:
      overlapping === 0
        ? []
        : [`${path}: ${overlapping} voxels belong to several segments; the last one keeps them`],
  };
}

function structureOf(segment: ReadSegment, structures: readonly Structure[]): string {
  const plain = segment.label.toLowerCase().replace(/[^a-z0-9]+/g, '_');
  if (structures.some(({ name }) => name === plain)) return plain;
  const coded = structures.find(
    ({ type, laterality }) =>
      type.value === segment.type?.value &&
      type.scheme === segment.type.scheme &&
      (laterality?.value ?? null) === (segment.modifier?.value ?? null),
  );
  return coded?.name ?? plain;
}

interface SegGrid {
  readonly slices: number;
  /** Slice of every frame. */
  readonly sliceOf: readonly number[];
  readonly affine: Affine;
}

function gridOf(seg: ReadSegmentation, path: string): SegGrid {
  const [first] = seg.frames;
  const [rowX = 0, rowY = 0, rowZ = 0, colX = 0, colY = 0, colZ = 0] = first?.orientation ?? [];
  const normal = [rowY * colZ - rowZ * colY, rowZ * colX - rowX * colZ, rowX * colY - rowY * colX];
  const parallel = seg.frames.every(
    ({ orientation, position }) =>
      position.length === 3 &&
      orientation.length === 6 &&
      orientation.every((c, axis) => Math.abs(c - (first?.orientation[axis] ?? 9)) < PARALLEL),
  );
  if (first === undefined || !parallel) {
    throw offGrid(path, 'has no frames, or frames that are not parallel');
  }
  const heights = seg.frames.map(({ position }) =>
    normal.reduce((sum, part, axis) => sum + part * (position[axis] ?? 0), 0),
  );
  const lowest = Math.min(...heights);
  const origin = seg.frames[heights.indexOf(lowest)]?.position ?? [];
  const distance = seg.sliceSpacing ?? smallestGap(heights);
  if (!(distance > 0)) throw offGrid(path, 'does not say how far its slices are apart');
  const sliceOf = heights.map((height) => Math.round((height - lowest) / distance));
  const off = heights.some(
    (height, frame) => Math.abs((height - lowest) / distance - (sliceOf[frame] ?? 0)) > OFF,
  );
  const slices = Math.max(...sliceOf) + 1;
  if (off || slices > MOST_SLICES) throw offGrid(path, 'has frames at uneven distances');
  const [down = 0, across = 0] = seg.pixelSpacing;
  const affine = [0, 1, 2].flatMap((axis) => [
    (first.orientation[axis] ?? 0) * across,
    (first.orientation[axis + 3] ?? 0) * down,
    (normal[axis] ?? 0) * distance,
    origin[axis] ?? 0,
  ]);
  return { slices, sliceOf, affine: [...affine, 0, 0, 0, 1] };
}

/** Smallest distance between two slices; 0 when there is only one. */
function smallestGap(heights: readonly number[]): number {
  const sorted = [...new Set(heights.map((height) => Math.round(height * 1000) / 1000))].sort(
    (a, b) => a - b,
  );
  const gaps = sorted.slice(1).map((height, index) => height - (sorted[index] ?? 0));
  return gaps.length === 0 ? 0 : Math.min(...gaps);
}

function offGrid(path: string, problem: string): SitusError {
  return refuse(
    'SEGMENTATION_GRID',
    `${path} ${problem}.`,
    'Only segmentations whose frames lie evenly on parallel slices can be compared.',
    { file: path },
  );
}
