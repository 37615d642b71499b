import type { Labels } from '../../contracts/index.ts';
import { encodeRle } from '../dicom/rle.ts';
import { heldSlices, type Presence } from '../segments.ts';
import type { FramePlace } from './groups.ts';

/** The slices that hold something, ascending along the normal (dicom-seg-sr §1.4). */
export function planLabelFrames(presence: Presence): FramePlace[] {
  return heldSlices(presence).map((slice) => ({ segment: null, slice }));
}

/** Bytes of the frames, padded to an even count. */
export function labelLength(frames: number, area: number): number {
  const bytes = frames * area;
  return bytes + (bytes % 2);
}

/**
 * The label volume's slices one after the other: a pixel's value is its segment's number.
 * @param into zeroed, `labelLength` bytes.
 */
export function copyFrames(into: Uint8Array, labels: Labels, frames: readonly FramePlace[]): void {
  const area = labels.shape[1] * labels.shape[2];
  frames.forEach(({ slice }, frame) => {
    into.set(labels.voxels.subarray(slice * area, (slice + 1) * area), frame * area);
  });
}

/** The same frames in RLE Lossless, one fragment each. */
export function rleFrames(labels: Labels, frames: readonly FramePlace[]): Uint8Array[] {
  const [, rows, columns] = labels.shape;
  const area = rows * columns;
  return frames.map(({ slice }) =>
    encodeRle(labels.voxels.subarray(slice * area, (slice + 1) * area), rows, columns),
  );
}
