import type { DicomJson } from './dicom-json.ts';

/** Row-major 4×4 matrix that takes (column, row, slice, 1) to patient LPS millimetres. */
export type Affine = readonly number[];

/** Number of [slices, rows, columns]; arrays are stored with the column fastest. */
export type Shape = readonly [number, number, number];

/** Where one slice of a volume came from. */
export interface SourceSlice {
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  /** 1-based for multi-frame sources, else null. */
  readonly frameNumber: number | null;
  /** The source's own digits of Image Position (Patient), to be copied unchanged into results. */
  readonly imagePositionPatient: readonly [string, string, string];
}

/** What results copy from the source (dicom-seg-sr §1.3). */
export interface VolumeSource {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly stackId: string;
  readonly modality: 'CT' | 'MR';
  /** Data set of the first slice without pixel data, text as UTF-8. */
  readonly dataset: DicomJson;
  /** The source's own digits. */
  readonly imageOrientationPatient: readonly string[];
  readonly pixelSpacing: readonly [string, string];
  readonly sliceThickness: string | null;
  readonly lossy: { readonly ratio: string | null; readonly method: string | null } | null;
}

/**
 * Voxels with their place in the patient. Slices ascend along the normal (row × column direction),
 * index = (slice · rows + row) · columns + column.
 */
export interface Volume {
  /** Modality values (rescaled): HU for CT, arbitrary units for MR. */
  readonly voxels: Float32Array;
  readonly shape: Shape;
  readonly affine: Affine;
  /** Centre-to-centre distances in mm of [slices, rows, columns]. */
  readonly spacing: readonly [number, number, number];
  /** 1 where the source holds padding; null when there is none. */
  readonly padding: Uint8Array | null;
  readonly unit: 'HU' | 'arbitrary';
  /** One a slice; empty for volumes that did not come from DICOM. */
  readonly slices: readonly SourceSlice[];
  /** Null for volumes that did not come from DICOM. */
  readonly source: VolumeSource | null;
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}
