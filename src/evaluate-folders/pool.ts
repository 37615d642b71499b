import { fault, SitusError } from '../contracts/index.ts';
import { type Ask, withThreads } from '../threads/index.ts';
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

  const work = async (ask: Ask<CasePair, ComparedPair>): Promise<void> => {
    for (let place = next; place < pairs.length; place = next) {
      next += 1;
      const pair = pairs[place];
      if (pair === undefined) return;
      signal.throwIfAborted();
      outcomes[place] = { pair, outcome: await ask(pair).catch(refusal) };
      done += 1;
      onDone(done);
    }
  };

  await withThreads(
    {
      file: new URL('./case-thread.ts', import.meta.url),
      data: options,
      count: Math.min(threads, pairs.length),
      died: (pair, code) =>
        fault('EVALUATION_DIED', `The thread comparing ${pair.case} ended (code ${code}).`),
      signal,
    },
    work,
  );
  return outcomes;
}

/** An error of class refuse; any other is thrown on. */
function refusal(thrown: unknown): SitusError {
  if (thrown instanceof SitusError && thrown.errorClass === 'refuse') return thrown;
  throw thrown;
}
