import { asSitusError, type Actor } from './contracts/index.ts';
import type { Queue, WorkFolder } from './jobs/index.ts';
import type { Records } from './records/index.ts';
import type { Health, Logger, Metrics } from './telemetry/index.ts';

export interface HousekeepingParts {
  readonly records: Records;
  readonly queue: Queue;
  readonly health: Health;
  readonly metrics: Metrics;
  readonly log: Logger;
  /** The work folder of this host; null where no jobs run. */
  readonly folder: WorkFolder | null;
  readonly actor: Actor;
  readonly keep: {
    /** Artifacts of jobs that are over. */
    readonly workDays: number;
    /** Labels in the database, for pictures and corrections. */
    readonly labelsDays: number;
  };
}

const EVERY_MS = 60_000;
const RETENTION_EVERY_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Once a minute: counts jobs for the metrics, alerts on jobs in no final state past their lease
 * (design §7), and puts jobs back that the queue has lost. Once an hour: removes what retention
 * (privacy.keepWorkDays, privacy.keepLabelsDays) no longer keeps. Returns what ends it.
 */
export function startHousekeeping(parts: HousekeepingParts): () => Promise<void> {
  const { records, queue, health, metrics, log } = parts;
  let running = Promise.resolve();
  let retentionAt = 0;

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
      if (performance.now() >= retentionAt) {
        await applyRetention(parts);
        retentionAt = performance.now() + RETENTION_EVERY_MS;
      }
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

/** Removes work folders and labels of jobs that ended longer ago than they are to be kept. */
export async function applyRetention(
  {
    records,
    folder,
    actor,
    keep,
    log,
  }: Pick<HousekeepingParts, 'records' | 'folder' | 'actor' | 'keep' | 'log'>,
  now: Date = new Date(),
): Promise<void> {
  const before = (days: number): Date => new Date(now.getTime() - days * DAY_MS);
  const isOver = async (): Promise<(jobId: string) => boolean> => {
    const live = new Set((await records.jobs.live()).map((job) => job.id));
    return (jobId) => !live.has(jobId);
  };
  const folders = (await folder?.tidy(isOver, before(keep.workDays))) ?? 0;
  const labels = await records.jobs.dropLabels(actor, before(keep.labelsDays));
  if (folders + labels > 0) log.info({ folders, labels }, 'removed what retention no longer keeps');
}
