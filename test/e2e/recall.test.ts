import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SitusNode } from '../../src/app.ts';
import { openArchives, type Archives } from '../../src/archives.ts';
import { phantomSeries, type RunningOrthanc } from '../../src/demo/index.ts';
import { openQueue, recall, recallable, type RecallOrder } from '../../src/jobs/index.ts';
import type { StudyDetail } from '../../src/records/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { rawItems, rawTexts, readRaw } from '../support/dicom-objects.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { eventually, finished, makeSite, startSiteNode, type Site } from '../support/site.ts';

const ACTOR = { kind: 'user', name: 'anna', host: 'test-host' } as const;
const TEXT = 'The wrong series was segmented.';

describe('withdrawing results', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let site: Site;
  let node: SitusNode;
  let archives: Archives;
  const source = phantomSeries({
    seed: 71,
    kind: 'ct',
    phantomSpacing: 5,
    pixel: 5,
    sliceSpacing: 10,
  });
  const { studyInstanceUid } = source;

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    site = await makeSite({ orthanc, databaseUrl: database.url });
    archives = openArchives(site.config);
    await site.archive.store(source.files.map((file) => ({ studyInstanceUid, ...file })));
    node = await startSiteNode(site);
    await finished(node, studyInstanceUid, 100);
  }, 150_000);

  afterAll(async () => {
    await node?.stop();
    await archives?.close();
    await site?.remove();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  function partsWith(archive: Archives['get']) {
    return { records: node.records, archive, actor: ACTOR, node: 'node-a', version: '0.1.0' };
  }

  function order(filter: RecallOrder['filter']): RecallOrder {
    return { filter, reason: 'quality', text: TEXT, signal: AbortSignal.timeout(60_000) };
  }

  async function study(): Promise<StudyDetail> {
    const detail = await node.records.queries.studyDetail(studyInstanceUid);
    if (detail === null) throw new Error('the study is gone');
    return detail;
  }

  it('is refused when nothing is named, and shows what it would withdraw', async () => {
    expect(() => recallable(node, {})).toThrow(
      expect.objectContaining({ code: 'RECALL_OF_EVERYTHING' }),
    );
    const kinds = async (filter: RecallOrder['filter']): Promise<string[]> =>
      (await recallable(node, filter)).map(({ kind }) => kind).sort();
    const [job] = (await study()).jobs;
    expect(await kinds({ studies: [studyInstanceUid] })).toEqual(['SEG', 'SR']);
    expect(await kinds({ model: job?.model ?? '', rule: 'CT' })).toEqual(['SEG', 'SR']);
    expect(await kinds({ rule: 'HASTE' })).toEqual([]);
    expect(await kinds({ model: 'another' })).toEqual([]);
    expect(await kinds({ from: new Date(Date.now() - 3_600_000) })).toEqual(['SEG', 'SR']);
    expect(await kinds({ to: new Date(Date.now() - 3_600_000) })).toEqual([]);
  });

  it('marks the record first, also when the archive cannot be told', async () => {
    const [told] = await recall(
      partsWith(() => {
        throw Object.assign(new Error('down'), { code: 'ECONNREFUSED' });
      }),
      order({ studies: [studyInstanceUid] }),
    );
    expect(told?.error).not.toBeNull();
    const detail = await study();
    expect(detail.jobs[0]?.results.map(({ withdrawn }) => withdrawn)).toEqual([
      expect.objectContaining({ text: TEXT, reason: 'quality', stillShown: null, noteUid: null }),
      expect.objectContaining({ text: TEXT, reason: 'quality', stillShown: null, noteUid: null }),
    ]);
    expect(detail.reasons).toEqual([expect.objectContaining({ code: 'RESULT_WITHDRAWN' })]);
  });

  it('sends one rejection note that names SEG and SR, and says that Orthanc shows them all the same', async () => {
    const [told, ...more] = await recall(
      partsWith(archives.get),
      order({ studies: [studyInstanceUid] }),
    );
    expect(more).toEqual([]);
    const results = (await study()).jobs[0]?.results ?? [];
    const uids = results.map(({ sopInstanceUid }) => sopInstanceUid).sort();
    expect(told?.error).toBeNull();
    expect([...(told?.stillShown ?? [])].sort()).toEqual(uids);
    for (const { withdrawn } of results) {
      expect(withdrawn).toMatchObject({ stillShown: true, noteUid: told?.noteUid });
    }
    const listing = await site.archive.listStudy(studyInstanceUid);
    const ko = listing?.series.find(({ modality }) => modality === 'KO');
    const note = readRaw(
      await site.archive.retrieveInstance({
        studyInstanceUid,
        seriesInstanceUid: ko?.seriesInstanceUid ?? '',
        sopInstanceUid: ko?.sopInstanceUids[0] ?? '',
      }),
    );
    const named = rawItems(note, '0040A730').flatMap((item) =>
      rawItems(item, '00081199').flatMap((reference) => rawTexts(reference, '00081155')),
    );
    expect(named.sort()).toEqual(uids);
    expect(await recallable(node, { studies: [studyInstanceUid] })).toEqual([]);
  });

  it('does not make the node segment the study again, and never takes the note for input', async () => {
    const before = await study();
    const newest = (await site.archive.lastChange()) ?? Number.NaN;
    await eventually('the note seen in the change log and looked at', async () => {
      const cursor = (await node.records.intake.cursor('main')) as { changes: number } | null;
      const looks = await node.records.intake.looks('main');
      return (cursor?.changes ?? 0) >= newest && looks.length === 0;
    });
    expect((await study()).jobs).toHaveLength(before.jobs.length);
    expect((await study()).revision).toBe(1);
  });

  it('gives results of a later run other UIDs', async () => {
    const old = new Set((await study()).jobs[0]?.results.map((one) => one.sopInstanceUid));
    const queue = await openQueue(database.url, createLogger({ level: 'silent' }));
    await node.records.jobs.rerun(ACTOR, { studyInstanceUid }, queue.enqueue);
    await queue.stop();
    const again = await eventually(
      'the second run',
      async () => {
        const [job] = (await study()).jobs;
        return job?.run === 2 && job.state === 'stored' ? job : null;
      },
      90,
    );
    expect(again.results).toHaveLength(2);
    expect(again.results.every((one) => !old.has(one.sopInstanceUid))).toBe(true);
    expect(again.results.every((one) => one.withdrawn === null)).toBe(true);
    expect((await study()).reasons).toEqual([]);
  }, 100_000);

  it('leaves the audit chain whole, with who withdrew what', async () => {
    expect(await node.records.audit.verify()).toMatchObject({ intact: true, problems: [] });
    const events = await node.records.audit.page({ limit: 500 });
    expect(events.filter(({ action }) => action === 'result.withdrawn')).toHaveLength(4);
    expect(events.filter(({ action }) => action === 'rejection.stored')).toHaveLength(2);
  });
});
