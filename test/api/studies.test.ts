import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import {
  nodeSchema,
  patientSchema,
  rerunSchema,
  studyPageSchema,
  studySchema,
} from '../../src/api/schemas.ts';
import { decided, storeJob } from '../records/fixtures.ts';
import { PATIENT, fillScene, tokenOf, type Scene } from '../support/records-scene.ts';
import { ask, get, startTestApi, type ApiUnderTest } from './api-under-test.ts';
import { failure } from './failure.ts';

let api: ApiUnderTest;
let scene: Scene;
let [admin, auditor, radiologist] = ['', '', ''];

beforeAll(async () => {
  api = await startTestApi();
  scene = await fillScene(api.records);
  admin = await tokenOf(api.records, 'admin');
  auditor = await tokenOf(api.records, 'auditor');
  radiologist = await tokenOf(api.records, 'radiologist');
}, 180_000);
afterAll(() => api.stop());

const studies = async (query: string, token = auditor) =>
  (await get(studyPageSchema, `${api.url}/api/studies?${query}`, token)).studies;

describe('GET /api/studies', () => {
  it('lists every study with outcome, sequences, reasons and times, newest first', async () => {
    const rows = await studies('');
    expect(rows.map((row) => row.outcome)).toEqual([
      'running', 'stored', 'held', 'failed', 'stored-with-refusals', 'nothing-to-do', 'stored', 'running',
    ]); // prettier-ignore
    const [waiting] = rows.slice(-1);
    expect(waiting?.reasons[0]?.code).toBe('WAITING_FOR_IMAGES');
    expect(waiting?.decidedAt).toBeNull();
    const main = rows.find((row) => row.studyInstanceUid === scene.stored);
    expect(main).toMatchObject({
      description: 'MR Abdomen nativ',
      sequences: ['dwi', 'haste', 'localizer', 't1_in_phase'],
      seriesCount: 4,
      instanceCount: 249,
    });
  });

  it('pages without gap or repeat', async () => {
    const all = (await studies('')).map((row) => row.studyInstanceUid);
    const paged: string[] = [];
    let cursor = '';
    do {
      const address = `${api.url}/api/studies?limit=3${cursor && `&cursor=${cursor}`}`;
      const page = await get(studyPageSchema, address, auditor);
      expect(page.studies.length).toBeLessThanOrEqual(3);
      paged.push(...page.studies.map((row) => row.studyInstanceUid));
      cursor = page.next ?? '';
    } while (cursor !== '');
    expect(paged).toEqual(all);
  });

  it('filters by outcome, sequence, archive, time and text', async () => {
    expect(await studies('outcome=held')).toMatchObject([{ studyInstanceUid: scene.held }]);
    expect(await studies('sequence=dwi')).toMatchObject([{ studyInstanceUid: scene.stored }]);
    expect(await studies('text=primovist')).toMatchObject([{ studyInstanceUid: scene.failed }]);
    expect(await studies(`text=${scene.held}`)).toMatchObject([{ studyInstanceUid: scene.held }]);
    expect(await studies('archive=elsewhere')).toEqual([]);
    expect(await studies('to=2020-01-01T00:00:00Z')).toEqual([]);
    expect(await studies('from=2020-01-01T00:00:00Z')).toHaveLength(8);
  });

  it.each([
    ['outcome=lost', 'BAD_REQUEST'],
    ['outcome=held&outcome=failed', 'BAD_REQUEST'],
    ['limit=0', 'BAD_REQUEST'],
    ['limit=501', 'BAD_REQUEST'],
    ['limit=1e9', 'BAD_REQUEST'],
    ['colour=red', 'BAD_REQUEST'],
    ['text=a%00b', 'BAD_REQUEST'],
    ['from=yesterday', 'BAD_REQUEST'],
    ['from=0000-01-01T00:00:00Z', 'BAD_REQUEST'],
    ['cursor=nonsense', 'BAD_QUERY'],
  ])('refuses ?%s', async (query, code) => {
    expect(await ask(`${api.url}/api/studies?${query}`, { token: auditor })).toEqual(
      failure(400, code),
    );
  });

  it('bears cursors that nobody was given', async () => {
    for (const text of ['999999999999999.999999999999999999', '0.0']) {
      const cursor = Buffer.from(text).toString('base64url');
      const { status } = await ask(`${api.url}/api/studies?cursor=${cursor}`, { token: auditor });
      expect([200, 400]).toContain(status);
    }
  });
});

describe('GET /api/studies/{uid}', () => {
  const study = (uid: string, token = auditor) =>
    get(studySchema, `${api.url}/api/studies/${uid}`, token);

  it('has every series with verdict, reason, evidence and rules', async () => {
    const { series, ruleSetVersion } = await study(scene.stored);
    expect(ruleSetVersion).toMatch(/^b7d9e0417c52/);
    expect(series.map((one) => [one.sequence, one.taken])).toEqual([
      ['localizer', false],
      ['haste', true],
      ['t1_in_phase', true],
      ['dwi', false],
    ]);
    for (const one of series) {
      expect(one.reason).not.toBe('');
      expect(one.rules).toHaveLength(3);
    }
    expect(series[2]?.evidence.map((item) => item.weight)).toEqual([4, 2, 2, -4]);
  });

  it('has steps, results, findings and gate of every job', async () => {
    const { jobs } = await study(scene.stored);
    expect(jobs.map((job) => job.state)).toEqual(['stored', 'stored']);
    const [job] = jobs;
    expect(job?.steps.map((step) => step.step)).toEqual([
      'fetch', 'segment', 'measure', 'encode', 'store', 'verify',
    ]); // prettier-ignore
    expect(job?.results.map((one) => [one.kind, one.verified])).toEqual([
      ['SEG', true],
      ['SR', true],
    ]);
    expect(job?.findings.find((one) => one.structure === 'liver')?.volumeMl).toBeCloseTo(153.6, 3);
    expect(job?.gate.length).toBeGreaterThan(0);
  });

  it('says why a study is held or failed and what to do', async () => {
    const held = await study(scene.held);
    expect(held.jobs[0]?.gate.some((one) => one.level === 'hold')).toBe(true);
    expect(held.reasons[0]).toMatchObject({ code: 'HELD_BY_GATE' });
    const failed = await study(scene.failed);
    expect(failed.jobs[0]?.steps.map((step) => [step.step, step.attempt, step.state])).toEqual([
      ['fetch', 1, 'failed'],
      ['fetch', 2, 'done'],
      ['segment', 1, 'failed'],
    ]);
    expect(failed.jobs[0]?.steps[2]?.error?.code).toBe('MODEL_DAMAGED');
  });

  it('is not found when unknown, here or in the archive that is named', async () => {
    for (const path of ['1.2.3', `${scene.stored}?archive=elsewhere`, 'x%27%20OR%201=1']) {
      expect(await ask(`${api.url}/api/studies/${path}`, { token: auditor })).toEqual(
        failure(404, 'NOT_FOUND'),
      );
    }
    for (const path of ['%00', '1'.repeat(200)]) {
      expect(await ask(`${api.url}/api/studies/${path}`, { token: auditor })).toEqual(
        failure(400, 'BAD_REQUEST'),
      );
    }
    expect(await ask(`${api.url}/api/studies/%E0%A4%A`, { token: auditor })).toEqual(
      failure(400, 'BAD_REQUEST'),
    );
  });
});

describe('patient data', () => {
  const patientOf = (uid: string) => `${api.url}/api/studies/${uid}/patient`;
  const looks = async (uid: string) =>
    (await api.records.audit.page({ entity: 'study', entityId: uid })).filter(
      (event) => event.action === 'patient.viewed',
    );

  it('is in no answer of the table or of a study', async () => {
    for (const path of ['/api/studies', `/api/studies/${scene.stored}`]) {
      const text = JSON.stringify((await ask(`${api.url}${path}`, { token: admin })).body);
      for (const part of Object.values(PATIENT)) expect(text).not.toContain(part);
    }
  });

  it('is shown to a radiologist, and each look is recorded', async () => {
    expect(await get(patientSchema, patientOf(scene.held), radiologist)).toEqual({
      name: PATIENT.name,
      id: PATIENT.id,
      accessionNumber: PATIENT.accession,
    });
    await get(patientSchema, patientOf(scene.held), admin);
    expect((await looks(scene.held)).map(({ actor }) => [actor.kind, actor.name])).toEqual([
      ['user', 'admin'],
      ['user', 'radiologist'],
    ]);
  });

  it('is refused to an auditor, who gets to know nothing by searching either', async () => {
    expect(await ask(patientOf(scene.failed), { token: auditor })).toEqual(
      failure(403, 'FORBIDDEN'),
    );
    expect(await looks(scene.failed)).toEqual([]);
    for (const text of ['przykładowa', 'Zofia', 'PID-4711', 'A-2026', 'zo']) {
      const query = `text=${encodeURIComponent(text)}`;
      expect(await studies(query, radiologist)).toHaveLength(8);
      expect(await studies(query, auditor)).toEqual([]);
    }
    expect((await studies('text=abdomen', auditor)).length).toBeGreaterThan(3);
    expect((await studies('text=ab', auditor)).length).toBeGreaterThan(3);
  });

  it('is shown to everybody where the configuration masks nothing, and still recorded', async () => {
    const open = await startTestApi({ maskPatientData: false });
    try {
      const { study } = await decided(open.records);
      const uid = study.studyInstanceUid;
      const token = await tokenOf(open.records, 'auditor');
      await get(patientSchema, `${open.url}/api/studies/${uid}/patient`, token);
      const events = await open.records.audit.page({ entity: 'study', entityId: uid });
      expect(events[0]).toMatchObject({ action: 'patient.viewed', actor: { name: 'auditor' } });
    } finally {
      await open.stop();
    }
  });
});

describe('the picture of a job', () => {
  it('is a PNG', async () => {
    const response = await fetch(`${api.url}/api/jobs/${scene.pictured}/preview.png`, {
      headers: { Authorization: `Bearer ${auditor}` },
    });
    expect(response.headers.get('content-type')).toBe('image/png');
    const bytes = Buffer.from(await response.arrayBuffer());
    expect(bytes.subarray(0, 8).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
  });

  it('is not found when there is none, and asked for by id alone', async () => {
    const none = '0b7f6a52-6f0e-4b0f-9d5c-8a4f9d1c2b3a';
    const of = (id: string) => ask(`${api.url}/api/jobs/${id}/preview.png`, { token: auditor });
    expect(await of(none)).toEqual(failure(404, 'NOT_FOUND'));
    expect(await of('7')).toEqual(failure(400, 'BAD_REQUEST'));
  });
});

describe('POST /api/studies/{uid}/rerun', () => {
  it('makes a new run of every target that is over, and puts it into the queue', async () => {
    const address = `${api.url}/api/studies/${scene.failed}/rerun`;
    const { status, body } = await ask(address, { method: 'POST', token: admin });
    expect(status).toBe(200);
    const { jobs } = rerunSchema.parse(body);
    expect(jobs).toHaveLength(1);
    expect(api.enqueued.map((job) => job.id)).toEqual(jobs);
    const events = await api.records.audit.page({ entity: 'job', entityId: jobs[0] ?? '' });
    expect(events.some(({ action, actor }) => action === 'job.rerun' && actor.name === 'admin')).toBe(true); // prettier-ignore
    const again = await ask(address, { method: 'POST', token: admin });
    expect(again.body).toEqual({ jobs: [] });
  });
});

describe('GET /api/node', () => {
  it('counts the studies of every outcome', async () => {
    const node = await get(nodeSchema, `${api.url}/api/node`, auditor);
    expect(node.version).toBe('1.2.3');
    expect(node.studies).toMatchObject({ stored: 2, held: 1, 'nothing-to-do': 1 });
  });
});

describe('a warning of the archive', () => {
  it('stands with the result that it was about', async () => {
    const decision = await decided(api.records);
    await storeJob(api.records, decision.jobs[0]?.id ?? '', 'stored without some of its elements');
    const address = `${api.url}/api/studies/${decision.study.studyInstanceUid}`;
    const [job] = (await get(studySchema, address, auditor)).jobs;
    expect(job?.results.map(({ kind, warning }) => [kind, warning])).toEqual([
      ['SEG', 'stored without some of its elements'],
      ['SR', null],
    ]);
  });
});
