/** Thread that decides pages of studies again, one after the other. */
import { workerData } from 'node:worker_threads';
import type { DecidedStudy } from '../records/index.ts';
import { answerTasks } from '../threads/index.ts';
import { replayPage, type ReplayBy } from './tasks.ts';

const by = workerData as ReplayBy;

answerTasks((page: readonly DecidedStudy[]) => replayPage(page, by));
