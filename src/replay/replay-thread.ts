/** Thread that decides pages of studies again, one after the other. */
import { parentPort, workerData } from 'node:worker_threads';
import { asSitusError, type SitusErrorOptions } from '../contracts/index.ts';
import type { DecidedStudy } from '../records/index.ts';
import { replayPage, type ReplayBy, type ReplayedPage } from './tasks.ts';

export type PageAnswer =
  { readonly replayed: ReplayedPage } | { readonly error: SitusErrorOptions };

const by = workerData as ReplayBy;

parentPort?.on('message', (page: readonly DecidedStudy[]) => {
  parentPort?.postMessage(answerTo(page));
});

function answerTo(page: readonly DecidedStudy[]): PageAnswer {
  try {
    return { replayed: replayPage(page, by) };
  } catch (thrown) {
    return { error: asSitusError(thrown).toJSON() };
  }
}
