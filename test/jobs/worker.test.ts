import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { rm, writeFile } from 'node:fs/promises';
import type { SitusNode } from '../../src/app.ts';
import { phantomSeries, type PhantomSeries } from '../../src/demo/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import { openQueue } from '../../src/jobs/index.ts';
import type { JobDetail } from '../../src/records/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import {
  eventually,
  finished,
  makeSite,
  rulesText,
  startSiteNode,
  type Site,
} from '../support/site.ts';
import { compareWithLabels, heldResults } from '../support/stored-results.ts';
import { TINY_MODEL, writeTinyModel } from '../support/tiny-model.ts';
import { gateWrites, type GatedWrite, type WriteGate } from '../support/write-gate.ts';

const SMALL = { kind: 'haste', phantomSpacing: 6, pixel: 6, sliceSpacing: 12 } as const;
const SECONDS = 90;
const STORE_BEGINS: GatedWrite = {
  table: 'job_step',
  event: 'INSERT',
  when: `NEW.step = 'store'`,
};

describe('the worker', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let site: Site;
  let gate: WriteGate | null = null;
  const nodes = new Set<SitusNode>();
  let seed = 100;

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    site = await makeSite({ orthanc, databaseUrl: database.url });
    await writeTinyModel(site.modelsFolder, 'mirrored', { mirrored: true });
    await writeTinyModel(site.modelsFolder, 'enlarged', { enlarged: 2 });
  }, 120_000);

  afterEach(async () => {
    await gate?.open();
    gate = null;
    for (const node of nodes) await node.stop();
    nodes.clear();
  }, 60_000);

  afterAll(async () => {
    await site?.remove();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  async function start(name: string): Promise<SitusNode> {
    const node = await startSiteNode(site, { name });
    nodes.add(node);
    return node;
  }

  async function stop(node: SitusNode): Promise<void> {
    nodes.delete(node);
    await node.stop();
  }

  async function send(): Promise<PhantomSeries> {
    seed += 1;
    const source = phantomSeries({ seed, ...SMALL });
    const { studyInstanceUid } = source;
    await site.archive.store(source.files.map((file) => ({ studyInstanceUid, ...file })));
    return source;
  }

  async function jobOf(node: SitusNode, source: PhantomSeries): Promise<JobDetail> {
    const study = await node.records.queries.studyDetail(source.studyInstanceUid);
    const job = study?.jobs[0];
    if (job === undefined) throw new Error('there is no job');
    return job;
  }

  it('takes over on another host, without its work folder, and stores the very bytes that were planned', async () => {
    gate = await gateWrites(database.url, STORE_BEGINS);
    const first = await start('node-a');
    const source = await send();
    await gate.reached(SECONDS);
    const planned = (await first.records.jobs.jobForWork((await jobOf(first, source)).id))
      ?.encoding;
    const stopping = stop(first);
    await gate.open();
    gate = null;
    await stopping;
    await rm(site.workFolder, { recursive: true });

    const second = await start('node-b');
    const study = await finished(second, source.studyInstanceUid, SECONDS);
    expect(study).toMatchObject({ outcome: 'stored', reasons: [] });
    const job = await jobOf(second, source);
    expect(job.host).toBe('node-b');
    expect(planned?.objects.map((object) => [object.kind, object.sha256])).toEqual(
      job.results.map((result) => [result.kind, result.sha256]),
    );
    const done = job.steps.filter((step) => step.state === 'done').map((step) => step.step);
    expect(done.filter((step) => step === 'segment')).toHaveLength(1);
    expect(done.filter((step) => step === 'fetch')).toHaveLength(2);
    const { segs, srs } = await heldResults(site.archive, source.studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([1, 1]);
    const seg = segs[0]?.bytes ?? new Uint8Array();
    expect(await compareWithLabels(site.archive, second.records, job, seg)).toMatchObject({
      different: 0,
    });
  }, 300_000);

  it('stores nothing of a result that the gate holds, even when it died before the hold was recorded', async () => {
    await writeFile(site.rulesFile, rulesText('mirrored'));
    const dies: GatedWrite = { table: 'job', event: 'UPDATE', when: `NEW.state = 'held'` };
    gate = await gateWrites(database.url, dies);
    const node = await start('node-a');
    const source = await send();
    await gate.reached(SECONDS);
    await gate.open();
    gate = null;
    const study = await finished(node, source.studyInstanceUid, SECONDS);
    expect(study.outcome).toBe('held');
    expect(study.reasons[0]).toMatchObject({ code: 'GATE_LATERALITY' });
    const { segs, srs } = await heldResults(site.archive, source.studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([0, 0]);
    await writeFile(site.rulesFile, rulesText(TINY_MODEL));
  }, 300_000);

  it.each([
    {
      what: 'stores with a remark what the gate would hold, where the rule says warn',
      model: 'mirrored',
      gate: { laterality: 'warn', 'volume-range': 'warn' },
      outcome: 'stored',
      remark: { check: 'laterality', level: 'warn' },
      objects: [1, 1],
    },
    {
      what: 'holds what the gate would only remark on, where the rule says hold',
      model: 'enlarged',
      gate: { 'volume-range': 'hold' },
      outcome: 'held',
      remark: { check: 'volume-range', level: 'hold' },
      objects: [0, 0],
    },
  ])(
    '$what',
    async ({ model, gate: levels, outcome, remark, objects }) => {
      await writeFile(site.rulesFile, rulesText(model, 'all', { gate: levels }));
      const node = await start('node-a');
      const source = await send();
      const study = await finished(node, source.studyInstanceUid, SECONDS);
      expect(study.outcome).toBe(outcome);
      const { gate: verdicts } = await jobOf(node, source);
      expect(verdicts).toContainEqual(expect.objectContaining(remark));
      const { segs, srs } = await heldResults(site.archive, source.studyInstanceUid);
      expect([segs.length, srs.length]).toEqual(objects);
      await writeFile(site.rulesFile, rulesText(TINY_MODEL));
    },
    300_000,
  );

  it('leaves a cancelled job alone', async () => {
    gate = await gateWrites(database.url, STORE_BEGINS);
    const node = await start('node-a');
    const source = await send();
    await gate.reached(SECONDS);
    const { id } = await jobOf(node, source);
    const cancelled = node.records.jobs.cancel({ kind: 'user', name: 'anna', host: 'test' }, id, {
      code: 'CANCELLED',
      message: 'Not wanted.',
      next: null,
      seriesInstanceUid: null,
    });
    await gate.open();
    gate = null;
    expect(await cancelled).toBe(true);
    const study = await finished(node, source.studyInstanceUid, SECONDS);
    expect(study.outcome).toBe('nothing-to-do');
    const { segs, srs } = await heldResults(site.archive, source.studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([0, 0]);
  }, 300_000);

  it('runs again on request: a second numbered run, whose report names the first', async () => {
    const node = await start('node-a');
    const source = await send();
    await finished(node, source.studyInstanceUid, SECONDS);
    const first = await jobOf(node, source);
    const made = await rerun(node, source);
    expect(made).toBe(1);
    await eventually(
      'the second run is stored',
      async () => {
        const study = await node.records.queries.studyDetail(source.studyInstanceUid);
        return study?.jobs.length === 2 && study.outcome === 'stored';
      },
      SECONDS,
    );
    const second = await jobOf(node, source);
    expect(second.run).toBe(first.run + 1);
    const { segs, srs } = await heldResults(site.archive, source.studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([2, 2]);
  }, 300_000);

  async function rerun(node: SitusNode, source: PhantomSeries): Promise<number> {
    const queue = await openQueue(database.url, createLogger({ level: 'silent' }));
    try {
      const runs = await node.records.jobs.rerun(
        { kind: 'user', name: 'anna', host: 'test' },
        { studyInstanceUid: source.studyInstanceUid },
        queue.enqueue,
      );
      return runs.length;
    } finally {
      await queue.stop();
    }
  }
});
