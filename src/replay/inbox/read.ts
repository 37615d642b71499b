import { fault } from '../../contracts/index.ts';
import { type Decisions, eachPage, type PageOptions, type PageThread } from '../each-page.ts';
import type { ReplayBy } from '../tasks.ts';
import { type Inbox, InboxGroups } from './groups.ts';
import type { InboxPage } from './page.ts';
import { type Trial, type TrialPage, TrialTally, type TrialSummary } from './trial.ts';

export interface InboxOptions extends PageOptions {
  readonly by: ReplayBy;
}

/** What a thread is told: the rules and definitions as they are, and what to try where something is tried. */
export interface InboxWork {
  readonly by: ReplayBy;
  readonly trial: Trial | null;
}

/**
 * The studies of a window, decided by the rules as they are now, from the headers that the record keeps:
 * what looked relevant and no rule takes, in groups. Memory does not grow with the record.
 */
export async function readInbox(decisions: Decisions, options: InboxOptions): Promise<Inbox> {
  const groups = new InboxGroups();
  await eachPage<InboxPage>(
    decisions,
    options,
    inboxThread({ by: options.by, trial: null }),
    (page) => groups.add(page),
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
  await eachPage<TrialPage>(decisions, options, inboxThread({ by: options.by, trial }), (page) =>
    tally.add(page),
  );
  return tally.summary();
}

function inboxThread(data: InboxWork): PageThread {
  return {
    file: new URL('./inbox-thread.ts', import.meta.url),
    data,
    died: (code) => fault('INBOX_DIED', `The thread that reads the inbox ended (code ${code}).`),
  };
}
