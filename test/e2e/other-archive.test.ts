import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { SitusNode } from '../../src/app.ts';
import { openArchives, type Archives } from '../../src/archives.ts';
import { phantomSeries, type RunningOrthanc } from '../../src/demo/index.ts';
import { readSeg } from '../../src/results/index.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { finished, makeSite, rulesText, startSiteNode, type Site } from '../support/site.ts';
import { heldResults } from '../support/stored-results.ts';
import { TINY_MODEL, TINY_STRUCTURES } from '../support/tiny-model.ts';

function entry(name: string, { dicomWebUrl, baseUrl, username, password }: RunningOrthanc) {
  return {
    name,
    url: dicomWebUrl,
    auth: { kind: 'basic', user: username, password },
    limits: { requestsPerSecond: 500, parallel: 4 },
    orthanc: { url: baseUrl },
  };
}

describe('a rule that stores to another archive', () => {
  let orthancs: RunningOrthanc[] = [];
  let database: TestDatabase;
  let site: Site;
  let node: SitusNode;
  let archives: Archives;
  const source = phantomSeries({
    seed: 81,
    kind: 'ct',
    phantomSpacing: 5,
    pixel: 5,
    sliceSpacing: 10,
  });
  const { studyInstanceUid } = source;
  const [kept = ''] = TINY_STRUCTURES;

  beforeAll(async () => {
    const started = await Promise.all([startTestOrthanc(), startTestOrthanc(), testDatabase()]);
    const [scans, results] = started;
    database = started[2];
    orthancs = [scans, results];
    site = await makeSite({
      orthanc: scans,
      databaseUrl: database.url,
      config: {
        archives: [entry('main', scans), entry('results', results)],
        intake: {
          archives: ['main'],
          schedule: '* * * * * *',
          settleSeconds: 1,
          lookbackDays: 3650,
        },
      },
    });
    const { rules } = parse(rulesText(TINY_MODEL)) as { rules: { store: object }[] };
    const store = { seg: 'labelmap', compress: true, structures: [kept], sr: true, to: 'results' };
    await writeFile(site.rulesFile, stringify({ rules: rules.map((one) => ({ ...one, store })) }));
    archives = openArchives(site.config);
    await site.archive.store(source.files.map((file) => ({ studyInstanceUid, ...file })));
    node = await startSiteNode(site);
    expect((await finished(node, studyInstanceUid, 100)).outcome).toBe('stored');
  }, 150_000);

  afterAll(async () => {
    await node?.stop();
    await archives?.close();
    await site?.remove();
    await Promise.all([...orthancs.map((orthanc) => orthanc.stop()), database?.drop()]);
  });

  it('leaves the results there and nothing beside the scan', async () => {
    const beside = await heldResults(archives.get('main'), studyInstanceUid);
    expect([beside.segs.length, beside.srs.length]).toEqual([0, 0]);
    const there = await heldResults(archives.get('results'), studyInstanceUid);
    expect([there.segs.length, there.srs.length]).toEqual([1, 1]);
    const study = await node.records.queries.studyDetail(studyInstanceUid);
    expect(study?.jobs[0]?.results.map(({ archive, verified }) => [archive, verified])).toEqual([
      ['results', true],
      ['results', true],
    ]);
  });

  it('stores the label map of the one structure that it asks for', async () => {
    const { segs } = await heldResults(archives.get('results'), studyInstanceUid);
    const read = readSeg(segs[0]?.bytes ?? new Uint8Array());
    expect(read.kind).toBe('LABELMAP');
    expect(read.segments.filter(({ number }) => number > 0).map(({ label }) => label)).toEqual([
      kept,
    ]);
  });
});
