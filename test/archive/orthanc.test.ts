import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createArchive, type Archive } from '../../src/archive/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import { makeSeries, type TestSeries } from '../support/dicom.ts';
import { collect, sendable } from '../support/archive-under-test.ts';
import { startTestOrthanc } from '../support/orthanc.ts';

let orthanc: RunningOrthanc;
let archive: Archive;
const mr = makeSeries({
  seed: 'mr',
  studySeed: 'one',
  modality: 'MR',
  slices: 12,
  header: {
    StudyDate: '20240310',
    StudyDescription: 'Abdomen',
    SpecificCharacterSet: 'ISO_IR 192',
    PatientName: 'Łukasz^Żółć',
  },
});
const second = makeSeries({
  seed: 'mr-2',
  studySeed: 'one',
  modality: 'MR',
  slices: 3,
  header: { StudyDate: '20240310', StudyDescription: 'Abdomen' },
});
const ct = makeSeries({
  seed: 'ct',
  studySeed: 'two',
  modality: 'CT',
  slices: 2,
  header: { StudyDate: '20230101' },
});

beforeAll(async () => {
  orthanc = await startTestOrthanc();
  archive = open({ name: 'main' });
  for (const series of [mr, second, ct]) await archive.store(sendable(series));
});

afterAll(async () => {
  await archive.close();
  await orthanc.stop();
});

function open(options: {
  readonly name?: string;
  readonly password?: string;
  readonly pageSize?: number;
}) {
  return createArchive({
    name: options.name ?? 'main',
    url: orthanc.dicomWebUrl,
    auth: {
      kind: 'basic',
      username: orthanc.username,
      password: options.password ?? orthanc.password,
    },
    limits: { requestsPerSecond: 1000 },
    pageSize: options.pageSize ?? 50,
  });
}

function uidsOf(series: TestSeries): string[] {
  return series.instances.map(({ sopInstanceUid }) => sopInstanceUid).sort();
}

describe('searching', () => {
  it('finds studies by modality and date, with counts and description', async () => {
    const rows = await collect(
      archive.searchStudies({ modalities: ['MR'], studyDateFrom: '20240101' }),
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      studyInstanceUid: mr.studyInstanceUid,
      studyDate: '20240310',
      studyDescription: 'Abdomen',
      modalities: ['MR'],
      seriesCount: 2,
      instanceCount: 15,
    });
  });

  it('asks for each modality by itself and merges the rows, page by page', async () => {
    const small = open({ pageSize: 1 });
    const rows = await collect(small.searchStudies({ modalities: ['CT', 'MR', 'MR'] }));
    expect(rows.map((row) => row.studyInstanceUid).sort()).toEqual(
      [mr.studyInstanceUid, ct.studyInstanceUid].sort(),
    );
    await small.close();
  });

  it('keeps the borders of the date range', async () => {
    const day = { modalities: [], studyDateFrom: '20230101', studyDateTo: '20230101' };
    expect(await collect(archive.searchStudies(day))).toHaveLength(1);
    const after = { modalities: [], studyDateFrom: '20230102', studyDateTo: '20240309' };
    expect(await collect(archive.searchStudies(after))).toEqual([]);
  });
});

describe('listing', () => {
  it('lists every series with its sorted instances', async () => {
    const listing = await archive.listStudy(mr.studyInstanceUid);
    expect(listing).toMatchObject({ archive: 'main', modalities: ['MR'], studyDate: '20240310' });
    const series = new Map(listing?.series.map((one) => [one.seriesInstanceUid, one]));
    expect(series.get(mr.seriesInstanceUid)).toMatchObject({
      modality: 'MR',
      sopInstanceUids: uidsOf(mr),
    });
    expect(series.get(second.seriesInstanceUid)?.sopInstanceUids).toEqual(uidsOf(second));
    expect(series.size).toBe(2);
  });

  it('has nothing to list of a study that is not there', async () => {
    expect(await archive.listStudy('2.25.404')).toBeNull();
    const nowhere = { studyInstanceUid: '2.25.404', seriesInstanceUid: '2.25.405' };
    expect(await archive.listInstances(nowhere)).toEqual([]);
  });

  it('gives metadata of every instance, text unharmed', async () => {
    const metadata = await archive.seriesMetadata(mr);
    const names = metadata.map((one) => one['00100010']?.Value?.[0]);
    expect(names).toEqual(Array.from({ length: 12 }, () => ({ Alphabetic: 'Łukasz^Żółć' })));
    expect(metadata.map((one) => one['00080018']?.Value?.[0]).sort()).toEqual(uidsOf(mr));
  });

  it('refuses what is no UID before it becomes part of a URL', async () => {
    await expect(archive.listStudy('1.2/../..')).rejects.toMatchObject({ code: 'UID_INVALID' });
  });
});

describe('retrieving', () => {
  it('brings a whole series, byte for byte', async () => {
    const got = await collect(archive.fetchSeries(mr));
    const sent = new Map(mr.instances.map((one) => [one.sopInstanceUid, one.bytes]));
    expect(got.map((one) => one.sopInstanceUid).sort()).toEqual(uidsOf(mr));
    for (const { sopInstanceUid, bytes } of got) {
      expect(Buffer.compare(bytes, sent.get(sopInstanceUid) ?? new Uint8Array())).toBe(0);
    }
  });

  it.each([2, 9])('brings the %d instances that are wanted and no others', async (count) => {
    const wanted = uidsOf(mr).slice(0, count);
    const got = await collect(archive.fetchSeries(mr, { sopInstanceUids: wanted }));
    expect(got.map((one) => one.sopInstanceUid).sort()).toEqual(wanted);
  });

  it('says when an instance or a series is not there', async () => {
    const nowhere = { ...mr, sopInstanceUid: '2.25.404' };
    await expect(archive.retrieveInstance(nowhere)).rejects.toMatchObject({
      code: 'NOT_IN_ARCHIVE',
      errorClass: 'refuse',
    });
    const gone = { studyInstanceUid: '2.25.404', seriesInstanceUid: '2.25.405' };
    await expect(collect(archive.fetchSeries(gone))).rejects.toMatchObject({
      code: 'NOT_IN_ARCHIVE',
    });
  });

  it('does not call a series whole when a wanted instance is missing', async () => {
    const wanted = [...uidsOf(mr), '2.25.404'];
    const fetching = collect(archive.fetchSeries(mr, { sopInstanceUids: wanted }));
    await expect(fetching).rejects.toMatchObject({
      code: 'SERIES_INCOMPLETE',
      errorClass: 'retry',
      details: { lacking: ['2.25.404'] },
    });
  });
});

describe('storing', () => {
  it('stores, finds and brings back; a second time does no harm', async () => {
    const fresh = sendable(makeSeries({ seed: 'fresh', studySeed: 'three', slices: 2 }));
    const [first] = fresh;
    if (first === undefined) throw new Error('a series of two has a first');
    expect(await archive.has(first)).toBe(false);
    const outcome = await archive.store(fresh);
    expect(outcome.status).toBe(200);
    expect(outcome.instances).toEqual(
      fresh.map(({ sopInstanceUid }) => ({ sopInstanceUid, state: 'stored' })),
    );
    expect(await archive.has(first)).toBe(true);
    expect(Buffer.compare(await archive.retrieveInstance(first), first.bytes)).toBe(0);
    const again = await archive.store(fresh);
    expect(again.instances).toHaveLength(2);
    expect(await archive.listInstances(first)).toHaveLength(2);
  });

  it('names the damaged instance of a request and knows that the other was stored', async () => {
    const [good, bad] = sendable(makeSeries({ seed: 'damaged', studySeed: 'four', slices: 2 }));
    if (good === undefined || bad === undefined) throw new Error('two slices were asked for');
    const cut = { ...bad, bytes: bad.bytes.slice(0, bad.bytes.byteLength - 40) };
    await expect(archive.store([good, cut])).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      errorClass: 'retry',
      origin: 'archive',
      details: { instances: [{ sopInstanceUid: bad.sopInstanceUid }] },
    });
    expect(await archive.has(good)).toBe(true);
    expect(await archive.has(bad)).toBe(false);
  });

  it('is not taken in by an answer of 200 to what was not understood', async () => {
    const [one] = sendable(makeSeries({ seed: 'nonsense', studySeed: 'five', slices: 1 }));
    if (one === undefined) throw new Error('one slice was asked for');
    const nonsense = { ...one, bytes: new Uint8Array(1000).fill(65) };
    await expect(archive.store([nonsense])).rejects.toMatchObject({ code: 'STORE_REFUSED' });
  });
});

describe('the change log', () => {
  it('tells of new studies and leads to their UIDs', async () => {
    const since = (await archive.lastChange()) ?? -1;
    expect(since).toBeGreaterThan(0);
    const late = makeSeries({ seed: 'late', studySeed: 'late', slices: 1 });
    await archive.store(sendable(late));
    const changes = await archive.changes(since);
    const study = changes?.changes.find(({ type }) => type === 'NewStudy');
    if (study === undefined) throw new Error('the new study is not in the log');
    expect(await archive.studyOfChange(study)).toBe(late.studyInstanceUid);
    const instance = changes?.changes.find(({ type }) => type === 'NewInstance');
    if (instance === undefined) throw new Error('the new instance is not in the log');
    expect(await archive.studyOfChange(instance)).toBe(late.studyInstanceUid);
    expect(changes).toMatchObject({ done: true, fellBack: false });
    expect(changes?.next).toBeGreaterThan(since);
  });

  it('says once when it ends before the cursor, and hears what comes after', async () => {
    const fallen = await archive.changes(1_000_000);
    expect(fallen).toMatchObject({ changes: [], done: true, fellBack: true });
    const cursor = fallen?.next ?? -1;
    expect(cursor).toBe(await archive.lastChange());
    expect(await archive.changes(cursor)).toEqual({
      changes: [],
      next: cursor,
      done: true,
      fellBack: false,
    });
    const after = makeSeries({ seed: 'after', studySeed: 'after', slices: 1 });
    await archive.store(sendable(after));
    const heard = await archive.changes(cursor);
    expect(heard?.changes.map(({ type }) => type)).toContain('NewStudy');
  });

  it('gives pages', async () => {
    const page = await archive.changes(0, { limit: 3 });
    expect(page?.changes).toHaveLength(3);
    expect(page?.done).toBe(false);
    expect(page?.next).toBe(page?.changes.at(-1)?.seq);
  });

  it('knows a study that is gone again', async () => {
    const id = '00000000-00000000-00000000-00000000-00000000';
    const change = { seq: 1, type: 'NewStudy', resource: 'Study', id } as const;
    expect(await archive.studyOfChange(change)).toBeNull();
  });
});

describe('looking at the archive', () => {
  it('reports what it found', async () => {
    const probe = await archive.probe();
    expect(probe).toMatchObject({ reachable: true, changeFeed: true, problem: null });
    expect(probe.server).toMatch(/^Orthanc \d+\.\d+/);
    expect(archive.condition().state).toBe('open');
  });

  it('stops asking and raises an alarm when the password is wrong', async () => {
    const wrong = open({ password: 'wrong' });
    const refusedWith = { code: 'ARCHIVE_UNAUTHORIZED', details: { status: 401 } };
    await expect(wrong.ping()).rejects.toMatchObject(refusedWith);
    expect(wrong.condition().state).toBe('unauthorized');
    expect(wrong.condition().reason).toContain('credentials');
    // Not asked again: without a status of its own.
    await expect(wrong.ping()).rejects.toMatchObject({
      code: 'ARCHIVE_UNAUTHORIZED',
      details: { status: null },
    });
    const probe = await wrong.probe();
    expect(probe.reachable).toBe(true);
    expect(probe.problem?.code).toBe('ARCHIVE_UNAUTHORIZED');
    await wrong.close();
  });
});
