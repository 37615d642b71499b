import { Worker } from 'node:worker_threads';
import { fault, SitusError } from '../contracts/index.ts';
import type { CaseAnswer } from './case-thread.ts';
import type { ComparedPair, ComparePairOptions } from './compare-pair.ts';
import type { CasePair } from './pairs.ts';

export interface ComparedCase {
  readonly pair: CasePair;
  readonly outcome: ComparedPair | SitusError;
}

/**
 * Compares pairs in threads, each of them holding one pair at a time. A pair that is refused does not
 * stop the others; any other error does.
 * @returns in the order of `pairs`.
 */
export async function comparePairs(
  pairs: readonly CasePair[],
  options: ComparePairOptions,
  threads: number,
  signal: AbortSignal,
  onDone: (done: number) => void,
): Promise<ComparedCase[]> {
  const outcomes: ComparedCase[] = [];
  let next = 0;
  let done = 0;
  const workers: Worker[] = [];

  const work = async (worker: Worker): Promise<void> => {
    for (let place = next; place < pairs.length; place = next) {
      next += 1;
      const pair = pairs[place];
      if (pair === undefined) return;
      signal.throwIfAborted();
      const answer = await answerOf(worker, pair);
      if ('error' in answer && answer.error.errorClass !== 'refuse') {
        throw new SitusError(answer.error);
      }
      const outcome = 'error' in answer ? new SitusError(answer.error) : answer.compared;
      outcomes[place] = { pair, outcome };
      done += 1;
      onDone(done);
    }
  };

  const stop = (): void => {
    for (const worker of workers) void worker.terminate();
  };
  signal.addEventListener('abort', stop, { once: true });
  try {
    const count = Math.min(threads, pairs.length);
    for (let started = 0; started < count; started += 1) {
      workers.push(
        new Worker(new URL('./case-thread.ts', import.meta.url), { workerData: options }),
      );
    }
    await Promise.all(workers.map(work));
    return outcomes;
  } finally {
    signal.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
    signal.throwIfAborted();
  }
}

function answerOf(worker: Worker, pair: CasePair): Promise<CaseAnswer> {
  return new Promise((resolve, reject) => {
    const listeners = {
      message: (answer: CaseAnswer) => settle(() => resolve(answer)),
      error: (error: Error) => settle(() => reject(error)),
      exit: (code: number) =>
        settle(() =>
          reject(
            fault('EVALUATION_DIED', `The thread comparing ${pair.case} ended (code ${code}).`),
          ),
        ),
    };
    const settle = (then: () => void): void => {
      for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
      then();
    };
    for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
    worker.postMessage(pair);
  });
}
