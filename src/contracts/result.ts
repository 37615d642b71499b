/** Segmentation, structured report, secondary capture (pictures). */
export type ResultKind = 'SEG' | 'SR' | 'SC';

/** An object that is ready to be stored. */
export interface EncodedResult {
  readonly kind: ResultKind;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly studyInstanceUid: string;
  readonly bytes: Uint8Array;
  readonly sha256: string;
}

/** What the archive answered and what was found when it was read back. */
export interface StoredResult {
  readonly kind: ResultKind;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly archive: string;
  readonly status: number | null;
  readonly verified: boolean;
  readonly verification: string;
  /** What the archive warned of when it stored the object; null when it did not. */
  readonly warning: string | null;
}
