import { availableParallelism } from 'node:os';
import type { SitusError } from '../contracts/index.ts';
import type { DecidedStudy, DecidedWindow, DecisionRecords } from '../records/index.ts';
import { type Ask, withThreads } from '../threads/index.ts';

/** The records that a replay reads. */
export type Decisions = Pick<DecisionRecords, 'decided' | 'countDecided'>;

export interface PageOptions {
  readonly window: DecidedWindow;
  /** Threads that decide; the machine's cores, at most four, when left out. */
  readonly threads?: number;
  readonly onProgress?: (done: number, all: number) => void;
}

/** The module that a thread runs, what it is told, and the error of one that ends too early. */
export interface PageThread {
  readonly file: URL;
  readonly data: unknown;
  readonly died: (code: number) => SitusError;
}

const MOST_THREADS = 4;

/**
 * Gives the decided studies of a window to threads, a page at a time, and what they answer to `add`, in
 * the order in which it comes; memory does not grow with the record.
 */
export async function eachPage<Page extends { readonly studies: number }>(
  decisions: Decisions,
  { window, threads, onProgress }: PageOptions,
  { file, data, died }: PageThread,
  add: (page: Page) => void,
): Promise<void> {
  const all = await decisions.countDecided(window);
  const pages = decisions.decided(window)[Symbol.asyncIterator]();
  let done = 0;
  const work = async (ask: Ask<readonly DecidedStudy[], Page>): Promise<void> => {
    for (let page = await pages.next(); page.done !== true; page = await pages.next()) {
      const answer = await ask(page.value);
      add(answer);
      done += answer.studies;
      onProgress?.(done, all);
    }
  };
  await withThreads(
    {
      file,
      data,
      count: threads ?? Math.min(MOST_THREADS, availableParallelism()),
      died: (_page: readonly DecidedStudy[], code) => died(code),
    },
    work,
  );
}
