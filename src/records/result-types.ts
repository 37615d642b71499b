import type { ResultKind, StoredResult } from '../contracts/index.ts';

/** A stored object as it was last recorded. */
export interface ResultRow extends StoredResult {
  readonly at: Date;
}

/** That a result was taken back, by whom it may concern. */
export interface Withdrawal {
  readonly at: Date;
  readonly reason: 'quality' | 'safety';
  readonly text: string;
  /** SOP Instance UID of the rejection note; null until it was stored, or where none was needed. */
  readonly noteUid: string | null;
  /** Whether the archive shows the object all the same; null until it was told. */
  readonly stillShown: boolean | null;
}

/** A stored result on the page of its job. */
export interface JobResult extends ResultRow {
  readonly withdrawn: Withdrawal | null;
}

/** Which results are to be withdrawn: all that every part given names. */
export interface RecallFilter {
  readonly studies?: readonly string[];
  readonly model?: string;
  readonly modelVersion?: string;
  readonly rule?: string;
  /** Stored at or after. */
  readonly from?: Date;
  /** Stored before. */
  readonly to?: Date;
}

/** A stored result that is not withdrawn yet. */
export interface Recallable {
  readonly jobId: string;
  readonly studyInstanceUid: string;
  readonly archive: string;
  readonly kind: ResultKind;
  readonly sopClassUid: string;
  readonly sopInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly rule: string;
  readonly storedAt: Date;
}
