import { availableParallelism } from 'node:os';
import { fault } from '../../contracts/index.ts';
import type { DecidedStudy, DecidedWindow, DecisionRecords } from '../../records/index.ts';
import { type Ask, withThreads } from '../../threads/index.ts';
import type { ReplayBy } from '../tasks.ts';
import { type Inbox, InboxGroups } from './groups.ts';
import type { InboxPage } from './page.ts';
import { type Trial, type TrialPage, TrialTally, type TrialSummary } from './trial.ts';

export interface InboxOptions {
  readonly window: DecidedWindow;
  readonly by: ReplayBy;
  /** Threads that decide; the machine's cores, at most four, when left out. */
  readonly threads?: number;
  readonly onProgress?: (done: number, all: number) => void;
}

/** What a thread is told: the rules and definitions as they are, and what to try where something is tried. */
export interface InboxWork {
  readonly by: ReplayBy;
  readonly trial: Trial | null;
}

type Decisions = Pick<DecisionRecords, 'decided' | 'countDecided'>;

const MOST_THREADS = 4;

/**
 * The studies of a window, decided by the rules as they are now, from the headers that the record keeps:
 * what looked relevant and no rule takes, in groups. Memory does not grow with the record.
 */
export async function readInbox(decisions: Decisions, options: InboxOptions): Promise<Inbox> {
  const groups = new InboxGroups();
  await eachPage<InboxPage>(decisions, { by: options.by, trial: null }, options, (page) =>
    groups.add(page),
  );
  return groups.inbox();
}

/** What drafts would take of their groups, and what else they would change, over the same studies. */
export async function tryDrafts(
  decisions: Decisions,
  trial: Trial,
  options: InboxOptions,
): Promise<TrialSummary> {
  const tally = new TrialTally(trial);
  await eachPage<TrialPage>(decisions, { by: options.by, trial }, options, (page) =>
    tally.add(page),
  );
  return tally.summary();
}

async function eachPage<Page extends { readonly studies: number }>(
  decisions: Decisions,
  data: InboxWork,
  { window, threads, onProgress }: InboxOptions,
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
      file: new URL('./inbox-thread.ts', import.meta.url),
      data,
      count: threads ?? Math.min(MOST_THREADS, availableParallelism()),
      died: (_page, code) =>
        fault('INBOX_DIED', `The thread that reads the inbox ended (code ${code}).`),
    },
    work,
  );
}
