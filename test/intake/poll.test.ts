import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { Archive } from '../../src/archive/index.ts';
import { SitusError } from '../../src/contracts/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import { Poll, type PollReport } from '../../src/intake/poll.ts';
import { openRecords, type Records } from '../../src/records/index.ts';
import { archiveAt, sendable } from '../support/archive-under-test.ts';
import { makeSeries, type SeriesOptions, type TestSeries } from '../support/dicom.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

const ACTOR = { kind: 'service', name: 'intake', host: 'test' } as const;
const ALL = { search: 'sweep', changed: new Set<string>() } as const;
const SETTLE_SECONDS = 60;

describe('a poll', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let records: Records;
  let archive: Archive;
  let clock: Date;
  let study = 0;

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    records = await openRecords(database.url);
    archive = archiveAt(orthanc.baseUrl, {
      name: 'main',
      auth: { kind: 'basic', username: orthanc.username, password: orthanc.password },
    });
  }, 120_000);

  afterAll(async () => {
    await archive?.close();
    await records?.close();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  beforeEach(() => {
    clock = new Date('2026-11-02T12:00:00Z');
    study += 1;
  });

  function poller(over: Partial<Archive> = {}): () => Promise<PollReport> {
    const poll = new Poll({
      archive: { ...archive, ...over },
      records,
      actor: ACTOR,
      settings: { modalities: ['MR', 'CT'], settleSeconds: SETTLE_SECONDS, lookbackDays: 36_500 },
      now: () => clock,
    });
    return () => poll.run(ALL, new AbortController().signal);
  }

  const later = (seconds: number): void => {
    clock = new Date(clock.getTime() + seconds * 1000);
  };

  async function send(options: SeriesOptions = {}): Promise<TestSeries> {
    const series = makeSeries({
      studySeed: `poll ${study}`,
      seed: `poll ${study}`,
      slices: 3,
      ...options,
    });
    await archive.store(sendable(series));
    return series;
  }

  const revisionOf = async (series: TestSeries) =>
    records.studies.latestRevision(series.studyInstanceUid, 'main');

  const rowOf = (series: TestSeries) => records.queries.studyDetail(series.studyInstanceUid);

  it('saves a revision once a study has held still for the settle time, and not before', async () => {
    const series = await send();
    const poll = poller();
    await poll();
    expect(await rowOf(series)).toMatchObject({
      outcome: 'running',
      reasons: [{ code: 'WAITING_FOR_IMAGES' }],
    });
    later(SETTLE_SECONDS - 1);
    await poll();
    expect(await revisionOf(series)).toBeNull();
    later(1);
    expect(await poll()).toMatchObject({ settled: 1 });
    expect((await revisionOf(series))?.revision).toBe(1);
    later(SETTLE_SECONDS);
    expect(await poll()).toMatchObject({ settled: 0, waiting: 0 });
  });

  it('begins to wait anew when an instance arrives, and makes a new revision of a late one', async () => {
    const series = await send();
    const poll = poller();
    await poll();
    later(SETTLE_SECONDS - 1);
    await send({ slices: 4 });
    await poll();
    later(SETTLE_SECONDS - 1);
    await poll();
    expect(await revisionOf(series)).toBeNull();
    later(1);
    await poll();
    expect((await revisionOf(series))?.listing.series[0]?.sopInstanceUids).toHaveLength(4);
    await send({ slices: 5 });
    await poll();
    later(SETTLE_SECONDS);
    await poll();
    expect((await revisionOf(series))?.revision).toBe(2);
  });

  it('does not reopen a study for results of any Situs', async () => {
    const series = await send();
    const poll = poller();
    await poll();
    later(SETTLE_SECONDS);
    await poll();
    await send({ seed: `result ${study}`, header: { Modality: 'SEG', Manufacturer: 'Situs' } });
    for (let look = 0; look < 3; look += 1) {
      await poll();
      later(SETTLE_SECONDS);
    }
    const revision = await revisionOf(series);
    expect(revision?.revision).toBe(1);
    expect(revision?.listing.series).toHaveLength(1);
  });

  it('takes what other software derived for a part of the study', async () => {
    const series = await send();
    await send({ seed: `other ${study}`, header: { Modality: 'SEG', Manufacturer: 'Somebody' } });
    const poll = poller();
    await poll();
    later(SETTLE_SECONDS);
    await poll();
    expect((await revisionOf(series))?.listing.series).toHaveLength(2);
  });

  it('shows a study that cannot be listed with the reason, goes on with others, and forgets it when it can', async () => {
    const bad = await send();
    const good = await send({ studySeed: `beside ${study}`, seed: `beside ${study}` });
    let failing = true;
    const poll = poller({
      listStudy: (uid, options) => {
        if (!failing || uid !== bad.studyInstanceUid) return archive.listStudy(uid, options);
        throw new SitusError({
          code: 'ARCHIVE_REFUSED',
          message: 'The archive failed to do this.',
          next: 'It is asked again by itself.',
          errorClass: 'retry',
          origin: 'archive',
        });
      },
    });
    expect(await poll()).toMatchObject({ failed: 1 });
    expect(await rowOf(bad)).toMatchObject({
      outcome: 'failed',
      reasons: [{ code: 'ARCHIVE_REFUSED', next: 'It is asked again by itself.' }],
    });
    expect(await rowOf(good)).toMatchObject({ outcome: 'running' });
    failing = false;
    await poll();
    expect(await rowOf(bad)).toMatchObject({
      outcome: 'running',
      reasons: [{ code: 'WAITING_FOR_IMAGES' }],
    });
  });

  it('lets a study with results keep its outcome while one listing fails, not when all do', async () => {
    const series = await send();
    let failing = false;
    const poll = poller({
      listStudy: (uid, options) => {
        if (!failing || uid !== series.studyInstanceUid) return archive.listStudy(uid, options);
        throw new SitusError({
          code: 'ARCHIVE_BAD_ANSWER',
          message: 'The archive answered with a page.',
          next: 'Check the URL.',
          errorClass: 'retry',
          origin: 'archive',
        });
      },
    });
    await poll();
    later(SETTLE_SECONDS);
    await poll();
    await send({ slices: 4 });
    failing = true;
    await poll();
    expect(await rowOf(series)).toMatchObject({ outcome: 'running' });
    await poll();
    await poll();
    expect(await rowOf(series)).toMatchObject({ outcome: 'failed' });
    failing = false;
    await poll();
    expect(await rowOf(series)).toMatchObject({ outcome: 'running' });
  });

  it('says of a study that vanished before it was complete that it is gone', async () => {
    const series = await send();
    let gone = false;
    const poll = poller({
      listStudy: (uid, options) =>
        gone && uid === series.studyInstanceUid
          ? Promise.resolve(null)
          : archive.listStudy(uid, options),
    });
    await poll();
    gone = true;
    await poll();
    expect(await rowOf(series)).toMatchObject({
      outcome: 'failed',
      reasons: [{ code: 'STUDY_GONE' }],
    });
  });

  it('ends with the error when the archive as a whole does not answer', async () => {
    const down = archiveAt('http://127.0.0.1:9', { name: 'main' });
    const poll = poller({ searchStudies: (query, options) => down.searchStudies(query, options) });
    await expect(poll()).rejects.toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
    await down.close();
  });
});
