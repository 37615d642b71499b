import { PgBoss, type JobWithMetadata } from 'pg-boss';
import { messageOf, type Priority } from '../contracts/index.ts';
import type { Enqueue, JobRef, Records } from '../records/index.ts';
import type { Logger } from '../telemetry/index.ts';

const QUEUE = 'situs-jobs';
/** pg-boss allows no less; a killed worker's message is given out again after this time. */
const HEARTBEAT_SECONDS = 10;
const MONITOR_SECONDS = 5;
const RETRY_DELAY_SECONDS = 2;
const RETRY_DELAY_MAX_SECONDS = 600;
/** An outage costs time only (guarantee 1), so the queue never gives a job up: the worker does. */
const RETRY_LIMIT = 1_000_000;
const POLL_SECONDS = 1;
/** Messages put back with one statement. */
const AT_A_TIME = 1000;

const PRIORITIES: Readonly<Record<Priority, number>> = { low: -10, normal: 0, high: 10 };

export interface QueueMessage {
  readonly jobId: string;
  /** How often the queue has given this message out before. */
  readonly retries: number;
  /** Fires when the queue takes the message back. */
  readonly signal: AbortSignal;
}

export interface Queue {
  /** Puts a job into the queue within the caller's transaction; with `notBefore` it is given out from then on. */
  readonly enqueue: Enqueue;
  /** Takes messages until `stop`; a handler that throws gets the message again later. */
  work(concurrency: number, handler: (message: QueueMessage) => Promise<void>): Promise<void>;
  /** Puts live jobs of the record back that the queue has lost; says how many. */
  reconcile(records: Records): Promise<number>;
  stop(): Promise<void>;
}

/**
 * The queue of jobs: pg-boss in the database of the record. The key of a message is the job's id
 * and the queue's policy is `exclusive`, so a job is in the queue at most once.
 */
export async function openQueue(url: string, log: Logger): Promise<Queue> {
  const boss = new PgBoss({
    connectionString: url,
    schema: 'queue',
    application_name: 'situs-queue',
    monitorIntervalSeconds: MONITOR_SECONDS,
    superviseIntervalSeconds: MONITOR_SECONDS,
  });
  boss.on('error', (error) => log.error({ err: error }, 'queue'));
  await boss.start();
  await boss.createQueue(QUEUE, {
    policy: 'exclusive',
    heartbeatSeconds: HEARTBEAT_SECONDS,
    expireInSeconds: 23 * 3600,
    retryLimit: RETRY_LIMIT,
    retryBackoff: true,
    retryDelay: RETRY_DELAY_SECONDS,
    retryDelayMax: RETRY_DELAY_MAX_SECONDS,
  });

  const options = ({ id, priority, notBefore }: JobRef) => ({
    singletonKey: id,
    priority: PRIORITIES[priority],
    ...(notBefore === undefined ? {} : { startAfter: notBefore }),
  });

  return {
    async enqueue(tx, job) {
      await boss.send(QUEUE, { jobId: job.id }, { ...options(job), db: tx });
    },
    async work(concurrency, handler) {
      await boss.work<{ jobId: string }, void, { includeMetadata: true }>(
        QUEUE,
        {
          includeMetadata: true,
          pollingIntervalSeconds: POLL_SECONDS,
          localConcurrency: concurrency,
        } as { includeMetadata: true },
        async (messages: JobWithMetadata<{ jobId: string }>[]) => {
          for (const message of messages) {
            await handler({
              jobId: message.data.jobId,
              retries: message.retryCount,
              signal: message.signal,
            });
          }
        },
      );
    },
    async reconcile(records) {
      const live = await records.jobs.live();
      let restored = 0;
      for (let start = 0; start < live.length; start += AT_A_TIME) {
        const messages = live
          .slice(start, start + AT_A_TIME)
          .map((job) => ({ data: { jobId: job.id }, ...options(job) }));
        const added = await boss.insert(QUEUE, messages, { returnId: true });
        restored += added?.length ?? 0;
      }
      if (restored > 0) log.warn({ restored }, 'jobs of the record were missing in the queue');
      return restored;
    },
    async stop() {
      try {
        await boss.stop({ graceful: true, timeout: 30_000 });
      } catch (error) {
        log.warn({ reason: messageOf(error) }, 'the queue did not stop cleanly');
      }
    },
  };
}
