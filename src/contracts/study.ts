import type { DicomJson } from './dicom-json.ts';

/** One series as the archive lists it. */
export interface SeriesListing {
  readonly seriesInstanceUid: string;
  readonly modality: string | null;
  readonly seriesNumber: string | null;
  readonly seriesDescription: string | null;
  /** SOP Instance UIDs, sorted; the only count that every server has (dicomweb-servers §2.2). */
  readonly sopInstanceUids: readonly string[];
}

/** A study as QIDO-RS shows it. Text may have lost characters on the way: never copy it into results. */
export interface StudyListing {
  readonly archive: string;
  readonly studyInstanceUid: string;
  readonly studyDate: string | null;
  readonly studyDescription: string | null;
  readonly modalities: readonly string[];
  readonly attributes: DicomJson;
  readonly series: readonly SeriesListing[];
}

/** A settled study: what intake hands on. */
export interface StudyRevision {
  readonly listing: StudyListing;
  /** SHA-256 over the sorted series and SOP UIDs of all series that are not our own results. */
  readonly fingerprint: string;
  /** 1 for the first time a study is decided on, then rising. */
  readonly revision: number;
}
