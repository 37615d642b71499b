/** Thread that compares pairs of label files, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { asSitusError, type SitusErrorOptions } from '../contracts/index.ts';
import { comparePair, type ComparedPair, type ComparePairOptions } from './compare-pair.ts';
import type { CasePair } from './pairs.ts';

export type CaseAnswer =
  { readonly compared: ComparedPair } | { readonly error: SitusErrorOptions };

const options = workerData as ComparePairOptions;

parentPort?.on('message', (pair: CasePair) => {
  void answerTo(pair).then((answer) => parentPort?.postMessage(answer));
});

async function answerTo(pair: CasePair): Promise<CaseAnswer> {
  try {
    return { compared: await comparePair(pair, options) };
  } catch (thrown) {
    return { error: asSitusError(thrown).toJSON() };
  }
}
