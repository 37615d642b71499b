import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { PgBoss } from 'pg-boss';
import {
  type DecidedStudy,
  type Enqueue,
  type Records,
  openRecords,
} from '../../src/records/index.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import {
  SERVICE,
  claimed,
  decided,
  decisionOf,
  headersOf,
  jobsOf,
  listing,
  queue,
  revisionOf,
  sql,
  storeJob,
  toSave,
  uid,
} from './fixtures.ts';

const QUEUE = 'jobs';
let database: TestDatabase;
let records: Records;
let boss: PgBoss;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
  boss = new PgBoss({ connectionString: database.url, schema: 'queue', supervise: false });
  await boss.start();
  await boss.createQueue(QUEUE);
});
afterAll(async () => {
  await boss.stop({ graceful: false });
  await records.close();
  await database.drop();
});

const send: Enqueue = async (tx, job) => {
  await boss.send(QUEUE, { jobId: job.id }, { db: tx, priority: 5 });
};

async function queuedIds(): Promise<string[]> {
  const rows = await sql(
    database.url,
    `SELECT data->>'jobId' AS id FROM queue.job WHERE name = $1`,
    [QUEUE],
  );
  return rows.map((row) => String(row['id']));
}

describe('saveDecision', () => {
  it('makes the jobs and their queue messages in one transaction', async () => {
    const study = listing();
    const saved = await records.decisions.saveDecision(SERVICE, toSave(study, 2), send);
    expect(saved.created).toBe(true);
    expect(saved.jobs).toHaveLength(2);
    expect(await queuedIds()).toEqual(expect.arrayContaining(saved.jobs.map((job) => job.id)));
  });

  it('leaves neither decision, jobs, audit events nor messages when enqueueing fails', async () => {
    const study = listing();
    const before = await queuedIds();
    let sent = 0;
    const failing: Enqueue = async (tx, job) => {
      sent += 1;
      await send(tx, job);
      if (sent === 2) throw new Error('the queue broke');
    };
    await expect(
      records.decisions.saveDecision(SERVICE, toSave(study, 2), failing),
    ).rejects.toThrow('the queue broke');
    expect(sent).toBe(2);
    expect(await queuedIds()).toEqual(before);
    expect(await records.queries.studyDetail(study.studyInstanceUid)).toBeNull();
    expect(await records.audit.page({ entity: 'study', entityId: study.studyInstanceUid })).toEqual(
      [],
    );
  });

  it('is saved once when the caller repeats it after a crash', async () => {
    const what = toSave(listing());
    const first = await records.decisions.saveDecision(SERVICE, what, send);
    const again = queue();
    const second = await records.decisions.saveDecision(SERVICE, what, again.enqueue);
    expect(second).toMatchObject({ created: false, decisionId: first.decisionId, jobs: [] });
    expect(second.kept).toEqual(first.jobs);
    expect(again.sent).toEqual([]);
  });

  it('gives every series a verdict with its match and evidence', async () => {
    const study = listing();
    await records.decisions.saveDecision(SERVICE, toSave(study), queue().enqueue);
    const detail = await records.queries.studyDetail(study.studyInstanceUid);
    const [decision] = detail?.decisions ?? [];
    expect(decision?.verdicts.map((one) => one.seriesInstanceUid)).toEqual(
      study.series.map((one) => one.seriesInstanceUid),
    );
    expect(decision?.verdicts.map((one) => one.taken)).toEqual([true, false]);
    expect(decision?.verdicts[0]?.match?.reason).toBe('few slices');
    expect(decision?.targets).toEqual(decisionOf(study).targets);
    expect(detail?.sequences).toEqual(['localizer', 't1_in_phase']);
  });

  it('refuses a job for something that is no target', async () => {
    const what = toSave(listing());
    const foreign = jobsOf(decisionOf(listing()));
    await expect(
      records.decisions.saveDecision(SERVICE, { ...what, jobs: foreign }, send),
    ).rejects.toMatchObject({ code: 'JOB_WITHOUT_TARGET', errorClass: 'fault' });
  });
});

describe('a study that changed', () => {
  it('runs only the targets whose own content changed; the others are kept', async () => {
    const { study, jobs } = await decided(records, 2);
    for (const job of jobs) await storeJob(records, job.id);
    const [first, second] = study.series;
    if (first === undefined || second === undefined) throw new Error('two series expected');
    const grown = { ...second, sopInstanceUids: [...second.sopInstanceUids, uid()].sort() };
    const later = { ...study, series: [first, grown] };
    const { enqueue, sent } = queue();
    const saved = await records.decisions.saveDecision(SERVICE, toSave(later, 2, 2), enqueue);
    expect(saved.jobs.map((job) => job.seriesInstanceUid)).toEqual([grown.seriesInstanceUid]);
    expect(saved.kept.map((job) => job.id)).toEqual([jobs[0]?.id]);
    expect(sent).toEqual(saved.jobs);
    expect(saved.jobs[0]?.run).toBe(1);
    const predecessors = await records.jobs.predecessors(String(saved.jobs[0]?.id), 'SR');
    expect(predecessors.map((one) => one.jobId)).toEqual([jobs[1]?.id]);
    expect(await records.jobs.predecessors(String(saved.jobs[0]?.id), 'SEG')).toHaveLength(1);
  });

  it('cancels live runs of content that is no longer asked for, and their worker notices', async () => {
    const { study, jobs } = await decided(records, 1);
    const { claim } = await claimed(records, String(jobs[0]?.id));
    const later = {
      ...study,
      series: study.series.map((one) => ({ ...one, sopInstanceUids: [uid()] })),
    };
    const saved = await records.decisions.saveDecision(
      SERVICE,
      toSave(later, 1, 2),
      queue().enqueue,
    );
    expect(saved.superseded.map((job) => job.id)).toEqual([jobs[0]?.id]);
    expect(await records.jobs.heartbeat(claim, 60)).toBe(false);
    await expect(records.jobs.startStep(SERVICE, claim, 'fetch')).rejects.toMatchObject({
      code: 'CLAIM_LOST',
    });
  });

  it('runs superseded content again when the study changes back', async () => {
    const { study, jobs } = await decided(records, 1);
    const other = {
      ...study,
      series: study.series.map((one) => ({ ...one, sopInstanceUids: [uid()] })),
    };
    await records.decisions.saveDecision(SERVICE, toSave(other, 1, 2), queue().enqueue);
    const back = await records.decisions.saveDecision(
      SERVICE,
      toSave(study, 1, 3),
      queue().enqueue,
    );
    expect(back.jobs).toMatchObject([{ run: 2 }]);
    expect(back.jobs[0]?.id).not.toBe(jobs[0]?.id);
  });

  it('keeps a decision on an outdated revision on record and makes no jobs for it', async () => {
    const study = listing();
    await records.studies.saveRevision(SERVICE, revisionOf(study, 1));
    const newer = { ...study, series: [...study.series].reverse() };
    await records.studies.saveRevision(SERVICE, revisionOf(newer, 2));
    const { enqueue, sent } = queue();
    const late = await records.decisions.saveDecision(SERVICE, toSave(study, 1, 1), enqueue);
    expect(late).toMatchObject({ created: true, jobs: [], kept: [] });
    expect(sent).toEqual([]);
    const detail = await records.queries.studyDetail(study.studyInstanceUid);
    expect(detail).toMatchObject({
      outcome: 'running',
      reasons: [{ code: 'WAITING_FOR_DECISION' }],
    });
  });

  it('counts another model version or other settings as other work', async () => {
    const study = listing();
    const decision = decisionOf(study);
    const base = { revision: revisionOf(study), headers: headersOf(study), decision, matches: [] };
    const save = (change: object) =>
      records.decisions.saveDecision(
        SERVICE,
        { ...base, jobs: jobsOf(decision, change) },
        queue().enqueue,
      );
    const first = await save({});
    const newer = await save({ modelVersion: '2.0.0' });
    const other = await save({ settings: { spacingMode: 'v1.2.3' } });
    expect([first, newer, other].map((one) => one.jobs.length)).toEqual([1, 1, 1]);
    expect(newer.superseded.map((job) => job.id)).toEqual([first.jobs[0]?.id]);
  });
});

describe('one live run per target', () => {
  it('is kept by the database itself', async () => {
    const { jobs } = await decided(records, 1);
    await expect(
      sql(
        database.url,
        `INSERT INTO job (id, study_id, decision_id, series_instance_uid, stack_id, sequence, target,
           identity, run, state, model, model_version, settings, settings_sha256, priority, reasons)
         SELECT gen_random_uuid(), study_id, decision_id, series_instance_uid, stack_id, sequence,
           target, identity, run + 1, 'queued', model, model_version, settings, settings_sha256,
           priority, reasons
         FROM job WHERE id = $1`,
        [jobs[0]?.id],
      ),
    ).rejects.toMatchObject({ code: '23505', constraint: 'job_one_live_run' });
  });

  it('holds when two nodes decide on the same study at once', async () => {
    const what = toSave(listing());
    const { enqueue, sent } = queue();
    const both = await Promise.all([
      records.decisions.saveDecision(SERVICE, what, enqueue),
      records.decisions.saveDecision(SERVICE, what, enqueue),
    ]);
    expect(both.flatMap((one) => one.jobs)).toHaveLength(1);
    expect(both.map((one) => one.created).sort()).toEqual([false, true]);
    expect(new Set(both.map((one) => one.decisionId)).size).toBe(1);
    const live = await records.jobs.live();
    const mine = both.flatMap((one) => one.jobs).map((job) => job.id);
    expect(live.filter((job) => mine.includes(job.id))).toHaveLength(1);
    expect(sent.length).toBeGreaterThanOrEqual(1);
  });

  it('allows a new numbered run once the last has ended, and refuses one before', async () => {
    const { study, jobs } = await decided(records, 2);
    const [first, second] = jobs;
    await storeJob(records, String(first?.id));
    await expect(
      records.jobs.rerun(SERVICE, { jobId: String(second?.id) }, send),
    ).rejects.toMatchObject({ code: 'RUN_IS_LIVE' });
    const runs = await records.jobs.rerun(
      SERVICE,
      { studyInstanceUid: study.studyInstanceUid },
      send,
    );
    expect(runs).toMatchObject([{ run: 2, seriesInstanceUid: first?.seriesInstanceUid }]);
    expect(await queuedIds()).toContain(runs[0]?.id);
    const detail = await records.queries.studyDetail(study.studyInstanceUid);
    expect(detail?.jobs.map((job) => [job.run, job.state]).sort()).toEqual([
      [1, 'queued'],
      [1, 'stored'],
      [2, 'queued'],
    ]);
  });
});

describe('rules that order the same work', () => {
  it('make one job for one archive, and a job each for different archives', async () => {
    const jobsFor = async (...destinations: string[]): Promise<unknown[]> => {
      const what = toSave(listing());
      const targets = destinations.flatMap((to, index) =>
        what.decision.targets.map((target) => ({
          ...target,
          rule: `rule ${index}`,
          store: { ...target.store, to },
        })),
      );
      const decision = { ...what.decision, targets };
      const saved = await records.decisions.saveDecision(
        SERVICE,
        { ...what, decision, jobs: jobsOf(decision) },
        send,
      );
      const works = await Promise.all(saved.jobs.map(({ id }) => records.jobs.jobForWork(id)));
      return works.map((work) => work?.target.store.to);
    };
    expect(await jobsFor('main', 'main')).toEqual(['main']);
    expect(await jobsFor('main', 'research')).toEqual(['main', 'research']);
    expect(await jobsFor('research', 'main', 'research')).toEqual(['research', 'main']);
  });
});

describe('decided', () => {
  const inWindow = async (from: Date, until = new Date(Date.now() + 60_000)) => {
    const seen: DecidedStudy[] = [];
    for await (const page of records.decisions.decided({ from, until }, 2)) seen.push(...page);
    return { seen, count: await records.decisions.countDecided({ from, until }) };
  };

  it('hands out each decision with the headers it was made from, without frames', async () => {
    const from = new Date();
    const { study } = await decided(records);
    const { seen, count } = await inWindow(from);
    expect(count).toBe(1);
    const [one] = seen.map(({ headers, targets, verdicts }) => ({
      headers: JSON.parse(headers ?? 'null') as unknown,
      targets: JSON.parse(targets) as Record<string, unknown>[],
      verdicts: JSON.parse(verdicts) as Record<string, unknown>[],
    }));
    expect(one?.headers).toEqual(headersOf(study));
    const [target] = decisionOf(study).targets;
    expect(one?.targets).toMatchObject([{ rule: target?.rule, segment: target?.segment }]);
    expect(one?.targets[0]).not.toHaveProperty('frames');
    expect(one?.verdicts).toHaveLength(study.series.length);
    expect(await inWindow(from, from)).toEqual({ seen: [], count: 0 });
  });

  it('hands out the newest decision of a study only, over several pages', async () => {
    const from = new Date();
    const { study } = await decided(records);
    for (let made = 0; made < 3; made += 1) await decided(records);
    await records.decisions.saveDecision(SERVICE, toSave(study, 2, 2), send);
    const { seen, count } = await inWindow(from);
    expect(seen).toHaveLength(4);
    expect(count).toBe(4);
    const own = seen.filter(({ headers }) => headers?.includes(study.studyInstanceUid));
    expect(own.map(({ targets }) => (JSON.parse(targets) as unknown[]).length)).toEqual([2]);
  });
});
