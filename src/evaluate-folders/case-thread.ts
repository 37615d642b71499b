/** Thread that compares pairs of label files, one after the other. */
import { workerData } from 'node:worker_threads';
import { answerTasks } from '../threads/index.ts';
import { comparePair, type ComparePairOptions } from './compare-pair.ts';
import type { CasePair } from './pairs.ts';

const options = workerData as ComparePairOptions;

answerTasks((pair: CasePair) => comparePair(pair, options));
