import type { StudyRow } from '../archive/index.ts';
import { asSitusError, refuse, type SitusError, type StudyListing } from '../contracts/index.ts';
import { fingerprint } from './fingerprint.ts';
import { ListingFailures } from './listing-failures.ts';
import { OwnResults } from './own-results.ts';
import type { IntakeParts } from './ports.ts';
import { settle } from './settle.ts';
import { concernsWholeArchive } from './whole-archive.ts';

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
  /**
   * `window`: studies of the look-back window whose counts are new; `sweep`: all of the window, so
   * that a change which kept the counts is found too; `none`: only those that changes named.
   */
  readonly search: 'window' | 'sweep' | 'none';
  /** Studies that a change feed named. */
  readonly changed: ReadonlySet<string>;
}

const DAY_MS = 86_400_000;

/** Looks at one archive. What it must not forget is in the record; the rest only saves requests. */
export class Poll {
  readonly #parts: IntakeParts;
  readonly #own: OwnResults;
  /** Counts in the archive's row when nothing was new, so that an unchanged row needs no listing. */
  readonly #unchanged = new Map<string, string>();
  readonly #failures: ListingFailures;

  constructor(parts: IntakeParts) {
    this.#parts = parts;
    this.#own = new OwnResults(parts.archive, parts.records.intake);
    this.#failures = new ListingFailures(parts);
  }

  /**
   * One poll: studies that a search shows, those that changes named, and those that are still
   * settling. A study that cannot be listed does not stop the others; throws only
   * when the archive or the database as a whole cannot be asked.
   */
  async run({ search, changed }: PollScope, signal: AbortSignal): Promise<PollReport> {
    const { archive, records } = this.#parts;
    await this.#failures.begin();
    const rows = new Map<string, string | null>();
    if (search !== 'none') {
      for await (const row of archive.searchStudies(this.#query(), { signal })) {
        rows.set(row.studyInstanceUid, rowCounts(row));
      }
    }
    const report = { seen: rows.size, listed: 0, settled: 0, waiting: 0, failed: 0 };
    const settling = await records.intake.looks(archive.name);
    for (const uid of [...changed, ...settling.map((look) => look.studyInstanceUid)]) {
      if (!rows.has(uid)) rows.set(uid, null);
    }
    for (const [uid, counts] of rows) {
      signal.throwIfAborted();
      const sameAsBefore = counts !== null && this.#unchanged.get(uid) === counts;
      if (sameAsBefore && search !== 'sweep' && !changed.has(uid)) continue;
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
      await this.#failures.ended(uid);
      return state;
    } catch (thrown) {
      signal.throwIfAborted();
      const error = asSitusError(thrown);
      if (concernsWholeArchive(error) || error.origin === 'database') throw error;
      await this.#failures.add(uid, error);
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
      await this.#gone(uid);
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

  /** The archive shows the study no more. One that was seen and never settled must not wait for ever. */
  async #gone(uid: string): Promise<void> {
    const { archive, records, actor } = this.#parts;
    const before = await records.intake.look(archive.name, uid);
    if (before === null) return;
    if ((await records.studies.latestRevision(uid, archive.name)) === null) {
      const study = { archive: archive.name, studyInstanceUid: uid };
      await records.studies.refuseStudy(actor, study, goneBeforeSettled(archive.name));
    }
    await records.intake.dropLook(actor, archive.name, uid);
  }

  #query(): { modalities: readonly string[]; studyDateFrom?: string } {
    const { settings, now } = this.#parts;
    const from = new Date(now().getTime() - settings.lookbackDays * DAY_MS);
    const studyDateFrom = from.toISOString().slice(0, 10).replaceAll('-', '');
    return { modalities: settings.modalities, studyDateFrom };
  }
}

function goneBeforeSettled(archive: string): SitusError {
  return refuse(
    'STUDY_GONE',
    `Archive "${archive}" showed the study and lost it before it was complete.`,
    'It was deleted or moved there. Send it again if it is wanted; it is then looked at anew.',
  );
}

/** Series and instance counts of a study row as one text; null where the archive gives none. */
function rowCounts({ seriesCount, instanceCount }: StudyRow): string | null {
  return seriesCount === null || instanceCount === null ? null : `${seriesCount}/${instanceCount}`;
}
