import type { Volume } from '../../contracts/index.ts';
import { refuse } from '../../contracts/index.ts';
import type { ReadFrame, ReadSegmentation } from './segmentation.ts';

/** Millimetres within which a frame lies on a slice, and cosines within which it is parallel. */
const NEAR = 1e-2;
const PARALLEL = 1e-3;

/** A segmentation put on the grid of the volume it belongs to. */
export interface SegmentVolume {
  /** Segment numbers, 0 for none; order and shape are the volume's. */
  readonly voxels: Uint8Array;
  /** Voxels that several segments claim; the highest segment number keeps them. */
  readonly overlapping: number;
}

/**
 * The frames of a segmentation as one label volume on the grid of its source. A frame finds its
 * slice by the instance it names, else by its position.
 * @throws SitusError SEGMENTATION_GRID (refuse) when a frame lies on no slice, has another matrix or
 * another orientation, or a segment number is above 255.
 */
export function toSegmentVolume(segmentation: ReadSegmentation, volume: Volume): SegmentVolume {
  const [, rows, columns] = volume.shape;
  if (segmentation.rows !== rows || segmentation.columns !== columns) {
    throw offGrid(
      segmentation,
      `has frames of ${segmentation.rows}×${segmentation.columns}, the series of ${rows}×${columns}`,
    );
  }
  const area = rows * columns;
  const voxels = new Uint8Array(volume.shape[0] * area);
  const byUid = new Map(
    volume.slices.map((slice, index) => [key(slice.sopInstanceUid, slice.frameNumber), index]),
  );
  let overlapping = 0;
  segmentation.frames.forEach((frame, index) => {
    const slice = sliceOf(frame, volume, byUid);
    if (slice === null)
      throw offGrid(segmentation, `has a frame ${index + 1} that lies on no slice`);
    const pixels = segmentation.pixels(index);
    const value = frame.segment ?? 0;
    if (value > 255) throw offGrid(segmentation, `numbers a segment ${value}, above 255`);
    for (let pixel = 0; pixel < area; pixel += 1) {
      const here =
        segmentation.kind === 'LABELMAP' ? (pixels[pixel] ?? 0) : (pixels[pixel] ?? 0) * value;
      if (here === 0) continue;
      const at = slice * area + pixel;
      const before = voxels[at] ?? 0;
      if (before !== 0 && before !== here) overlapping += 1;
      voxels[at] = Math.max(before, here);
    }
  });
  return { voxels, overlapping };
}

function key(sopInstanceUid: string, frameNumber: number | null): string {
  return `${sopInstanceUid}#${frameNumber ?? ''}`;
}

function sliceOf(
  frame: ReadFrame,
  volume: Volume,
  byUid: ReadonlyMap<string, number>,
): number | null {
  const orientation = volume.source?.imageOrientationPatient.map(Number) ?? [];
  const parallel =
    frame.orientation.length === 6 &&
    frame.orientation.every(
      (cosine, axis) => Math.abs(cosine - (orientation[axis] ?? 9)) < PARALLEL,
    );
  if (!parallel) return null;
  if (frame.source !== null) {
    const named = byUid.get(key(frame.source.sopInstanceUid, frame.source.frameNumber));
    if (named !== undefined) return named;
  }
  const found = volume.slices.findIndex((slice) =>
    slice.imagePositionPatient.every(
      (digits, axis) => Math.abs(Number(digits) - (frame.position[axis] ?? Number.NaN)) < NEAR,
    ),
  );
  return found < 0 ? null : found;
}

function offGrid({ sopInstanceUid }: ReadSegmentation, problem: string): Error {
  return refuse(
    'SEGMENTATION_GRID',
    `Segmentation ${sopInstanceUid} ${problem}.`,
    'Only segmentations drawn on the source series itself, slice by slice, can be used.',
    { instance: sopInstanceUid },
  );
}
