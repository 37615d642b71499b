import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { phantomSeries } from '../../src/demo/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import { openRecords, type Records } from '../../src/records/index.ts';
import { startNodeProcess, type NodeProcess } from '../support/node-process.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { startRelay, type Relay } from '../support/relay.ts';
import { eventually, finished, makeSite, type Site } from '../support/site.ts';
import { heldResults } from '../support/stored-results.ts';

const SECONDS = 120;

describe('a database that goes away while a job runs', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let relay: Relay;
  let site: Site;
  let node: NodeProcess;
  let records: Records;

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    const direct = new URL(database.url);
    relay = await startRelay(Number(direct.port));
    const through = new URL(database.url);
    through.port = String(relay.port);
    site = await makeSite({ orthanc, databaseUrl: through.href });
    records = await openRecords(database.url);
    node = startNodeProcess(site);
  }, 120_000);

  afterAll(async () => {
    await node?.kill();
    await records?.close();
    await relay?.close();
    await site?.remove();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  it('costs time only: the process stays, and the job ends with one SEG and one SR', async () => {
    const source = phantomSeries({
      seed: 90,
      kind: 'haste',
      phantomSpacing: 6,
      pixel: 6,
      sliceSpacing: 12,
    });
    const { studyInstanceUid } = source;
    await site.archive.store(source.files.map((file) => ({ studyInstanceUid, ...file })));
    await eventually(
      'the job runs',
      async () => {
        const study = await records.queries.studyDetail(studyInstanceUid);
        return study?.jobs.some((job) => job.steps.some((step) => step.step === 'segment'));
      },
      SECONDS,
    );
    await relay.down();
    await eventually(
      'the node has seen that its database is away',
      async () => (await node.log()).includes('DATABASE_UNREACHABLE'),
      SECONDS,
    );
    await relay.up();
    const study = await finished({ records }, studyInstanceUid, SECONDS);
    expect(study).toMatchObject({ outcome: 'stored', reasons: [] });
    const { segs, srs } = await heldResults(site.archive, studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([1, 1]);
    expect(node.running()).toBe(true);
    expect(await records.audit.verify()).toMatchObject({ intact: true });
    expect(await node.stop()).toBe(0);
  }, 400_000);
});
