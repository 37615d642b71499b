import type { FrameRecord } from './frame-record.ts';
import { planeOf } from './orientation.ts';
import type { Orientation } from './orientation.ts';
import { groupBy, splitKeysOf } from './split-keys.ts';
import type { SplitKey } from './split-keys.ts';
import { dot } from './vectors.ts';

/** Frames of one orientation, matrix and spacing that a key tells apart from their siblings. */
export interface Stack {
  /** Stable within the series; `all` for the only stack. */
  readonly id: string;
  /** Attributes that tell this stack from the others. */
  readonly keys: readonly string[];
  /** Ascending along the normal; in the order they came when there is no geometry. */
  readonly frames: readonly FrameRecord[];
  readonly orientation: Orientation | null;
  /** False when positions repeat and no key tells the slices apart. */
  readonly uniquePositions: boolean;
}

/** Positions closer than this are the same, in mm. */
export const SAME_POSITION = 0.01;
const SAME_COSINE = 1e-4;
const SAME_SPACING = 1e-4;
/** More distinct geometries than this are no stacks but a rotation (a turning MIP, a radial scan). */
const MAX_GEOMETRIES = 64;

interface Part {
  readonly frames: readonly FrameRecord[];
  readonly labels: ReadonlyMap<string, string>;
}

/**
 * Splits the frames of a series into stacks: first by SOP class, frame of reference, localizer or
 * not, orientation, matrix and pixel spacing, then, where positions repeat, by the first key (or pair
 * or triple of keys) whose groups all have unique positions (dicom-seg-sr §5.1 items 1 to 3).
 */
export function splitStacks(frames: readonly FrameRecord[]): readonly Stack[] {
  const parts = splitByGeometry(frames).flatMap(splitByKeys);
  return named(parts).sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/** Distance of a frame's position along the normal, in mm; null without geometry. */
export function distanceOf(frame: FrameRecord): number | null {
  if (frame.position === null || frame.orientation === null) return null;
  return dot(frame.position, frame.orientation.normal);
}

export function isLocalizer(frame: FrameRecord): boolean {
  const type = frame.attributes['ImageType'];
  return Array.isArray(type) && type.includes('LOCALIZER');
}

function splitByGeometry(frames: readonly FrameRecord[]): readonly Part[] {
  const groups: FrameRecord[][] = [];
  for (const frame of frames) {
    const group = groups.find(([first]) => first !== undefined && sameGeometry(first, frame));
    if (group !== undefined) group.push(frame);
    else if (groups.length === MAX_GEOMETRIES) return [{ frames, labels: new Map() }];
    else groups.push([frame]);
  }
  return groups.map((group) => ({ frames: group, labels: geometryLabels(group[0]) }));
}

/** Whether two frames can lie in one volume. */
export function sameGeometry(a: FrameRecord, b: FrameRecord): boolean {
  return (
    a.sopClassUid === b.sopClassUid &&
    a.frameOfReferenceUid === b.frameOfReferenceUid &&
    isLocalizer(a) === isLocalizer(b) &&
    sameMatrix(a, b) &&
    sameSpacing(a, b) &&
    sameOrientation(a, b)
  );
}

export function sameMatrix(a: FrameRecord, b: FrameRecord): boolean {
  return a.rows === b.rows && a.columns === b.columns;
}

export function sameSpacing(a: FrameRecord, b: FrameRecord): boolean {
  if (a.pixelSpacing === null || b.pixelSpacing === null) return a.pixelSpacing === b.pixelSpacing;
  const [rowsA, columnsA] = a.pixelSpacing;
  const [rowsB, columnsB] = b.pixelSpacing;
  return (
    Math.abs(rowsA - rowsB) <= SAME_SPACING * rowsA &&
    Math.abs(columnsA - columnsB) <= SAME_SPACING * columnsA
  );
}

export function sameOrientation(a: FrameRecord, b: FrameRecord): boolean {
  if (a.orientation === null || b.orientation === null) return a.orientation === b.orientation;
  const first = [...a.orientation.row, ...a.orientation.column];
  const second = [...b.orientation.row, ...b.orientation.column];
  return first.every((cosine, i) => Math.abs(cosine - (second[i] ?? 0)) <= SAME_COSINE);
}

function geometryLabels(frame: FrameRecord | undefined): ReadonlyMap<string, string> {
  if (frame === undefined) return new Map();
  return new Map([
    ['SOPClassUID', frame.sopClassUid],
    ['FrameOfReferenceUID', frame.frameOfReferenceUid ?? ''],
    ['Localizer', isLocalizer(frame) ? 'YES' : 'NO'],
    ['Plane', frame.orientation === null ? 'none' : planeOf(frame.orientation)],
    ['Matrix', `${frame.rows ?? 0}x${frame.columns ?? 0}`],
    ['PixelSpacing', frame.pixelSpacing?.join('/') ?? 'none'],
  ]);
}

function splitByKeys(part: Part): readonly Part[] {
  const repeats = largestRepeat(part.frames);
  if (repeats <= 1) return [part];
  const keys = splitKeysOf(part.frames[0]?.attributes['Modality']).filter(
    (key) => groupBy(part.frames, key).size > 1,
  );
  for (const combination of combinations(keys)) {
    const parts = splitBy(part, combination);
    // A key that differs for every slice splits anything; then it says nothing.
    if (parts.length > 1 && parts.length <= 2 * repeats && parts.every(isUnique)) return parts;
  }
  return [part];
}

function splitBy(part: Part, keys: readonly SplitKey[]): readonly Part[] {
  return keys.reduce<readonly Part[]>(
    (parts, key) =>
      parts.flatMap(({ frames, labels }) =>
        [...groupBy(frames, key)].map(([value, group]) => ({
          frames: group,
          labels: new Map([...labels, [key.name, value]]),
        })),
      ),
    [part],
  );
}

function* combinations(keys: readonly SplitKey[]): Generator<readonly SplitKey[]> {
  for (const key of keys) yield [key];
  for (const [i, first] of keys.entries()) {
    for (const second of keys.slice(i + 1)) yield [first, second];
  }
  for (const [i, first] of keys.entries()) {
    for (const [j, second] of keys.slice(i + 1).entries()) {
      for (const third of keys.slice(i + j + 2)) yield [first, second, third];
    }
  }
}

function isUnique({ frames }: Part): boolean {
  return largestRepeat(frames) <= 1;
}

/** How many frames lie at one position, at most; 1 when there is no geometry. */
function largestRepeat(frames: readonly FrameRecord[]): number {
  const distances = frames
    .map(distanceOf)
    .filter((distance) => distance !== null)
    .sort((a, b) => a - b);
  let largest = 1;
  let run = 1;
  for (let i = 1; i < distances.length; i++) {
    const near = (distances[i] ?? 0) - (distances[i - 1] ?? 0) <= SAME_POSITION;
    run = near ? run + 1 : 1;
    largest = Math.max(largest, run);
  }
  return largest;
}

/** Names each part by the labels in which the parts differ. */
function named(parts: readonly Part[]): Stack[] {
  const keys = [...new Set(parts.flatMap(({ labels }) => [...labels.keys()]))].filter(
    (key) => new Set(parts.map(({ labels }) => labels.get(key) ?? '')).size > 1,
  );
  const used = new Map<string, number>();
  return parts.map((part) => {
    const own = keys.filter((key) => part.labels.has(key));
    const plain = own.map((key) => `${key}=${part.labels.get(key) ?? ''}`).join(';') || 'all';
    const count = (used.get(plain) ?? 0) + 1;
    used.set(plain, count);
    const orientations = part.frames.every(
      (frame, _, [first]) => first !== undefined && sameOrientation(first, frame),
    );
    return {
      id: count === 1 ? plain : `${plain}#${count}`,
      keys: own,
      frames: sortedAlongNormal(part.frames),
      orientation: orientations ? (part.frames[0]?.orientation ?? null) : null,
      uniquePositions: isUnique(part),
    };
  });
}

/** Ascending by distance; equal distances stay in the order of their UIDs, so the result is stable. */
export function sortedAlongNormal(frames: readonly FrameRecord[]): readonly FrameRecord[] {
  if (frames.some((frame) => distanceOf(frame) === null)) return frames;
  return [...frames].sort((a, b) => {
    const difference = (distanceOf(a) ?? 0) - (distanceOf(b) ?? 0);
    if (Math.abs(difference) > SAME_POSITION) return difference;
    return a.source.sopInstanceUid < b.source.sopInstanceUid ? -1 : 1;
  });
}
