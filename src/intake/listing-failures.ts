import type { SitusError } from '../contracts/index.ts';
import type { IntakeParts } from './ports.ts';

/** What stood in the table for a listing that failed, so that a later start takes it back. */
const CODES = [
  'ARCHIVE_TIMEOUT',
  'ARCHIVE_REFUSED',
  'ARCHIVE_BAD_ANSWER',
  'ARCHIVE_TRUNCATED_ANSWER',
];
/** A study that has results already keeps its outcome for so many failures in a row. */
const TRIES = 3;

/**
 * Studies that could not be listed. Each stands in the table with the reason, once for every new
 * one, until a look at it succeeds.
 */
export class ListingFailures {
  readonly #parts: Pick<IntakeParts, 'archive' | 'records' | 'actor'>;
  readonly #failing = new Map<string, { readonly tries: number; readonly shown: string | null }>();
  #begun = false;

  constructor(parts: Pick<IntakeParts, 'archive' | 'records' | 'actor'>) {
    this.#parts = parts;
  }

  /** Before the first poll: what a process before this one put into the table is asked again. */
  async begin(): Promise<void> {
    if (this.#begun) return;
    const { archive, records, actor } = this.#parts;
    await records.studies.reopen(actor, { codes: CODES, archive: archive.name });
    this.#begun = true;
  }

  async add(studyInstanceUid: string, error: SitusError): Promise<void> {
    const { archive, records, actor } = this.#parts;
    const before = this.#failing.get(studyInstanceUid);
    const tries = (before?.tries ?? 0) + 1;
    const isKnown = (await records.studies.latestRevision(studyInstanceUid, archive.name)) !== null;
    const show = before?.shown !== error.code && (!isKnown || tries >= TRIES);
    if (show) {
      const study = { archive: archive.name, studyInstanceUid };
      await records.studies.refuseStudy(actor, study, error);
    }
    this.#failing.set(studyInstanceUid, {
      tries,
      shown: show ? error.code : (before?.shown ?? null),
    });
  }

  /** A look succeeded. */
  async ended(studyInstanceUid: string): Promise<void> {
    const failure = this.#failing.get(studyInstanceUid);
    if (failure === undefined) return;
    this.#failing.delete(studyInstanceUid);
    if (failure.shown === null) return;
    const { archive, records, actor } = this.#parts;
    const codes = [failure.shown];
    await records.studies.reopen(actor, { codes, archive: archive.name, studyInstanceUid });
  }
}
