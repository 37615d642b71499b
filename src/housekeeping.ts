import { asSitusError } from './contracts/index.ts';
import type { Queue } from './jobs/index.ts';
import type { Records } from './records/index.ts';
import type { Health, Logger, Metrics } from './telemetry/index.ts';

export interface HousekeepingParts {
  readonly records: Records;
  readonly queue: Queue;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Logger;
}

const EVERY_MS = 60_000;

/**
 * Once a minute: counts jobs for the metrics, alerts on jobs in no final state past their lease
 * (design §7), and puts jobs back that the queue has lost. Returns what ends it.
 */
export function startHousekeeping(parts: HousekeepingParts): () => Promise<void> {
  const { records, queue, health, metrics, log } = parts;
  let running = Promise.resolve();

  const tidy = async (): Promise<void> => {
    try {
      const { jobs } = await records.queries.counts();
      for (const [state, count] of Object.entries(jobs)) metrics.jobs.set({ state }, count);
      const stale = await records.jobs.staleJobs(new Date());
      metrics.staleJobs.set(stale.length);
      health.report(
        'jobs',
        stale.length > 0 ? 'degraded' : 'ok',
        stale.length > 0 ? `${stale.length} jobs past their lease` : 'none past its lease',
      );
      await queue.reconcile(records);
      health.report('database', 'ok', 'connected');
    } catch (thrown) {
      const error = asSitusError(thrown);
      if (error.origin === 'database') health.report('database', 'down', error.message);
      log.error({ code: error.code, reason: error.message }, 'housekeeping failed');
    }
  };

  const timer = setInterval(() => {
    running = running.then(tidy);
  }, EVERY_MS);
  return async () => {
    clearInterval(timer);
    await running;
  };
}
