/** Thread that looks through pages of studies for what no rule took, or tries drafts on them. */
import { workerData } from 'node:worker_threads';
import type { DecidedStudy } from '../../records/index.ts';
import { answerTasks } from '../../threads/index.ts';
import { inboxPage } from './page.ts';
import type { InboxWork } from './read.ts';
import { trialPage } from './trial.ts';

const { by, trial } = workerData as InboxWork;

answerTasks((page: readonly DecidedStudy[]) =>
  trial === null ? inboxPage(page, by) : trialPage(page, by, trial),
);
