import type { FrameRecord } from './frame-record.ts';
import type { Orientation } from './orientation.ts';
import type { ParsedInstance } from './parsed-instance.ts';
import type { Place } from './refusal.ts';
import type { Vector } from './vectors.ts';

/** A frame with the instance it belongs to. */
export interface InstanceFrame {
  readonly record: FrameRecord;
  readonly instance: ParsedInstance;
}

/** A frame whose place in the patient is known and checked. */
export interface PlacedFrame extends InstanceFrame {
  readonly position: Vector;
  readonly orientation: Orientation;
  /** [between rows, between columns] in mm. */
  readonly pixelSpacing: readonly [number, number];
  /** Along the normal of the stack, in mm. */
  readonly distance: number;
}

/** The place of several frames for an error message; every instance once. */
export function placeOfFrames(frames: readonly InstanceFrame[]): Place {
  return {
    seriesInstanceUid: frames[0]?.instance.seriesInstanceUid ?? '',
    sopInstanceUids: [...new Set(frames.map(({ instance }) => instance.sopInstanceUid))],
  };
}
