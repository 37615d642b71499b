import { fork } from 'node:child_process';
import type { Volume } from '../../src/contracts/index.ts';

/** What OHIF's code makes of a segmentation. */
export interface ViewedSegmentation {
  readonly segments: readonly { readonly number: number; readonly label: string }[];
  readonly cielab: readonly (readonly number[])[];
  /** Segment numbers on the source's slices, in the order they were given. */
  readonly slices: readonly Uint8Array[];
}

/** The source series as a viewer knows it, and the segmentation it is to load. */
export interface ViewRequest {
  readonly segmentation: Uint8Array;
  readonly rows: number;
  readonly columns: number;
  /** Direction of a row, then of a column. */
  readonly orientation: readonly number[];
  readonly positions: readonly (readonly number[])[];
  readonly spacing: readonly number[];
  readonly instances: readonly string[];
  readonly frameNumbers: readonly (number | null)[];
  readonly series: string;
  readonly study: string;
  readonly frameOfReference: string;
}

const SCRIPT = new URL('viewer-process.ts', import.meta.url);

/**
 * Loads a segmentation with cornerstone's adapters, the code that OHIF runs, in a plain process: they
 * rely on globals that jest keeps from its tests.
 */
export function viewSegmentation(
  segmentation: Uint8Array,
  volume: Volume,
): Promise<ViewedSegmentation> {
  const { source } = volume;
  if (source === null) throw new Error('the volume has no DICOM source');
  const request: ViewRequest = {
    segmentation,
    rows: volume.shape[1],
    columns: volume.shape[2],
    orientation: source.imageOrientationPatient.map(Number),
    positions: volume.slices.map((slice) => slice.imagePositionPatient.map(Number)),
    spacing: volume.spacing,
    instances: volume.slices.map(({ sopInstanceUid }) => sopInstanceUid),
    frameNumbers: volume.slices.map(({ frameNumber }) => frameNumber),
    series: source.seriesInstanceUid,
    study: source.studyInstanceUid,
    frameOfReference: source.frameOfReferenceUid,
  };
  return new Promise((resolve, reject) => {
    const viewer = fork(SCRIPT, { execArgv: [], serialization: 'advanced', stdio: 'pipe' });
    let complaints = '';
    viewer.stderr?.on('data', (text: Buffer) => (complaints += text.toString()));
    viewer.on('message', resolve);
    viewer.on('exit', (code) => {
      reject(new Error(`the viewer ended with ${String(code)}: ${complaints}`));
    });
    viewer.send(request);
  });
}
