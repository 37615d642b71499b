import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { fault, SitusError } from '../contracts/index.ts';
import type { DecidedStudy, DecidedWindow, DecisionRecords } from '../records/index.ts';
import type { PageAnswer } from './replay-thread.ts';
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
  const workers: Worker[] = [];
  let done = 0;

  const work = async (worker: Worker): Promise<void> => {
    for (let page = await pages.next(); page.done !== true; page = await pages.next()) {
      const replayed = await answerOf(worker, page.value);
      tally.add(replayed);
      done += replayed.studies;
      onProgress?.(done, all);
    }
  };

  try {
    const threads = options.threads ?? Math.min(MOST_THREADS, availableParallelism());
    for (let started = 0; started < threads; started += 1) {
      workers.push(new Worker(new URL('./replay-thread.ts', import.meta.url), { workerData: by }));
    }
    await Promise.all(workers.map(work));
    return tally.summary();
  } finally {
    await Promise.all(workers.map((worker) => worker.terminate()));
  }
}

function answerOf(worker: Worker, page: readonly DecidedStudy[]): Promise<ReplayedPage> {
  return new Promise((resolve, reject) => {
    const listeners = {
      message: (answer: PageAnswer) =>
        settle(() =>
          'error' in answer ? reject(new SitusError(answer.error)) : resolve(answer.replayed),
        ),
      error: (error: Error) => settle(() => reject(error)),
      exit: (code: number) =>
        settle(() => reject(fault('REPLAY_DIED', `The replaying thread ended (code ${code}).`))),
    };
    const settle = (then: () => void): void => {
      for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
      then();
    };
    for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
    worker.postMessage(page);
  });
}
