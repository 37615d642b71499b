import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Target } from '../../src/contracts/index.ts';
import { openQueue, type Queue } from '../../src/jobs/index.ts';
import { quietHours } from '../../src/jobs/quiet-hours.ts';
import { openRecords, type JobRef, type Records } from '../../src/records/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { listing, SERVICE, sql, toSave } from '../records/fixtures.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let records: Records;
let queue: Queue;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
  queue = await openQueue(database.url, createLogger({ level: 'silent' }));
}, 60_000);
afterAll(async () => {
  await queue?.stop();
  await records?.close();
  await database?.drop();
});

const tomorrow = (hour: number): Date => {
  const day = new Date();
  day.setDate(day.getDate() + 1);
  day.setHours(hour, 0, 0, 0);
  return day;
};

/** Decides on a new study when the clock says `now`, with a rule that is quiet from 07:00 to 19:00. */
async function decidedAt(now: Date): Promise<{ uid: string; job: JobRef }> {
  const what = toSave(listing());
  const jobs = what.jobs.map((job) => {
    const target: Target = { ...job.target, quiet: ['07:00-19:00'] };
    const wait = quietHours(target, now);
    return { ...job, target, ...(wait === null ? {} : { wait }) };
  });
  const saved = await records.decisions.saveDecision(SERVICE, { ...what, jobs }, queue.enqueue);
  const [job] = saved.jobs;
  if (job === undefined) throw new Error('a job expected');
  return { uid: what.revision.listing.studyInstanceUid, job };
}

const startOf = async ({ id }: JobRef): Promise<Date[]> =>
  (
    await sql<{ start_after: Date }>(
      database.url,
      'SELECT start_after FROM queue.job WHERE singleton_key = $1',
      [id],
    )
  ).map((row) => row.start_after);

describe('a job that is decided in quiet hours', () => {
  it('is queued once for their end, and given out then, while others go first', async () => {
    const waiting = await decidedAt(tomorrow(12));
    const free = await decidedAt(tomorrow(20));
    expect(await startOf(waiting.job)).toEqual([tomorrow(19)]);

    const detail = await records.queries.studyDetail(waiting.uid);
    expect(detail?.jobs[0]).toMatchObject({ state: 'queued', error: { code: 'QUIET_HOURS' } });
    expect(detail?.jobs[0]?.error?.next).toContain('19:00');
    const told = await sql<{ payload: { data: { waitingUntil?: Record<string, string> } } }>(
      database.url,
      `SELECT payload FROM audit_event WHERE payload::text LIKE '%' || $1 || '%'`,
      [waiting.job.id],
    );
    expect(told.map(({ payload }) => payload.data.waitingUntil)).toEqual([
      { [waiting.job.id]: tomorrow(19).toISOString() },
    ]);

    const got: string[] = [];
    let came: (() => void) | null = null;
    const next = (): Promise<void> => new Promise((resolve) => (came = resolve));
    let message = next();
    await queue.work(1, ({ jobId }) => {
      got.push(jobId);
      came?.();
      return Promise.resolve();
    });
    await message;
    expect(got).toEqual([free.job.id]);
    message = next();
    await sql(database.url, 'UPDATE queue.job SET start_after = now() WHERE singleton_key = $1', [
      waiting.job.id,
    ]);
    await message;
    expect(got).toEqual([free.job.id, waiting.job.id]);
  }, 60_000);

  it('waits as long when the queue had lost it', async () => {
    const { job } = await decidedAt(tomorrow(12));
    await sql(database.url, 'DELETE FROM queue.job WHERE singleton_key = $1', [job.id]);
    await queue.reconcile(records);
    expect(await startOf(job)).toEqual([tomorrow(19)]);
  });
});
