import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SitusError, refuse } from '../../src/contracts/index.ts';
import { type Records, openRecords } from '../../src/records/index.ts';
import { sha256 } from '../../src/records/json.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import {
  FINDINGS,
  SERVICE,
  claimed,
  decided,
  decisionOf,
  labels,
  plan,
  sql,
  storeJob,
  stored,
  uid,
} from './fixtures.ts';

let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
});
afterAll(async () => {
  await records.close();
  await database.drop();
});

async function newJob() {
  const { study, jobs } = await decided(records);
  const [job] = jobs;
  if (job === undefined) throw new Error('a job expected');
  return { study, id: job.id };
}

/** Lets a lease run out without waiting for it. */
async function endLease(id: string): Promise<void> {
  await sql(database.url, `UPDATE job SET lease_until = now() - interval '1 s' WHERE id = $1`, [
    id,
  ]);
}

const OTHER = 'other-host:1';
const LOST_ARCHIVE = new SitusError({
  code: 'ARCHIVE_UNREACHABLE',
  message: 'The archive main does not answer.',
  next: 'Start it.',
  errorClass: 'retry',
  origin: 'archive',
});

describe('claim', () => {
  it('hands out all that the work needs', async () => {
    const { study, id } = await newJob();
    const { work } = await claimed(records, id);
    expect(work).toMatchObject({
      id,
      run: 1,
      state: 'running',
      archive: 'main',
      studyInstanceUid: study.studyInstanceUid,
      revision: 1,
      ruleSetVersion: 'rules-1',
      target: decisionOf(study).targets[0],
      settings: { spacingMode: 'true' },
      modelVersion: '1.0.0',
      attempts: 1,
      encoding: null,
      hasLabels: false,
      results: [],
      steps: [],
    });
    expect(await records.jobs.jobForWork(id)).toEqual(work);
  });

  it('goes to one worker of many', async () => {
    const { id } = await newJob();
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) =>
        records.jobs.claim(SERVICE, { jobId: id, owner: `host:${index}` }, 60),
      ),
    );
    expect(answers.map((one) => one.kind).sort()).toEqual([
      'busy',
      'busy',
      'busy',
      'busy',
      'busy',
      'claimed',
    ]);
  });

  it('is taken over when its lease has ended, and the old owner can write no more', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    await records.jobs.startStep(SERVICE, claim, 'fetch');
    expect(await records.jobs.claim(SERVICE, { jobId: id, owner: OTHER }, 60)).toMatchObject({
      kind: 'busy',
      owner: claim.owner,
    });
    await endLease(id);
    const answer = await records.jobs.claim(SERVICE, { jobId: id, owner: OTHER }, 60);
    expect(answer).toMatchObject({ kind: 'claimed', takenOver: true, work: { attempts: 2 } });
    expect(await records.queries.steps(id)).toMatchObject([{ step: 'fetch', state: 'lost' }]);
    expect(await records.jobs.heartbeat(claim, 60)).toBe(false);
    for (const write of [
      () => records.jobs.finishStep(SERVICE, claim, 'fetch', null),
      () => records.jobs.saveSegmentation(SERVICE, claim, labels()),
      () => records.jobs.saveFindings(SERVICE, claim, FINDINGS),
      () => records.jobs.saveEncoding(SERVICE, claim, plan()),
      () => records.jobs.saveStored(SERVICE, claim, stored('SEG', true)),
      () => records.jobs.finishJob(SERVICE, claim, 'held', []),
    ]) {
      await expect(write()).rejects.toMatchObject({ code: 'CLAIM_LOST' });
    }
  });

  it('answers for jobs that are over or unknown', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    await records.jobs.finishJob(SERVICE, claim, 'held', []);
    expect(await records.jobs.claim(SERVICE, claim, 60)).toEqual({ kind: 'over', state: 'held' });
    for (const jobId of ['not-an-id', '00000000-0000-4000-8000-000000000000']) {
      expect(await records.jobs.claim(SERVICE, { jobId, owner: OTHER }, 60)).toEqual({
        kind: 'unknown',
      });
      expect(await records.jobs.jobForWork(jobId)).toBeNull();
    }
  });

  it('is prolonged by heartbeats, which carry the progress', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    await endLease(id);
    expect(await records.jobs.heartbeat(claim, 60, 0.25)).toBe(true);
    expect(await records.jobs.staleJobs(new Date())).toEqual([]);
    expect(await records.queries.jobDetail(id)).toMatchObject({ progress: 0.25 });
  });
});

describe('staleJobs', () => {
  it('names running jobs past their lease and jobs that wait too long', async () => {
    const [lost, waiting] = [await newJob(), await newJob()];
    const { claim } = await claimed(records, lost.id);
    await endLease(lost.id);
    await sql(database.url, `UPDATE job SET available_at = now() - interval '2 h' WHERE id = $1`, [
      waiting.id,
    ]);
    const stale = await records.jobs.staleJobs(new Date());
    expect(stale.map((one) => [one.id, one.state, one.leaseOwner])).toEqual([
      [lost.id, 'running', claim.owner],
      [waiting.id, 'queued', null],
    ]);
  });
});

describe('steps', () => {
  it('are counted by attempt, each with its time and artifact', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    const artifact = { name: 'instances-abc.json', sha256: 'd'.repeat(64), bytes: 12 };
    expect(await records.jobs.startStep(SERVICE, claim, 'fetch')).toBe(1);
    await records.jobs.failStep(SERVICE, claim, 'fetch', LOST_ARCHIVE);
    expect(await records.jobs.startStep(SERVICE, claim, 'fetch')).toBe(2);
    await records.jobs.finishStep(SERVICE, claim, 'fetch', artifact);
    const steps = await records.queries.steps(id);
    expect(steps).toMatchObject([
      { attempt: 1, state: 'failed', artifact: null, error: { code: 'ARCHIVE_UNREACHABLE' } },
      { attempt: 2, state: 'done', artifact, error: null, host: SERVICE.host },
    ]);
    for (const step of steps) expect(step.seconds).toBeGreaterThanOrEqual(0);
  });

  it('give the job back to the queue when they are to be tried again later', async () => {
    const { study, id } = await newJob();
    const { claim } = await claimed(records, id);
    await records.jobs.startStep(SERVICE, claim, 'fetch');
    const retryAt = new Date(Date.now() + 60_000);
    await records.jobs.failStep(SERVICE, claim, 'fetch', LOST_ARCHIVE, retryAt);
    expect(await records.queries.studyDetail(study.studyInstanceUid)).toMatchObject({
      outcome: 'running',
      jobs: [{ state: 'queued', error: { code: 'ARCHIVE_UNREACHABLE', next: 'Start it.' } }],
    });
    const again = await records.jobs.claim(SERVICE, { jobId: id, owner: OTHER }, 60);
    expect(again).toMatchObject({ kind: 'claimed', takenOver: false });
  });

  it('cannot be ended before they began', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    await expect(records.jobs.finishStep(SERVICE, claim, 'store', null)).rejects.toMatchObject({
      code: 'STEP_NOT_RUNNING',
    });
  });
});

describe('labels', () => {
  it('of the first host stand, whoever comes later', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    const first = labels('first');
    await records.jobs.saveSegmentation(SERVICE, claim, first);
    const kept = await records.jobs.saveSegmentation(SERVICE, claim, labels('second'));
    expect(kept.sha256).toBe(first.sha256);
    const loaded = await records.jobs.loadLabels(id);
    expect(loaded).toEqual({ ...first, bytes: loaded?.bytes });
    expect(Buffer.from(loaded?.bytes ?? []).toString()).toBe('first');
    expect(await records.queries.jobDetail(id)).toMatchObject({
      hasLabels: true,
      device: 'cpu',
      modelHash: first.run.modelHash,
      segmentation: first.run,
    });
  });

  it('are refused when they are not what their hash says, on the way in and out', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    const wrong = { ...labels(), sha256: sha256('something else') };
    await expect(records.jobs.saveSegmentation(SERVICE, claim, wrong)).rejects.toMatchObject({
      code: 'LABELS_DAMAGED',
    });
    await records.jobs.saveSegmentation(SERVICE, claim, labels());
    await sql(database.url, `UPDATE job_labels SET bytes = 'x' WHERE job_id = $1`, [id]);
    await expect(records.jobs.loadLabels(id)).rejects.toMatchObject({ code: 'LABELS_DAMAGED' });
    await sql(database.url, `UPDATE job_labels SET bytes = 'labels' WHERE job_id = $1`, [id]);
    expect(await records.jobs.loadLabels(id)).not.toBeNull();
  });

  it('stay until retention removes those of jobs that ended before', async () => {
    const [done, live] = [await newJob(), await newJob()];
    for (const { id } of [done, live]) {
      await records.jobs.saveSegmentation(SERVICE, (await claimed(records, id)).claim, labels());
    }
    const { leaseOwner } =
      (
        await sql(database.url, 'SELECT lease_owner AS "leaseOwner" FROM job WHERE id = $1', [
          done.id,
        ])
      )[0] ?? {};
    await records.jobs.finishJob(
      SERVICE,
      { jobId: done.id, owner: String(leaseOwner) },
      'held',
      [],
    );
    expect(await records.jobs.dropLabels(SERVICE, new Date(0))).toBe(0);
    expect(
      await records.jobs.dropLabels(SERVICE, new Date(Date.now() + 1000)),
    ).toBeGreaterThanOrEqual(1);
    expect(await records.jobs.loadLabels(done.id)).toBeNull();
    expect(await records.jobs.loadLabels(live.id)).not.toBeNull();
  });
});

describe('findings', () => {
  it('come back to the last bit, and are saved once', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    expect(await records.jobs.loadFindings(id)).toBeNull();
    await records.jobs.saveFindings(SERVICE, claim, FINDINGS);
    await records.jobs.saveFindings(SERVICE, claim, FINDINGS);
    expect(await records.jobs.loadFindings(id)).toEqual(FINDINGS);
    expect(await records.queries.jobDetail(id)).toMatchObject({
      findings: [
        { structure: 'liver', volumeMl: 1234.567891, mean: 100.1 },
        { structure: 'spleen', mean: null },
      ],
      gate: FINDINGS.gate,
    });
    await expect(
      records.jobs.saveFindings(SERVICE, claim, { ...FINDINGS, unit: 'HU' }),
    ).rejects.toMatchObject({ code: 'FINDINGS_DIFFER' });
  });
});

describe('encoding', () => {
  it('fixes UIDs and times the first time, and only takes hashes afterwards', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    const first = plan();
    await records.jobs.saveEncoding(SERVICE, claim, first);
    expect(await records.jobs.saveEncoding(SERVICE, claim, plan())).toEqual(first);
    const hashed = {
      ...first,
      encodedAt: '2030-01-01T00:00:00.000Z',
      objects: first.objects.map((one) => ({ ...one, sha256: 'e'.repeat(64) })),
    };
    expect(await records.jobs.saveEncoding(SERVICE, claim, hashed)).toEqual({
      ...hashed,
      encodedAt: first.encodedAt,
    });
    const other = {
      ...hashed,
      objects: hashed.objects.map((one) => ({ ...one, sha256: 'f'.repeat(64) })),
    };
    await expect(records.jobs.saveEncoding(SERVICE, claim, other)).rejects.toMatchObject({
      code: 'ENCODING_DIFFERS',
    });
  });

  it('makes the series and instances known as our own before they are stored', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    const planned = plan();
    await records.jobs.saveEncoding(SERVICE, claim, planned);
    const uids = planned.objects.flatMap((one) => [one.seriesInstanceUid, one.sopInstanceUid]);
    const own = await records.intake.ownUids([...uids, uid()]);
    expect([...own].sort()).toEqual([...uids].sort());
  });
});

describe('results', () => {
  it('keep every word of the archive; the last one counts', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    const sent = stored('SEG', false);
    await records.jobs.saveStored(SERVICE, claim, sent);
    await records.jobs.saveStored(SERVICE, claim, sent);
    await records.jobs.saveStored(SERVICE, claim, {
      ...sent,
      verified: true,
      verification: 'content equal',
    });
    const rows = await sql(database.url, 'SELECT verified FROM result WHERE job_id = $1', [id]);
    expect(rows).toHaveLength(2);
    expect(await records.queries.jobDetail(id)).toMatchObject({
      results: [{ kind: 'SEG', verified: true, sopInstanceUid: sent.sopInstanceUid }],
    });
  });

  it('keep status and warning of the store when they are read back', async () => {
    const { id } = await newJob();
    await storeJob(records, id, 'stored after values were changed (warning reason 45056)');
    const results = (await records.queries.jobDetail(id))?.results;
    expect(results).toMatchObject([
      { kind: 'SEG', verified: true, status: 200, warning: expect.stringContaining('45056') },
      { kind: 'SR', verified: true, status: 200, warning: null },
    ]);
    expect(await records.audit.verify()).toMatchObject({ intact: true });
  });

  it('must all be verified before a job may be called stored', async () => {
    const { id } = await newJob();
    const { claim } = await claimed(records, id);
    await records.jobs.saveStored(SERVICE, claim, stored('SEG', true));
    await records.jobs.saveStored(SERVICE, claim, stored('SR', false));
    await expect(records.jobs.finishJob(SERVICE, claim, 'stored', [])).rejects.toMatchObject({
      code: 'NOT_VERIFIED',
      details: { missing: ['SR'] },
    });
    expect(await records.queries.jobDetail(id)).toMatchObject({ state: 'running' });
  });
});

describe('finishJob and cancel', () => {
  it('keep the error that ended the job', async () => {
    const { study, id } = await newJob();
    const { claim } = await claimed(records, id);
    const error = refuse('MISSING_SLICES', 'Slice 7 is missing.', 'Send the series again.');
    const reason = {
      code: error.code,
      message: error.message,
      next: error.next,
      seriesInstanceUid: null,
    };
    await records.jobs.finishJob(SERVICE, claim, 'refused', [reason], error);
    expect(await records.queries.studyDetail(study.studyInstanceUid)).toMatchObject({
      outcome: 'failed',
      reasons: [reason],
      jobs: [
        { state: 'refused', error: { code: 'MISSING_SLICES', next: 'Send the series again.' } },
      ],
    });
  });

  it('cancel a live job once', async () => {
    const { study, id } = await newJob();
    const reason = { code: 'CANCELLED', message: 'By anna.', next: null, seriesInstanceUid: null };
    expect(await records.jobs.cancel(SERVICE, id, reason)).toBe(true);
    expect(await records.jobs.cancel(SERVICE, id, reason)).toBe(false);
    expect(await records.queries.studyDetail(study.studyInstanceUid)).toMatchObject({
      outcome: 'nothing-to-do',
      jobs: [{ state: 'cancelled' }],
    });
  });

  it('leave an unbroken audit chain behind all of this', async () => {
    expect(await records.audit.verify()).toMatchObject({ intact: true, problems: [] });
  });
});
