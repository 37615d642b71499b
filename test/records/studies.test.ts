import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuse } from '../../src/contracts/index.ts';
import { type Records, openRecords } from '../../src/records/index.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import {
  SERVICE,
  decided,
  headersOf,
  listing,
  queue,
  revisionOf,
  series,
  toSave,
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

async function actions(studyInstanceUid: string): Promise<string[]> {
  const page = await records.audit.page({ entity: 'study', entityId: studyInstanceUid });
  return page.map((event) => event.action).reverse();
}

describe('observeStudy', () => {
  it('puts a new study into the table as running', async () => {
    const study = listing();
    await records.studies.observeStudy(SERVICE, study);
    const detail = await records.queries.studyDetail(study.studyInstanceUid);
    expect(detail).toMatchObject({
      outcome: 'running',
      reasons: [{ code: 'WAITING_FOR_IMAGES' }],
      patientName: 'Müller^Hans',
      patientId: 'PAT-1',
      accessionNumber: 'ACC-1',
      studyDate: '20260301',
      modalities: ['MR'],
      seriesCount: 2,
      instanceCount: 6,
      revision: 0,
    });
    expect(detail?.series.map((one) => one.instanceCount)).toEqual([3, 3]);
  });

  it('writes nothing when nothing changed, and follows series that come and go', async () => {
    const study = listing();
    await records.studies.observeStudy(SERVICE, study);
    await records.studies.observeStudy(SERVICE, study);
    expect(await actions(study.studyInstanceUid)).toEqual(['study.observed']);
    const [kept] = study.series;
    if (kept === undefined) throw new Error('a series expected');
    await records.studies.observeStudy(SERVICE, { ...study, series: [kept, series(1)] });
    expect(await actions(study.studyInstanceUid)).toEqual(['study.observed', 'study.changed']);
    const detail = await records.queries.studyDetail(study.studyInstanceUid);
    expect(detail?.series.map((one) => [one.present, one.instanceCount])).toEqual([
      [true, 3],
      [false, 3],
      [true, 1],
    ]);
  });

  it('makes one row when two nodes see a study at once', async () => {
    const study = listing();
    await Promise.all(
      Array.from({ length: 6 }, () => records.studies.observeStudy(SERVICE, study)),
    );
    expect(await actions(study.studyInstanceUid)).toEqual(['study.observed']);
  });

  it('keeps the same UID of two archives apart', async () => {
    const study = listing();
    await records.studies.observeStudy(SERVICE, study);
    await records.studies.observeStudy(SERVICE, { ...study, archive: 'second' });
    const page = await records.queries.studiesPage({ text: study.studyInstanceUid });
    expect(page.rows.map((row) => row.archive).sort()).toEqual(['main', 'second']);
    const one = await records.queries.studyDetail(study.studyInstanceUid, 'second');
    expect(one?.archive).toBe('second');
  });

  it('refuses a UID that no archive may send', async () => {
    await expect(
      records.studies.observeStudy(SERVICE, listing({ studyInstanceUid: '1'.repeat(5000) })),
    ).rejects.toMatchObject({ code: 'INVALID_UID', errorClass: 'refuse' });
  });

  it('bounds text of any length', async () => {
    const study = listing({ studyDescription: 'x'.repeat(100_000) });
    await records.studies.observeStudy(SERVICE, study);
    const detail = await records.queries.studyDetail(study.studyInstanceUid);
    expect(detail?.description).toHaveLength(1024);
  });
});

describe('revisions', () => {
  it('come back as they were saved, the newest of the archive', async () => {
    const study = listing();
    const later = { ...study, series: [...study.series, series()] };
    await records.studies.saveRevision(SERVICE, revisionOf(study, 1));
    await records.studies.saveRevision(SERVICE, revisionOf(later, 2), headersOf(later));
    expect(await records.studies.latestRevision(study.studyInstanceUid, 'main')).toEqual(
      revisionOf(later, 2),
    );
    expect(await records.studies.latestRevision(study.studyInstanceUid, 'other')).toBeNull();
    expect(await records.studies.headersOf(study.studyInstanceUid, 'main', 2)).toEqual(
      headersOf(later),
    );
    expect(await records.studies.headersOf(study.studyInstanceUid, 'main', 1)).toBeNull();
  });

  it('are saved once, and never with two fingerprints', async () => {
    const study = listing();
    await records.studies.saveRevision(SERVICE, revisionOf(study));
    await records.studies.saveRevision(SERVICE, revisionOf(study));
    await expect(
      records.studies.saveRevision(SERVICE, { ...revisionOf(study), fingerprint: 'other' }),
    ).rejects.toMatchObject({ code: 'REVISION_CONFLICT', errorClass: 'fault' });
    expect(
      (await actions(study.studyInstanceUid)).filter((one) => one === 'revision.saved'),
    ).toEqual(['revision.saved']);
  });

  it('stand among the undecided until they are decided on or refused', async () => {
    const [open, decidedOne, refused] = [listing(), listing(), listing()];
    for (const study of [open, decidedOne, refused]) {
      await records.studies.saveRevision(SERVICE, revisionOf(study));
    }
    await records.decisions.saveDecision(SERVICE, toSave(decidedOne), queue().enqueue);
    const error = refuse('NO_HEADERS', 'The archive gives no headers.', 'Repair the archive.');
    await records.studies.refuseStudy(SERVICE, refused, error);
    const undecided = (await records.studies.undecided(100)).map(
      (one) => one.listing.studyInstanceUid,
    );
    expect(undecided).toContain(open.studyInstanceUid);
    expect(undecided).not.toContain(decidedOne.studyInstanceUid);
    expect(undecided).not.toContain(refused.studyInstanceUid);
  });
});

describe('refuseStudy', () => {
  const error = refuse('NO_HEADERS', 'The archive gives no headers.', 'Repair the archive.');

  it('shows the study as failed with what to do, even one that was never listed', async () => {
    const study = { archive: 'main', studyInstanceUid: listing().studyInstanceUid };
    await records.studies.refuseStudy(SERVICE, study, error);
    expect(await records.queries.studyDetail(study.studyInstanceUid)).toMatchObject({
      outcome: 'failed',
      reasons: [{ code: 'NO_HEADERS', next: 'Repair the archive.' }],
    });
  });

  it('is forgotten with the next revision, and with a re-run', async () => {
    const study = listing();
    await records.studies.saveRevision(SERVICE, revisionOf(study, 1));
    await records.studies.refuseStudy(SERVICE, study, error);
    await records.jobs.rerun(SERVICE, study, queue().enqueue);
    const again = await records.queries.studyDetail(study.studyInstanceUid);
    expect(again?.outcome).toBe('running');
    await records.studies.refuseStudy(SERVICE, study, error);
    await records.studies.saveRevision(SERVICE, {
      ...revisionOf({ ...study, series: [...study.series, series()] }, 2),
    });
    const later = await records.queries.studyDetail(study.studyInstanceUid);
    expect(later).toMatchObject({
      outcome: 'running',
      reasons: [{ code: 'WAITING_FOR_DECISION' }],
    });
  });

  it('does not touch what an earlier revision stored', async () => {
    const { study } = await decided(records);
    await records.studies.refuseStudy(SERVICE, study, error);
    const detail = await records.queries.studyDetail(study.studyInstanceUid);
    expect(detail?.jobs).toHaveLength(1);
    expect(detail?.outcome).toBe('failed');
  });
});
