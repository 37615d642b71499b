import { fault } from '../contracts/index.ts';
import { type Decisions, eachPage, type PageOptions } from './each-page.ts';
import { type ReplaySummary, Tally } from './tally.ts';
import type { ReplayBy, ReplayedPage } from './tasks.ts';

export interface ReplayOptions extends PageOptions {
  readonly by: ReplayBy;
  /** Studies kept for each group of changes. */
  readonly examples: number;
}

/**
 * Decides the studies of a window again, from the headers that the record keeps, and adds up what
 * would change of the recorded decisions. Reads a page at a time and decides on threads of its own;
 * memory does not grow with the record.
 */
export async function replay(decisions: Decisions, options: ReplayOptions): Promise<ReplaySummary> {
  const tally = new Tally(options.examples);
  await eachPage<ReplayedPage>(
    decisions,
    options,
    {
      file: new URL('./replay-thread.ts', import.meta.url),
      data: options.by,
      died: (code) => fault('REPLAY_DIED', `The replaying thread ended (code ${code}).`),
    },
    (page) => tally.add(page),
  );
  return tally.summary();
}
