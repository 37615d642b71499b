import type { DicomJson, StudyListing } from '../contracts/index.ts';
import type { Condition } from './manners.ts';

export interface Options {
  readonly signal?: AbortSignal;
}

export interface SeriesPlace {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
}

export interface InstancePlace extends SeriesPlace {
  readonly sopInstanceUid: string;
}

/** What is looked for. Every modality is a search of its own; rows are merged by study UID. */
export interface StudyQuery {
  /** Values of Modalities in Study; empty: studies of any modality. */
  readonly modalities: readonly string[];
  /** `YYYYMMDD`, inclusive. */
  readonly studyDateFrom?: string;
  readonly studyDateTo?: string;
}

/** A study as a search shows it. Text may have lost characters: never copy it into results. */
export interface StudyRow {
  readonly studyInstanceUid: string;
  readonly studyDate: string | null;
  readonly studyDescription: string | null;
  /** Empty where the archive does not say. */
  readonly modalities: readonly string[];
  /** Null where the archive does not say. */
  readonly seriesCount: number | null;
  readonly instanceCount: number | null;
  readonly attributes: DicomJson;
}

/** A retrieved instance: a Part 10 file. */
export interface Instance {
  readonly sopInstanceUid: string;
  readonly bytes: Uint8Array;
}

export interface InstanceToStore extends InstancePlace {
  readonly bytes: Uint8Array;
}

export interface StoreOutcome {
  /** Status of the last answer; null when the answer was lost and the instances were found anyway. */
  readonly status: number | null;
  /** One an instance, in the order given. All of them are in the archive now. */
  readonly instances: readonly {
    readonly sopInstanceUid: string;
    /** `already-there`: the archive called it a failure or a duplicate, and has it. */
    readonly state: 'stored' | 'already-there';
    /**
     * What the answer said against the instance, though the archive has it: a Warning Reason, a Failure
     * Reason, or a failure that names no instance; absent when it said nothing.
     */
    readonly warning?: string;
  }[];
}

/** A row of Orthanc's change log. */
export interface Change {
  readonly seq: number;
  /** `NewInstance`, `StableStudy`, …; unknown ones are to be ignored. */
  readonly type: string;
  readonly resource: 'Patient' | 'Study' | 'Series' | 'Instance';
  /** Orthanc's own identifier. */
  readonly id: string;
}

export interface Changes {
  readonly changes: readonly Change[];
  /** Cursor for the next call; smaller than the one given only when the log fell back. */
  readonly next: number;
  /** False while more rows wait. */
  readonly done: boolean;
  /** The log ended before the cursor: rows or the whole database are gone, one sweep is due. */
  readonly fellBack: boolean;
}

export interface Probe {
  readonly reachable: boolean;
  /** Milliseconds of a search for one study; null when it failed. */
  readonly searchMs: number | null;
  /** `Orthanc 1.10.1` where the server says so. */
  readonly server: string | null;
  readonly changeFeed: boolean;
  /** Code, message and next step of what went wrong; null when all is well. */
  readonly problem: {
    readonly code: string;
    readonly message: string;
    readonly next: string;
  } | null;
}

/**
 * A DICOMweb server. Every method throws SitusError with origin `archive`: ARCHIVE_UNREACHABLE,
 * ARCHIVE_TIMEOUT, ARCHIVE_TLS, ARCHIVE_UNAUTHORIZED, ARCHIVE_BUSY, ARCHIVE_CLOSED, ARCHIVE_REFUSED,
 * ARCHIVE_BAD_ANSWER, ARCHIVE_TRUNCATED_ANSWER; `details.retryAfterSeconds` where it is known. An
 * aborted signal makes a method throw the signal's reason.
 */
export interface Archive {
  readonly name: string;
  /** Whether requests are let through now, and since when and why not. */
  condition(): Condition;

  /**
   * QIDO-RS studies, page after page until one is empty or brings nothing new. Rows that contradict
   * the query are left out, for servers ignore keys they do not know. Order means nothing; absence
   * of a study proves nothing.
   */
  searchStudies(query: StudyQuery, options?: Options): AsyncIterable<StudyRow>;

  /** The study with the instance list of every series; null when the archive shows no such study. */
  listStudy(studyInstanceUid: string, options?: Options): Promise<StudyListing | null>;

  /** Sorted SOP Instance UIDs of a series; empty when the archive shows none. */
  listInstances(series: SeriesPlace, options?: Options): Promise<string[]>;

  /** WADO-RS metadata of a series, one data set an instance, in no particular order. */
  seriesMetadata(series: SeriesPlace, options?: Options): Promise<DicomJson[]>;

  /**
   * WADO-RS: the series, or only `sopInstanceUids` of it, as the answer streams in. Holds a transfer
   * slot while it is iterated. Complete only as far as the closing boundary shows; see `fetchSeries`.
   */
  retrieveInstances(
    series: SeriesPlace,
    options?: Options & { readonly sopInstanceUids?: readonly string[] },
  ): AsyncIterable<Instance>;

  /**
   * Like `retrieveInstances`, each instance once, and ends without an error only when what came is
   * exactly what the archive lists afterwards (or the wanted part of it). What an answer lacked is asked for once more, instance by instance.
   *
   * Throws SERIES_INCOMPLETE (retry) when instances stay missing, and NOT_IN_ARCHIVE (refuse) when
   * the archive lists none of those wanted any more.
   */
  fetchSeries(
    series: SeriesPlace,
    options?: Options & { readonly sopInstanceUids?: readonly string[] },
  ): AsyncIterable<Instance>;

  /** One instance as a Part 10 file. Throws NOT_IN_ARCHIVE when there is none. */
  retrieveInstance(instance: InstancePlace, options?: Options): Promise<Uint8Array>;

  /** Whether the archive lists the instance in its series. */
  has(instance: InstancePlace, options?: Options): Promise<boolean>;

  /**
   * STOW-RS in batches. Judges by what the archive shows afterwards, never by the status: resolves
   * only when every instance is there. A repeated call with the same bytes does no harm.
   *
   * Throws STORE_REFUSED (retry) with the archive's reason for every instance that is not there.
   */
  store(instances: readonly InstanceToStore[], options?: Options): Promise<StoreOutcome>;

  /** Orthanc's change log after `since`, as a wake-up call only; null when there is no such log. */
  changes(since: number, options?: Options & { readonly limit?: number }): Promise<Changes | null>;

  /** Seq of the newest change, to begin from; null when there is no change log. */
  lastChange(options?: Options): Promise<number | null>;

  /** Study Instance UID of a change's study; null when it is gone again. */
  studyOfChange(change: Change, options?: Options): Promise<string | null>;

  /** One small search; throws what `doctor` shows. */
  ping(options?: Options): Promise<void>;

  /** Looks at everything `doctor` reports. Does not throw for what the archive does. */
  probe(options?: Options): Promise<Probe>;

  /** Closes idle connections. */
  close(): Promise<void>;
}
