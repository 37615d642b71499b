import { decodeCut } from './decode-frame.ts';
import type { CutFrame } from './decode-frame.ts';

/** A frame to decode, and what makes modality values of it. */
export interface FrameTask {
  readonly frame: CutFrame;
  readonly slope: number;
  readonly intercept: number;
  /** Index in the volume of the frame's first voxel. */
  readonly offset: number;
}

export interface FrameAnswer {
  /** 1 where the stored value is padding; null when there is none in this frame. */
  readonly padding: Uint8Array | null;
  /** Least and largest modality value outside the padding; infinite when all is padding. */
  readonly minimum: number;
  readonly maximum: number;
}

/**
 * Decodes a frame and writes its modality values (stored × slope + intercept, PS3.3 C.11.1.1.2) to its
 * place in the volume; voxels of padding are left as they are.
 *
 * @param voxels the volume; threads that share its memory write to places of their own.
 * @throws SitusError as `decodeFrame`.
 */
export async function decodeInto(
  voxels: Float32Array,
  { frame, slope, intercept, offset }: FrameTask,
): Promise<FrameAnswer> {
  const { values, padding } = await decodeCut(frame);
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    if (padding?.[i] === 1) continue;
    const value = Math.fround((values[i] ?? 0) * slope + intercept);
    voxels[offset + i] = value;
    if (value < minimum) minimum = value;
    if (value > maximum) maximum = value;
  }
  return { padding, minimum, maximum };
}
