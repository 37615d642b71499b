import type { StudyRow } from '../archive/index.ts';
import { asSitusError, type SitusError, type StudyListing } from '../contracts/index.ts';
import { fingerprint } from './fingerprint.ts';
import { OwnResults } from './own-results.ts';
import type { IntakeParts } from './ports.ts';
import { settle } from './settle.ts';

export interface PollReport {
  /** Studies that the archive showed. */
  readonly seen: number;
  /** Studies whose series were listed. */
  readonly listed: number;
  /** Revisions that were saved for a decision. */
  readonly settled: number;
  /** Studies that still have to hold still. */
  readonly waiting: number;
  /** Studies that could not be listed this time; each stands in the table with the reason. */
  readonly failed: number;
}

export interface PollScope {
  /** Every study of the archive instead of the look-back window. */
  readonly sweep: boolean;
  /** Studies that a change feed named. */
  readonly changed: ReadonlySet<string>;
}

const DAY_MS = 86_400_000;
/** Errors that say something of the whole archive, not of one study. */
const WHOLE_ARCHIVE = new Set([
  'ARCHIVE_UNREACHABLE',
  'ARCHIVE_UNAUTHORIZED',
  'ARCHIVE_TLS',
  'ARCHIVE_BUSY',
  'ARCHIVE_CLOSED',
]);

/** Looks at one archive. What it must not forget is in the record; the rest only saves requests. */
export class Poll {
  readonly #parts: IntakeParts;
  readonly #own: OwnResults;
  /** Counts in the archive's row when nothing was new, so that an unchanged row needs no listing. */
  readonly #unchanged = new Map<string, string>();
  readonly #failures = new Map<string, string>();

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#own = new OwnResults(parts.archive, parts.records.intake);
  }

  /**
   * One poll: studies of the look-back window or all of them, those that changes named, and those
   * that are still settling. A study that cannot be listed does not stop the others; throws only
   * when the archive or the database as a whole cannot be asked.
   */
  async run({ sweep, changed }: PollScope, signal: AbortSignal): Promise<PollReport> {
    const { archive, records } = this.#parts;
    const rows = new Map<string, string | null>();
    for await (const row of archive.searchStudies(this.#search(sweep), { signal })) {
      rows.set(row.studyInstanceUid, rowCounts(row));
    }
    const report = { seen: rows.size, listed: 0, settled: 0, waiting: 0, failed: 0 };
    const settling = await records.intake.looks(archive.name);
    for (const uid of [...changed, ...settling.map((look) => look.studyInstanceUid)]) {
      if (!rows.has(uid)) rows.set(uid, null);
    }
    for (const [uid, counts] of rows) {
      signal.throwIfAborted();
      const sameAsBefore = counts !== null && this.#unchanged.get(uid) === counts;
      if (sameAsBefore && !changed.has(uid)) continue;
      report.listed += 1;
      const state = await this.#tryLook(uid, counts, signal);
      if (state !== 'unchanged') report[state] += 1;
    }
    return report;
  }

  async #tryLook(
    uid: string,
    counts: string | null,
    signal: AbortSignal,
  ): Promise<'settled' | 'waiting' | 'unchanged' | 'failed'> {
    try {
      const state = await this.#look(uid, counts, signal);
      this.#failures.delete(uid);
      return state;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asSitusError(thrown);
      if (WHOLE_ARCHIVE.has(error.code) || error.origin === 'database') throw error;
      await this.#recordFailure(uid, error);
      return 'failed';
    }
  }

  /** One look at one study: is it new, has it changed, has it held still for long enough? */
  async #look(
    uid: string,
    counts: string | null,
    signal: AbortSignal,
  ): Promise<'settled' | 'waiting' | 'unchanged'> {
    const { archive, records, actor, settings, now } = this.#parts;
    const listing = await archive.listStudy(uid, { signal });
    if (listing === null) {
      await records.intake.dropLook(actor, archive.name, uid);
      return 'unchanged';
    }
    const series = await this.#own.sources(uid, listing.series, signal);
    const sources: StudyListing = { ...listing, series };
    const content = fingerprint(series);
    const latest = await records.studies.latestRevision(uid, archive.name);
    if (series.length === 0 || latest?.fingerprint === content) {
      await records.intake.dropLook(actor, archive.name, uid);
      if (counts !== null) this.#unchanged.set(uid, counts);
      return 'unchanged';
    }
    const before = await records.intake.look(archive.name, uid);
    if (before?.fingerprint !== content) await records.studies.observeStudy(actor, sources);
    const { look, settled } = settle(before, content, counts, now(), settings.settleSeconds);
    await records.intake.saveLook(actor, archive.name, uid, look);
    if (!settled) return 'waiting';
    await records.studies.saveRevision(actor, {
      listing: sources,
      fingerprint: content,
      revision: (latest?.revision ?? 0) + 1,
    });
    return 'settled';
  }

  /** Puts a study that cannot be listed into the table, once for every new reason. */
  async #recordFailure(uid: string, error: SitusError): Promise<void> {
    const { archive, records, actor } = this.#parts;
    if (this.#failures.get(uid) === error.code) return;
    const study = { archive: archive.name, studyInstanceUid: uid };
    await records.studies.refuseStudy(actor, study, error);
    this.#failures.set(uid, error.code);
  }

  #search(sweep: boolean): { modalities: readonly string[]; studyDateFrom?: string } {
    const { settings, now } = this.#parts;
    if (sweep) return { modalities: settings.modalities };
    const from = new Date(now().getTime() - settings.lookbackDays * DAY_MS);
    const studyDateFrom = from.toISOString().slice(0, 10).replaceAll('-', '');
    return { modalities: settings.modalities, studyDateFrom };
  }
}

/** Series and instance counts of a study row as one text; null where the archive gives none. */
function rowCounts({ seriesCount, instanceCount }: StudyRow): string | null {
  return seriesCount === null || instanceCount === null ? null : `${seriesCount}/${instanceCount}`;
}
