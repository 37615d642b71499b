import type { IntakeParts } from './ports.ts';

/** Answers that one wake-up reads at most; what is left comes with the next. */
const PAGES = 20;
const PAGE = 500;

/** Studies that a change feed names, and the cursor to keep once they were looked at. */
export interface Wake {
  readonly studies: ReadonlySet<string>;
  /** Rows or the whole log are gone: only a sweep finds what was missed. */
  readonly sweep: boolean;
  readonly cursor: number;
}

interface Cursor {
  readonly changes: number;
}

/**
 * Orthanc's change log as a wake-up call (dicomweb-servers §3): it says where to look, never what is
 * true. The first call begins at the newest row; what was there before is found by polling.
 */
export class ChangeFeed {
  readonly #parts: Pick<IntakeParts, 'archive' | 'records' | 'actor'>;
  #missing = false;

  constructor(parts: Pick<IntakeParts, 'archive' | 'records' | 'actor'>) {
    this.#parts = parts;
  }

  /** What changed since the cursor, or null when nothing did or the archive has no change log. */
  async wake(signal: AbortSignal): Promise<Wake | null> {
    if (this.#missing) return null;
    const { archive, records } = this.#parts;
    const kept = (await records.intake.cursor(archive.name)) as Cursor | null;
    if (kept === null) {
      const last = await archive.lastChange({ signal });
      if (last === null) this.#missing = true;
      else await this.keep(last);
      return null;
    }
    const studies = new Set<string>();
    const seen = new Set<string>();
    let cursor = kept.changes;
    let sweep = false;
    for (let page = 0; page < PAGES; page += 1) {
      const answer = await archive.changes(cursor, { signal, limit: PAGE });
      if (answer === null) {
        this.#missing = true;
        return null;
      }
      sweep ||= answer.fellBack;
      for (const change of answer.changes) {
        const named = change.resource === 'Study' || change.resource === 'Series';
        const key = `${change.resource} ${change.id}`;
        if (!named || seen.has(key)) continue;
        seen.add(key);
        const study = await archive.studyOfChange(change, { signal });
        if (study !== null) studies.add(study);
      }
      cursor = answer.next;
      if (answer.done) break;
    }
    if (cursor === kept.changes && !sweep) return null;
    return { studies, sweep, cursor };
  }

  /** Keeps the cursor once the studies of a wake-up were looked at. */
  async keep(cursor: number): Promise<void> {
    const { archive, records, actor } = this.#parts;
    await records.intake.saveCursor(actor, archive.name, { changes: cursor });
  }
}
