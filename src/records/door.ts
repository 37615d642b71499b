import type {
  Actor,
  Findings,
  ModelCard,
  ResultKind,
  SitusError,
  StoredResult,
  StudyHeaders,
  StudyListing,
  StudyRevision,
} from '../contracts/index.ts';
import type {
  AuditQuery,
  AuditEventRow,
  AuditReport,
  ConfigKind,
  ConfigOrigin,
  ConfigRow,
  Role,
} from './kinds.ts';
import type { ApiTokenRow, DatabaseInfo, ModelRow, SessionUser, UserRow } from './kinds.ts';
import type {
  Artifact,
  Claim,
  ClaimAnswer,
  DecidedStudy,
  DecidedWindow,
  DecisionToSave,
  EncodingPlan,
  Enqueue,
  FinalState,
  JobDetail,
  JobRef,
  JobWork,
  Json,
  Look,
  Outcome,
  Predecessor,
  Reason,
  SavedDecision,
  StaleJob,
  StepRow,
  StoredLabels,
  StudiesPage,
  StudiesQuery,
  StudyDetail,
} from './types.ts';
import type { Recallable, RecallFilter, Withdrawal } from './result-types.ts';

/*
 * The door of the record. Every function that writes takes who acts first, and changes the rows and
 * appends to the audit chain in one transaction (design §8). Not chained, because they say nothing
 * about a study and would drown what does: heartbeats, progress, previews, leases, looks and cursors.
 *
 * Every function may throw SitusError DATABASE_UNREACHABLE (retry, origin database).
 */

export interface StudyRecords {
  /** A study was seen: makes its row (outcome `running`, reason WAITING_FOR_IMAGES) or refreshes it. */
  observeStudy(actor: Actor, listing: StudyListing): Promise<void>;
  /**
   * Saves a settled revision, with the headers if they are known. The same revision again is no
   * change; the same number with another fingerprint is a fault (REVISION_CONFLICT).
   */
  saveRevision(actor: Actor, revision: StudyRevision, headers?: StudyHeaders): Promise<void>;
  latestRevision(studyInstanceUid: string, archive: string): Promise<StudyRevision | null>;
  /** The headers a revision was decided with; null when none were saved. */
  headersOf(
    studyInstanceUid: string,
    archive: string,
    revision: number,
  ): Promise<StudyHeaders | null>;
  /** A study that could not be decided on: it stands in the table as `failed` with the error. */
  refuseStudy(
    actor: Actor,
    study: { readonly archive: string; readonly studyInstanceUid: string },
    error: SitusError,
  ): Promise<void>;
  /**
   * Forgets refusals with one of these codes, so that their studies are looked at and decided again
   * once their cause may be gone; says how many. Only those refused before `before` where it is given.
   */
  reopen(
    actor: Actor,
    which: {
      readonly codes: readonly string[];
      readonly archive?: string;
      readonly studyInstanceUid?: string;
      readonly before?: Date;
    },
  ): Promise<number>;
  /** Saved revisions without a decision (after a crash or a retryable error), oldest first; at most `limit`. */
  undecided(limit: number): Promise<StudyRevision[]>;
}

export interface DecisionRecords {
  /**
   * Saves a decision with a verdict for every series, makes the jobs of its targets and enqueues
   * them, all in one transaction. No job is made for a target whose identity already has a run,
   * unless that run failed or was superseded (guarantees 2 and 5). Live runs of the study whose
   * targets are no longer in the decision are cancelled (SUPERSEDED).
   */
  saveDecision(actor: Actor, what: DecisionToSave, enqueue: Enqueue): Promise<SavedDecision>;
  /**
   * The newest decision that each study got in a window of time, oldest first, a page at a time;
   * for replays. Nothing is kept between pages, so a record of any size streams in constant memory.
   */
  decided(window: DecidedWindow, pageSize?: number): AsyncIterable<readonly DecidedStudy[]>;
  /** How many studies `decided` will hand out. */
  countDecided(window: DecidedWindow): Promise<number>;
}

export interface JobRecords {
  jobForWork(id: string): Promise<JobWork | null>;
  /** Takes a queued job, or a running one whose lease has ended or is the owner's own. */
  claim(actor: Actor, claim: Claim, leaseSeconds: number): Promise<ClaimAnswer>;
  /** Prolongs the lease; false when the job is no longer this owner's (taken over or cancelled). */
  heartbeat(claim: Claim, leaseSeconds: number, progress?: number): Promise<boolean>;
  /** Opens the next attempt of a step and says its number. A running attempt before it is marked lost. */
  startStep(actor: Actor, claim: Claim, step: string): Promise<number>;
  finishStep(actor: Actor, claim: Claim, step: string, artifact: Artifact | null): Promise<void>;
  /**
   * Ends the running attempt of a step with an error. With `retryAt` the job goes back to `queued`
   * and its lease ends; without, the caller ends the job with `finishJob`.
   */
  failStep(
    actor: Actor,
    claim: Claim,
    step: string,
    error: SitusError,
    retryAt?: Date,
  ): Promise<void>;
  /** The first labels of a job stand: returns those that are kept, which may be another host's. */
  saveSegmentation(actor: Actor, claim: Claim, labels: StoredLabels): Promise<StoredLabels>;
  /** The labels, checked against their hash (LABELS_DAMAGED); null before `segment` or after retention. */
  loadLabels(jobId: string): Promise<StoredLabels | null>;
  /** Keeps the picture of a job's result; a later one replaces it. */
  savePreview(claim: Claim, png: Uint8Array): Promise<void>;
  loadPreview(jobId: string): Promise<Uint8Array | null>;
  /** Saves quantities and gate verdicts once; other findings for the same job are a fault. */
  saveFindings(actor: Actor, claim: Claim, findings: Findings): Promise<void>;
  loadFindings(jobId: string): Promise<Findings | null>;
  /**
   * Fixes UIDs and times before the first STOW: the first plan stands and is returned. A later call
   * may only add hashes that were null; another hash for the same object is a fault
   * (ENCODING_DIFFERS).
   */
  saveEncoding(actor: Actor, claim: Claim, plan: EncodingPlan): Promise<EncodingPlan>;
  /** What the archive answered, or what reading back found; the same again is no change. */
  saveStored(actor: Actor, claim: Claim, result: StoredResult): Promise<void>;
  /** Results of earlier runs or revisions for the same series, stack and model, newest first. */
  predecessors(jobId: string, kind: ResultKind): Promise<Predecessor[]>;
  finishJob(
    actor: Actor,
    claim: Claim,
    state: FinalState,
    reasons: readonly Reason[],
    error?: SitusError,
  ): Promise<void>;
  /** Cancels a live job whoever has it; false when it was over already. */
  cancel(actor: Actor, jobId: string, reason: Reason): Promise<boolean>;
  /** A new numbered run of a job, or of every target of a study's newest decision; the old ones stay. */
  rerun(
    actor: Actor,
    what:
      { readonly jobId: string } | { readonly studyInstanceUid: string; readonly archive?: string },
    enqueue: Enqueue,
  ): Promise<JobRef[]>;
  /** Running jobs past their lease and jobs queued for longer than `queuedSeconds` (default 3600). */
  staleJobs(now: Date, queuedSeconds?: number): Promise<StaleJob[]>;
  /** Live jobs, to put back those that the queue has lost; with `model`, those that need it. */
  live(model?: string): Promise<(JobRef & { readonly state: 'queued' | 'running' })[]>;
  setWorkItem(
    actor: Actor,
    jobId: string,
    uids: { readonly workItemUid: string | null; readonly transactionUid: string | null },
  ): Promise<void>;
  /** Retention: drops the labels of jobs that were finished before; returns how many. */
  dropLabels(actor: Actor, finishedBefore: Date): Promise<number>;
}

export interface IntakeRecords {
  cursor(archive: string): Promise<Json | null>;
  saveCursor(actor: Actor, archive: string, cursor: Json): Promise<void>;
  look(archive: string, studyInstanceUid: string): Promise<Look | null>;
  saveLook(actor: Actor, archive: string, studyInstanceUid: string, look: Look): Promise<void>;
  dropLook(actor: Actor, archive: string, studyInstanceUid: string): Promise<void>;
  /** Studies that were looked at and not yet dropped (settled), least recently seen first. */
  looks(archive: string): Promise<(Look & { readonly studyInstanceUid: string })[]>;
  /** True when the lease is the owner's now; judged by the database's clock. Also renews. */
  acquireLease(name: string, owner: string, seconds: number): Promise<boolean>;
  /** False when the lease was lost. */
  renewLease(name: string, owner: string, seconds: number): Promise<boolean>;
  releaseLease(name: string, owner: string): Promise<void>;
  /** Those of the UIDs (series or instances) that this Situs makes or made (guarantee 4). */
  ownUids(uids: readonly string[]): Promise<Set<string>>;
}

export interface WithdrawalRecords {
  /** Stored results that the filter names and whose withdrawal is not finished, by study. */
  recallable(filter: RecallFilter): Promise<Recallable[]>;
  /** Marks results as withdrawn, before any archive is told. */
  record(
    actor: Actor,
    results: readonly Pick<Recallable, 'jobId' | 'sopInstanceUid' | 'archive'>[],
    why: Pick<Withdrawal, 'reason' | 'text'>,
  ): Promise<void>;
  /** Keeps the UIDs of a rejection note before its STOW, so that it is never taken for input. */
  planNote(
    actor: Actor,
    jobId: string,
    uids: { readonly seriesInstanceUid: string; readonly sopInstanceUid: string },
  ): Promise<void>;
  /** What the archive made of it. Throws WITHDRAWAL_NOT_RECORDED (fault) without `record` before. */
  told(
    actor: Actor,
    results: readonly (Pick<Recallable, 'jobId' | 'sopInstanceUid' | 'archive'> &
      Pick<Withdrawal, 'noteUid'> & { readonly stillShown: boolean })[],
  ): Promise<void>;
}

export interface QueryRecords {
  /** Newest observed first. Bad cursors and limits throw SitusError of class usage. */
  studiesPage(query: StudiesQuery): Promise<StudiesPage>;
  /** Null when unknown. Without an archive, the archive that saw it last. */
  studyDetail(studyInstanceUid: string, archive?: string): Promise<StudyDetail | null>;
  /** The job with its steps, results, findings and gate, for pages about one job. */
  jobDetail(jobId: string): Promise<(JobDetail & { readonly studyInstanceUid: string }) | null>;
  steps(jobId: string): Promise<StepRow[]>;
  counts(): Promise<{
    readonly studies: Readonly<Record<Outcome, number>>;
    readonly jobs: Readonly<Record<string, number>>;
  }>;
}

export interface UserRecords {
  createUser(actor: Actor, name: string, role: Role): Promise<UserRow>;
  users(): Promise<UserRow[]>;
  setRole(actor: Actor, name: string, role: Role): Promise<void>;
  /** Disables or enables; disabling ends all sessions and tokens. */
  setDisabled(actor: Actor, name: string, disabled: boolean): Promise<void>;
  /** At least 12 characters (PASSWORD_TOO_SHORT); kept as scrypt. */
  setPassword(actor: Actor, name: string, password: string): Promise<void>;
  /** The user when name and password are right, else null; takes the same time either way. */
  verifyPassword(actor: Actor, name: string, password: string): Promise<UserRow | null>;
  /** A one-time token for a sign-in link; only its hash is kept. */
  createSignInLink(
    actor: Actor,
    name: string,
    seconds: number,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** Uses the link up: the user, or null when it is unknown, used or expired. */
  redeemSignInLink(actor: Actor, token: string): Promise<UserRow | null>;
  createSession(
    actor: Actor,
    name: string,
    seconds: number,
  ): Promise<{ readonly token: string; readonly expiresAt: Date }>;
  /** Takes the token itself; null when unknown, ended, expired or the user is disabled. */
  session(token: string): Promise<SessionUser | null>;
  endSession(actor: Actor, token: string): Promise<void>;
  createApiToken(
    actor: Actor,
    user: string,
    tokenName: string,
    seconds: number | null,
  ): Promise<{ readonly token: string; readonly id: string; readonly expiresAt: Date | null }>;
  apiToken(token: string): Promise<SessionUser | null>;
  apiTokens(): Promise<ApiTokenRow[]>;
  revokeApiToken(actor: Actor, id: string): Promise<void>;
}

export interface ConfigRecords {
  /** Makes a version active from now; no change when it is the active one already. `version` as decisions name it. */
  activate(
    actor: Actor,
    kind: ConfigKind,
    version: string,
    text: string,
    origin?: ConfigOrigin,
  ): Promise<ConfigRow>;
  /** A file that was refused: the active version stays; recorded once for the same text in a row. */
  refuse(
    actor: Actor,
    kind: ConfigKind,
    version: string,
    text: string,
    error: SitusError,
  ): Promise<void>;
  active(kind: ConfigKind): Promise<ConfigRow | null>;
  byVersion(kind: ConfigKind, version: string): Promise<ConfigRow | null>;
  /** Newest first, without the text. */
  history(kind: ConfigKind, limit?: number): Promise<Omit<ConfigRow, 'text'>[]>;
  /** Versions that were active and whose name begins so, newest first, at most five. */
  startingWith(kind: ConfigKind, beginning: string): Promise<ConfigRow[]>;
  /** What was active before a version last became so; null for the first. */
  before(kind: ConfigKind, version: string): Promise<ConfigRow | null>;
}

export interface ModelRecords {
  /** Records a model that jobs run with; the same name, version and hash again is no change. */
  register(actor: Actor, card: ModelCard): Promise<void>;
  list(): Promise<ModelRow[]>;
  /** The model of that name and, where given, hash; the latest of several; null when none is recorded. */
  find(name: string, hash?: string): Promise<ModelRow | null>;
  /** The cards of the models that jobs ran with; models without one are left out. */
  cardsOf(jobs: readonly { readonly modelHash: string | null }[]): Promise<ModelCard[]>;
}

export interface AuditRecords {
  /** Appends an event that changes no row of the record, e.g. a look at patient data. */
  note(
    actor: Actor,
    action: string,
    entity: string,
    entityId: string,
    payload: Json,
  ): Promise<void>;
  /** Recomputes the chain and compares every protected row with the hash it was written with. */
  verify(onProgress?: (events: number) => void): Promise<AuditReport>;
  /** Events in their order, streamed. */
  export(each: (event: AuditEventRow) => Promise<void> | void): Promise<number>;
  page(query: AuditQuery): Promise<AuditEventRow[]>;
}

export interface Records {
  readonly studies: StudyRecords;
  readonly decisions: DecisionRecords;
  readonly jobs: JobRecords;
  readonly withdrawals: WithdrawalRecords;
  readonly intake: IntakeRecords;
  readonly queries: QueryRecords;
  readonly users: UserRecords;
  readonly config: ConfigRecords;
  readonly models: ModelRecords;
  readonly audit: AuditRecords;
  /** What the database is and holds, for `situs doctor`. */
  databaseInfo(): Promise<DatabaseInfo>;
  close(): Promise<void>;
}
