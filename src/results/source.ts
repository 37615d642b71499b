import type { Volume, VolumeSource } from '../contracts/index.ts';
import { refuse } from '../contracts/index.ts';

/**
 * The DICOM source of a volume.
 * @throws SitusError NO_DICOM_SOURCE, MISSING_FRAME_OF_REFERENCE, INCOMPLETE_SOURCE (refuse).
 */
export function dicomSource(volume: Volume): VolumeSource {
  const { source } = volume;
  if (source === null) {
    throw refuse(
      'NO_DICOM_SOURCE',
      'The volume was not read from DICOM, so no DICOM result can refer to it.',
      'Segment the DICOM series itself, or write NIfTI labels instead.',
    );
  }
  const details = { series: source.seriesInstanceUid };
  if (source.frameOfReferenceUid === '') {
    throw refuse(
      'MISSING_FRAME_OF_REFERENCE',
      `Series ${source.seriesInstanceUid} has no Frame of Reference UID (0020,0052).`,
      'Results cannot be placed in the patient without it; repair the series in the archive.',
      details,
    );
  }
  if (volume.slices.length !== volume.shape[0]) {
    throw refuse(
      'INCOMPLETE_SOURCE',
      `Series ${source.seriesInstanceUid}: ${volume.slices.length} source frames for ${volume.shape[0]} slices.`,
      'Fetch the series again.',
      details,
    );
  }
  return source;
}

/** A source instance and, for multi-frame instances, the 1-based frames that were used. */
export interface SourceInstance {
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly frames: readonly number[];
}

/** The distinct instances of a volume in slice order; frames ascend. */
export function sourceInstances(volume: Volume): SourceInstance[] {
  const byUid = new Map<string, { sopClassUid: string; frames: number[] }>();
  for (const slice of volume.slices) {
    const known = byUid.get(slice.sopInstanceUid) ?? { sopClassUid: slice.sopClassUid, frames: [] };
    if (slice.frameNumber !== null) known.frames.push(slice.frameNumber);
    byUid.set(slice.sopInstanceUid, known);
  }
  return [...byUid].map(([sopInstanceUid, { sopClassUid, frames }]) => ({
    sopClassUid,
    sopInstanceUid,
    frames: frames.sort((a, b) => a - b),
  }));
}
