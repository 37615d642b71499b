import { schedule } from 'node-cron';
import { asSitusError, type SitusError } from '../contracts/index.ts';
import { ChangeFeed } from './changes.ts';
import { Poll, type PollReport, type PollScope } from './poll.ts';
import type { IntakeParts } from './ports.ts';

export interface PollerOptions extends IntakeParts {
  /** Cron expressions of ordinary polls and of sweeps over the look-back window. */
  readonly schedule: string;
  readonly sweepSchedule: string;
  /** Who holds the lease: unique to the process. */
  readonly owner: string;
  /** Runs after every poll while the lease is held: decides on what has settled. */
  readonly afterPoll: (signal: AbortSignal) => Promise<void>;
  readonly onReport: (report: PollReport) => void;
  readonly onError: (error: SitusError) => void;
  /** Where the scheduler says that it skipped a poll because the one before still runs. */
  readonly cronLog: CronLog;
}

export interface CronLog {
  readonly info: (message: string) => void;
  readonly warn: (message: string) => void;
  readonly error: (message: string | Error, error?: Error) => void;
  readonly debug: (message: string | Error, error?: Error) => void;
}

export interface Poller {
  /** Polls now, whatever the schedule says; waits for a poll that is under way. */
  pollNow(scope?: Partial<PollScope>): Promise<void>;
  stop(): Promise<void>;
}

const LEASE_SECONDS = 30;
/** How often a change feed is asked; an answer takes milliseconds (dicomweb-servers §3). */
const FEED_SCHEDULE = '*/2 * * * * *';

/**
 * Polls one archive by the schedule. Of all nodes only the one with the lease polls; it is given
 * back at the end and expires when the node dies.
 */
export function startPoller(options: PollerOptions): Poller {
  const { archive, records, owner } = options;
  const lease = `poller:${archive.name}`;
  const stopping = new AbortController();
  const poll = new Poll(options);
  const feed = new ChangeFeed(options);
  let running: Promise<void> = Promise.resolve();
  /** While another node polls, its change feed is enough; this one asks the archive for nothing. */
  let othersUntil = 0;

  /** True when the poll was made; false when another node holds the lease. */
  const once = async (scope: PollScope): Promise<boolean> => {
    if (stopping.signal.aborted) return false;
    if (!(await records.intake.acquireLease(lease, owner, LEASE_SECONDS))) {
      othersUntil = performance.now() + LEASE_SECONDS * 1000;
      return false;
    }
    othersUntil = 0;
    const lost = new AbortController();
    const signal = AbortSignal.any([stopping.signal, lost.signal]);
    const renewing = setInterval(
      () => {
        records.intake.renewLease(lease, owner, LEASE_SECONDS).then(
          (ours) => ours || lost.abort(new Error(`the lease ${lease} was lost`)),
          (error: unknown) => lost.abort(error),
        );
      },
      (LEASE_SECONDS * 1000) / 3,
    );
    try {
      options.onReport(await poll.run(scope, signal));
      await options.afterPoll(signal);
      return true;
    } finally {
      clearInterval(renewing);
      await records.intake.releaseLease(lease, owner);
    }
  };

  /** One after the other; errors are reported and the next poll tries again. True when it was made. */
  const enqueue = (scope: PollScope): Promise<boolean> => {
    const polled = running.then(async () => {
      try {
        return await once(scope);
      } catch (thrown) {
        if (!stopping.signal.aborted) options.onError(asSitusError(thrown));
        return false;
      }
    });
    running = polled.then(() => undefined);
    return polled;
  };

  const nothing: ReadonlySet<string> = new Set();
  const quietly = { noOverlap: true, suppressMissedWarning: true, logger: options.cronLog };
  const tasks = [
    schedule(options.schedule, () => enqueue({ search: 'window', changed: nothing }), quietly),
    schedule(options.sweepSchedule, () => enqueue({ search: 'sweep', changed: nothing }), quietly),
    schedule(FEED_SCHEDULE, () => wake(), quietly),
  ];

  /** A wake-up call names studies; the poll that follows finds out what is true of them. */
  async function wake(): Promise<void> {
    if (stopping.signal.aborted || performance.now() < othersUntil) return;
    try {
      const woken = await feed.wake(stopping.signal);
      if (woken === null) return;
      const search = woken.sweep ? 'sweep' : 'none';
      if (await enqueue({ search, changed: woken.studies })) {
        await feed.keep(woken.cursor);
      }
    } catch (thrown) {
      if (!stopping.signal.aborted) options.onError(asSitusError(thrown));
    }
  }

  return {
    async pollNow({ search = 'window', changed = nothing } = {}) {
      await enqueue({ search, changed });
    },
    async stop() {
      stopping.abort(new Error('the node is stopping'));
      for (const task of tasks) await task.stop();
      await running;
    },
  };
}
