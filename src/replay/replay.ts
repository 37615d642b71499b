import { availableParallelism } from 'node:os';
import { fault } from '../contracts/index.ts';
import type { DecidedStudy, DecidedWindow, DecisionRecords } from '../records/index.ts';
import { type Ask, withThreads } from '../threads/index.ts';
import { type ReplaySummary, Tally } from './tally.ts';
import type { ReplayBy, ReplayedPage } from './tasks.ts';

export interface ReplayOptions {
  readonly window: DecidedWindow;
  readonly by: ReplayBy;
  /** Studies kept for each group of changes. */
  readonly examples: number;
  /** Threads that decide; the machine's cores, at most four, when left out. */
  readonly threads?: number;
  readonly onProgress?: (done: number, all: number) => void;
}

const MOST_THREADS = 4;

/**
 * Decides the studies of a window again, from the headers that the record keeps, and adds up what
 * would change of the recorded decisions. Reads a page at a time and decides on threads of its own;
 * memory does not grow with the record.
 */
export async function replay(
  decisions: Pick<DecisionRecords, 'decided' | 'countDecided'>,
  options: ReplayOptions,
): Promise<ReplaySummary> {
  const { window, by, examples, onProgress } = options;
  const all = await decisions.countDecided(window);
  const pages = decisions.decided(window)[Symbol.asyncIterator]();
  const tally = new Tally(examples);
  let done = 0;

  const work = async (ask: Ask<readonly DecidedStudy[], ReplayedPage>): Promise<void> => {
    for (let page = await pages.next(); page.done !== true; page = await pages.next()) {
      const replayed = await ask(page.value);
      tally.add(replayed);
      done += replayed.studies;
      onProgress?.(done, all);
    }
  };

  await withThreads(
    {
      file: new URL('./replay-thread.ts', import.meta.url),
      data: by,
      count: options.threads ?? Math.min(MOST_THREADS, availableParallelism()),
      died: (_page, code) => fault('REPLAY_DIED', `The replaying thread ended (code ${code}).`),
    },
    work,
  );
  return tally.summary();
}
