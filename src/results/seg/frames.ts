import type { Labels } from '../../contracts/index.ts';
import type { Presence } from '../segments.ts';
import type { FramePlace } from './groups.ts';

/** A frame of a BINARY segmentation: one segment on one slice. */
export interface SegFrame extends FramePlace {
  readonly segment: number;
  readonly label: number;
}

/** The frames that hold something: segment by segment, slices ascending along the normal (§1.4). */
export function planFrames(presence: Presence): SegFrame[] {
  const frames: SegFrame[] = [];
  presence.labels.forEach((label, index) => {
    for (let slice = 0; slice < presence.slices; slice += 1) {
      if (presence.seen[slice * 256 + label] === 1)
        frames.push({ segment: index + 1, label, slice });
    }
  });
  return frames;
}

/** Bytes of the packed pixels, padded to an even count. */
export function packedLength(frames: number, area: number): number {
  const bytes = Math.ceil((frames * area) / 8);
  return bytes + (bytes % 2);
}

/**
 * Packs the frames into one bit stream, first pixel in the least significant bit (PS3.5 8.1.1,
 * D.2). Goes over each slice of the label volume once and sets the bit of whichever frame the voxel
 * belongs to.
 * @param into zeroed, `packedLength` bytes.
 */
export function packFrames(into: Uint8Array, labels: Labels, frames: readonly SegFrame[]): void {
  const [slices, rows, columns] = labels.shape;
  const area = rows * columns;
  const bySlice: { label: number; frame: number }[][] = Array.from({ length: slices }, () => []);
  frames.forEach(({ label, slice }, frame) => bySlice[slice]?.push({ label, frame }));
  const { voxels } = labels;
  const aligned = area % 8 === 0 && voxels.byteOffset % 4 === 0;
  const words = aligned
    ? new Uint32Array(voxels.buffer, voxels.byteOffset, voxels.length >>> 2)
    : null;
  const start = new Float64Array(256);
  bySlice.forEach((here, slice) => {
    if (here.length === 0) return;
    for (const { label, frame } of here) start[label] = frame * area;
    if (words !== null) packAligned(into, words, start, (slice * area) / 4, area / 8);
    else packUnaligned(into, voxels, start, slice * area, area);
  });
}

/** Frames begin on whole bytes: eight voxels, read as two words, give one byte of each frame. */
function packAligned(
  into: Uint8Array,
  words: Uint32Array,
  start: Float64Array,
  firstWord: number,
  groups: number,
): void {
  const base = start.map((bit) => bit / 8);
  for (let group = 0; group < groups; group += 1) {
    const low = words[firstWord + 2 * group] ?? 0;
    const high = words[firstWord + 2 * group + 1] ?? 0;
    if ((low | high) === 0) continue;
    if (low === high && low === Math.imul(low & 0xff, 0x01010101) >>> 0) {
      into[(base[low & 0xff] ?? 0) + group] = 0xff;
      continue;
    }
    for (let bit = 0; bit < 8; bit += 1) {
      const label = ((bit < 4 ? low : high) >>> ((bit & 3) * 8)) & 0xff;
      if (label === 0) continue;
      const at = (base[label] ?? 0) + group;
      into[at] = (into[at] ?? 0) | (1 << bit);
    }
  }
}

/** Frames may begin inside a byte. */
function packUnaligned(
  into: Uint8Array,
  voxels: Uint8Array,
  start: Float64Array,
  first: number,
  area: number,
): void {
  for (let pixel = 0; pixel < area; pixel += 1) {
    const label = voxels[first + pixel] ?? 0;
    if (label === 0) continue;
    const bit = (start[label] ?? 0) + pixel;
    const at = Math.floor(bit / 8);
    into[at] = (into[at] ?? 0) | (1 << (bit % 8));
  }
}
