import type {
  Decision,
  GateLevel,
  Priority,
  ResultKind,
  SegmentationRun,
  SequenceMatch,
  Shape,
  SitusError,
  StudyHeaders,
  StudyRevision,
  Target,
  Verdict,
} from '../contracts/index.ts';
import type { JobResult, ResultRow } from './result-types.ts';

/** Anything that JSON can hold. */
export type Json =
  string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** What stands in the "outcome" column of the processed-study table (design §7). */
export type Outcome =
  'running' | 'stored' | 'stored-with-refusals' | 'nothing-to-do' | 'held' | 'failed';

export const OUTCOMES: readonly Outcome[] = [
  'running',
  'stored',
  'stored-with-refusals',
  'nothing-to-do',
  'held',
  'failed',
];

/** Why an outcome or a state is what it is. */
export interface Reason {
  readonly code: string;
  readonly message: string;
  /** What the reader can do; null when there is nothing to do. */
  readonly next: string | null;
  readonly seriesInstanceUid: string | null;
}

export type JobState =
  'queued' | 'running' | 'stored' | 'held' | 'refused' | 'failed' | 'cancelled';
export type FinalState = Exclude<JobState, 'queued' | 'running'>;
export const LIVE_STATES: readonly JobState[] = ['queued', 'running'];

/** Runs SQL inside the transaction of the write that hands it out; the shape pg-boss takes as `db`. */
export interface SqlExecutor {
  executeSql(text: string, values?: unknown[]): Promise<{ rows: Record<string, unknown>[] }>;
}

/** A job to enqueue: the id goes into the queue's message. */
export interface JobRef {
  readonly id: string;
  readonly run: number;
  readonly priority: Priority;
  readonly seriesInstanceUid: string;
  readonly stackId: string;
  /** The queue gives it out no earlier; left out: at once. */
  readonly notBefore?: Date;
}

/** Puts a job into the queue within the transaction of `tx`. */
export type Enqueue = (tx: SqlExecutor, job: JobRef) => Promise<void>;

/** Until when a new job waits, and what the study's page says of it. */
export interface Wait {
  readonly until: Date;
  readonly because: SitusError;
}

/** What a target is to be run with. Part of the job's identity, but for `wait`. */
export interface NewJob {
  /** Left out: it may begin at once. */
  readonly wait?: Wait;
  /** Must be one of the decision's targets. */
  readonly target: Target;
  readonly modelVersion: string;
  readonly modelHash: string | null;
  /** Whatever else changes the result: spacing mode, structures, … */
  readonly settings: { readonly [key: string]: Json };
}

/** From (inclusive) until (exclusive), by the time of the decision. */
export interface DecidedWindow {
  readonly from: Date;
  readonly until: Date;
}

/** A decided study as JSON text, for whoever decides again to parse on a thread of its own. */
export interface DecidedStudy {
  /** `StudyHeaders`; null when the revision was saved without them. */
  readonly headers: string | null;
  /** `Target[]` without their frames. */
  readonly targets: string;
  /** Of every series `seriesInstanceUid`, `sequence`, `taken`, `rule` and `reason`. */
  readonly verdicts: string;
  /** `EarlierResult[]`: what was stored of the study, and not withdrawn, when it was decided; left out where nobody can tell. */
  readonly earlier?: string;
}

export interface DecisionToSave {
  readonly revision: StudyRevision;
  /** Saved once with the revision, for replays; left out when `saveRevision` had them. */
  readonly headers?: StudyHeaders;
  readonly decision: Decision;
  readonly matches: readonly SequenceMatch[];
  readonly jobs: readonly NewJob[];
}

export interface SavedDecision {
  readonly decisionId: string;
  /** False when exactly this decision was saved before (a repeated call after a crash). */
  readonly created: boolean;
  /** Jobs made by this call, all enqueued. */
  readonly jobs: readonly JobRef[];
  /** Runs that stand for targets whose content did not change; nothing was enqueued for them. */
  readonly kept: readonly JobRef[];
  /** Live runs of earlier decisions whose targets are gone or have other content; now cancelled. */
  readonly superseded: readonly JobRef[];
}

/** The worker's claim on a job: every write of the worker names it and fails once it is lost. */
export interface Claim {
  readonly jobId: string;
  /** Unique to the process, e.g. `host:pid:uuid`. */
  readonly owner: string;
}

/** An object that the encoder will make; its UIDs are fixed before the first STOW. */
export interface PlannedObject {
  readonly kind: ResultKind;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  /** SHA-256 of the bytes, null until they were encoded once. */
  readonly sha256: string | null;
}

/** Everything that makes a repeated encoding give the same bytes on any host (guarantee 2). */
export interface EncodingPlan {
  readonly objects: readonly PlannedObject[];
  /** The one time (ISO 8601) that stands in the objects. */
  readonly encodedAt: string;
  /** What else the encoder fixes: further UIDs, predecessors, … */
  readonly data: { readonly [key: string]: Json };
}

/** Labels as they are kept: compressed by the caller, `sha256` over the compressed bytes. */
export interface StoredLabels {
  readonly bytes: Uint8Array;
  readonly sha256: string;
  /** How `bytes` is compressed, e.g. `zstd`. */
  readonly encoding: string;
  readonly shape: Shape;
  readonly structures: Readonly<Record<number, string>>;
  readonly run: SegmentationRun;
}

/** A result of an earlier run or revision that a new one replaces (guarantee 5). */
export interface Predecessor extends ResultRow {
  readonly jobId: string;
  readonly studyInstanceUid: string;
}

/** All a worker needs to know of a job. */
export interface JobWork {
  readonly id: string;
  readonly run: number;
  readonly state: JobState;
  readonly archive: string;
  readonly studyInstanceUid: string;
  readonly revision: number;
  readonly decisionId: string;
  readonly ruleSetVersion: string;
  readonly sequencesVersion: string;
  readonly target: Target;
  readonly identity: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly modelHash: string | null;
  readonly settings: { readonly [key: string]: Json };
  readonly priority: Priority;
  /** Claims so far, this one included. */
  readonly attempts: number;
  readonly encoding: EncodingPlan | null;
  readonly hasLabels: boolean;
  readonly results: readonly ResultRow[];
  readonly steps: readonly StepRow[];
  readonly workItemUid: string | null;
  readonly transactionUid: string | null;
  readonly createdAt: Date;
}

/** Answer to a claim: the work, or why there is none for this worker. */
export type ClaimAnswer =
  | { readonly kind: 'claimed'; readonly work: JobWork; readonly takenOver: boolean }
  | { readonly kind: 'busy'; readonly owner: string; readonly until: Date }
  | { readonly kind: 'over'; readonly state: FinalState }
  | { readonly kind: 'unknown' };

/** What a step left: a file in a work folder, named by the hash of its content, or labels in the record. */
export interface Artifact {
  readonly name: string;
  readonly sha256: string;
  readonly bytes: number;
}

export interface StepRow {
  readonly step: string;
  readonly attempt: number;
  readonly state: 'running' | 'done' | 'failed' | 'lost';
  readonly host: string;
  readonly startedAt: Date;
  readonly finishedAt: Date | null;
  readonly seconds: number | null;
  readonly artifact: Artifact | null;
  readonly error: { readonly code: string; readonly message: string; readonly next: string } | null;
}

export interface StaleJob {
  readonly id: string;
  readonly state: 'queued' | 'running';
  readonly studyInstanceUid: string;
  readonly archive: string;
  readonly leaseOwner: string | null;
  /** End of the lease, or for a queued job the time from which it could have been taken. */
  readonly since: Date;
}

/** What intake remembers of a study between two looks. */
export interface Look {
  readonly fingerprint: string;
  /** When this fingerprint was first seen, ISO 8601. */
  readonly since: string;
  /** Looks that saw this fingerprint without a break. */
  readonly looks: number;
  /** Counts in the archive's study row at the last look; null where the archive gives none. */
  readonly row: string | null;
}

export interface StudiesQuery {
  readonly state?: Outcome | readonly Outcome[];
  /** A sequence that the study holds, e.g. `t1_in_phase`. */
  readonly sequence?: string;
  /** First observed at or after. */
  readonly from?: Date;
  /** First observed before. */
  readonly to?: Date;
  /**
   * Part of the patient's name or ID, accession number or description, in any case (one or two
   * characters: the beginning of a word), or the beginning of the study UID.
   */
  readonly text?: string;
  /**
   * `study` searches description and UID alone, for people who may not see patients: whether a name
   * finds a study would tell them whose it is. Default `everything`.
   */
  readonly textIn?: 'everything' | 'study';
  readonly archive?: string;
  /** `next` of the page before. */
  readonly cursor?: string;
  /** 1..500, default 50. */
  readonly limit?: number;
}

/** A row of the processed-study table. Holds patient data: the API masks it by role. */
export interface StudyRow {
  readonly archive: string;
  readonly studyInstanceUid: string;
  readonly patientName: string | null;
  readonly patientId: string | null;
  readonly accessionNumber: string | null;
  readonly studyDate: string | null;
  readonly description: string | null;
  readonly modalities: readonly string[];
  readonly seriesCount: number;
  readonly instanceCount: number;
  readonly outcome: Outcome;
  readonly reasons: readonly Reason[];
  readonly sequences: readonly string[];
  readonly revision: number;
  readonly observedAt: Date;
  readonly updatedAt: Date;
  readonly decidedAt: Date | null;
}

export interface StudiesPage {
  readonly rows: readonly StudyRow[];
  /** Cursor of the next page, null on the last. */
  readonly next: string | null;
}

export interface FindingRow {
  readonly label: number;
  readonly structure: string;
  readonly voxels: number;
  readonly volumeMl: number;
  readonly unit: string;
  readonly mean: number | null;
  readonly sd: number | null;
  readonly median: number | null;
  readonly minimum: number | null;
  readonly maximum: number | null;
  readonly truncated: boolean;
  readonly centroid: readonly number[];
}

export interface GateRow {
  readonly check: string;
  readonly level: GateLevel;
  readonly structure: string | null;
  readonly message: string;
}

export interface JobDetail {
  readonly id: string;
  readonly run: number;
  readonly state: JobState;
  readonly decisionId: string;
  readonly seriesInstanceUid: string;
  readonly stackId: string;
  readonly sequence: string;
  readonly rule: string;
  readonly identity: string;
  readonly model: string;
  readonly modelVersion: string;
  readonly modelHash: string | null;
  readonly priority: Priority;
  readonly progress: number;
  readonly step: string | null;
  readonly reasons: readonly Reason[];
  readonly error: { readonly code: string; readonly message: string; readonly next: string } | null;
  readonly host: string | null;
  readonly device: string | null;
  readonly attempts: number;
  readonly createdAt: Date;
  readonly startedAt: Date | null;
  readonly finishedAt: Date | null;
  readonly hasLabels: boolean;
  readonly segmentation: SegmentationRun | null;
  readonly steps: readonly StepRow[];
  readonly results: readonly JobResult[];
  readonly findings: readonly FindingRow[];
  readonly gate: readonly GateRow[];
}

export interface SeriesRow {
  readonly seriesInstanceUid: string;
  readonly modality: string | null;
  readonly number: string | null;
  readonly description: string | null;
  readonly instanceCount: number;
  readonly present: boolean;
  /** Made by Situs (guarantee 4). */
  readonly own: boolean;
}

export interface VerdictRow extends Verdict {
  readonly match: Omit<SequenceMatch, 'seriesInstanceUid' | 'sequence' | 'confidence'> | null;
}

export interface DecisionDetail {
  readonly id: string;
  readonly revision: number;
  readonly ruleSetVersion: string;
  readonly sequencesVersion: string;
  readonly targets: readonly Target[];
  readonly verdicts: readonly VerdictRow[];
  readonly at: Date;
}

export interface StudyDetail extends StudyRow {
  readonly series: readonly SeriesRow[];
  readonly revisions: readonly {
    readonly revision: number;
    readonly fingerprint: string;
    readonly at: Date;
  }[];
  /** Newest first. */
  readonly decisions: readonly DecisionDetail[];
  /** Newest first. */
  readonly jobs: readonly JobDetail[];
}
