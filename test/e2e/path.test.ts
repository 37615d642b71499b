import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { SitusNode } from '../../src/app.ts';
import { phantomSeries, type PhantomSeries } from '../../src/demo/index.ts';
import type { RunningOrthanc } from '../../src/demo/index.ts';
import type { StudyDetail } from '../../src/records/index.ts';
import { readSeg } from '../../src/results/index.ts';
import {
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { eventually, finished, makeSite, startSiteNode, type Site } from '../support/site.ts';
import { compareWithLabels, heldResults } from '../support/stored-results.ts';
import { TINY_STRUCTURES } from '../support/tiny-model.ts';

/** Coarse phantoms: the path is the same, the pixels are fewer. */
const COARSE = { phantomSpacing: 5, pixel: 5, sliceSpacing: 10 } as const;
const KINDS = ['t1_dual_echo', 'haste', 'ct'] as const;
const SEQUENCES = { t1_dual_echo: 't1_in_phase', haste: 'haste', ct: 'ct_abdomen' } as const;

describe('the path of a study through a real archive and database', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let site: Site;
  let node: SitusNode;
  const cases: { readonly kind: (typeof KINDS)[number]; readonly source: PhantomSeries }[] = [];
  const studies = new Map<string, StudyDetail>();

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    site = await makeSite({ orthanc, databaseUrl: database.url });
    for (const [index, kind] of KINDS.entries()) {
      const source = phantomSeries({ seed: 40 + index, kind, ...COARSE });
      const { studyInstanceUid } = source;
      const files = kind === 'haste' ? source.files.slice(0, -1) : source.files;
      await site.archive.store(files.map((file) => ({ studyInstanceUid, ...file })));
      cases.push({ kind, source });
    }
    node = await startSiteNode(site);
    for (const { source } of cases) {
      studies.set(source.studyInstanceUid, await finished(node, source.studyInstanceUid, 100));
    }
  }, 150_000);

  afterAll(async () => {
    await node?.stop();
    await site?.remove();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  function studyOf(source: PhantomSeries): StudyDetail {
    const study = studies.get(source.studyInstanceUid);
    if (study === undefined) throw new Error('the study never ended');
    return study;
  }

  it('matches, routes and stores the target of every study', () => {
    for (const { kind, source } of cases) {
      const study = studyOf(source);
      expect(study).toMatchObject({ outcome: 'stored', reasons: [] });
      expect(study.jobs).toHaveLength(1);
      expect(study.jobs[0]).toMatchObject({
        state: 'stored',
        sequence: SEQUENCES[kind],
        seriesInstanceUid: source.seriesInstanceUid,
      });
    }
  });

  it('leaves exactly one SEG and one SR beside the source, the SR referring to that SEG', async () => {
    for (const { source } of cases) {
      const { segs, srs } = await heldResults(site.archive, source.studyInstanceUid);
      expect([segs.length, srs.length]).toEqual([1, 1]);
      const [seg] = segs;
      const [sr] = srs;
      if (seg === undefined || sr === undefined) throw new Error('no results');
      const evidence = evidenceOf(readRaw(sr.bytes));
      expect(evidence).toContain(seg.sopInstanceUid);
      const sources = new Set(source.files.map((file) => file.sopInstanceUid));
      expect(
        evidence.filter((uid) => uid !== seg.sopInstanceUid).every((uid) => sources.has(uid)),
      ).toBe(true);
    }
  });

  it('segments the chosen stack only: the in-phase echo of a series with both', async () => {
    const [dual] = cases;
    if (dual === undefined) throw new Error('no case');
    const { segs } = await heldResults(site.archive, dual.source.studyInstanceUid);
    const read = readSeg(segs[0]?.bytes ?? new Uint8Array());
    const inPhase = new Set(
      dual.source.files
        .filter((file) => Number(rawValue(readRaw(file.bytes), '00180081')) > 4)
        .map((file) => file.sopInstanceUid),
    );
    const referred = read.references.flatMap((series) => series.sopInstanceUids);
    expect(inPhase.size).toBe(dual.source.files.length / 2);
    expect(new Set(referred)).toEqual(inPhase);
    expect(read.frames.every((frame) => inPhase.has(frame.source?.sopInstanceUid ?? ''))).toBe(
      true,
    );
  });

  it('stores the labels of the record, voxel for voxel, in the source’s frame of reference', async () => {
    for (const { source } of cases) {
      const [job] = studyOf(source).jobs;
      const { segs } = await heldResults(site.archive, source.studyInstanceUid);
      const bytes = segs[0]?.bytes;
      if (job === undefined || bytes === undefined) throw new Error('no result');
      const compared = await compareWithLabels(site.archive, node.records, job, bytes);
      expect(compared.foreground).toBeGreaterThan(500);
      expect(compared.different).toBe(0);
      const read = readSeg(bytes);
      expect(read.frameOfReferenceUid).toBe(source.frameOfReferenceUid);
      expect(read.segments).toHaveLength(TINY_STRUCTURES.length);
    }
  });

  it('records every step, hashes and findings, with an unbroken audit chain', async () => {
    for (const { source } of cases) {
      const [job] = studyOf(source).jobs;
      const done = job?.steps.filter((step) => step.state === 'done').map((step) => step.step);
      expect(done).toEqual(['fetch', 'segment', 'measure', 'encode', 'store', 'verify']);
      expect(job?.results.map((result) => [result.kind, result.verified])).toEqual([
        ['SEG', true],
        ['SR', true],
      ]);
      expect(job?.findings.map((finding) => finding.structure).sort()).toEqual(
        [...TINY_STRUCTURES].sort(),
      );
    }
    expect(await node.records.audit.verify()).toMatchObject({ intact: true, problems: [] });
  });

  it('keeps the card of the model that ran, once', async () => {
    const [model, ...others] = await node.records.models.list();
    expect(others).toEqual([]);
    for (const { source } of cases) expect(studyOf(source).jobs[0]?.modelHash).toBe(model?.hash);
    expect(model?.card).toMatchObject({
      name: 'tiny',
      intendedUse: 'Tests of Situs only.',
      structures: TINY_STRUCTURES,
    });
  });

  it('keeps no source images in the work folder once the results are stored', async () => {
    const left = await readdir(site.workFolder, { recursive: true });
    expect(left.filter((name) => /instance-|manifest-|partial/.test(name))).toEqual([]);
  });

  it('does not take its own results for input', async () => {
    const before = cases.map(({ source }) => studyOf(source).revision);
    await node.pollNow();
    await node.pollNow();
    await node.pollNow();
    const after = await Promise.all(
      cases.map(({ source }) => node.records.queries.studyDetail(source.studyInstanceUid)),
    );
    expect(after.map((study) => study?.revision)).toEqual(before);
    expect(after.map((study) => study?.jobs.length)).toEqual([1, 1, 1]);
  });

  it('runs the target again when a slice arrives late, naming the report before', async () => {
    const [, late] = cases;
    if (late === undefined) throw new Error('no case');
    const { studyInstanceUid } = late.source;
    const added = late.source.files.slice(-1);
    await site.archive.store(added.map((file) => ({ studyInstanceUid, ...file })));
    const study = await eventually('a second revision is stored', async () => {
      const seen = await node.records.queries.studyDetail(studyInstanceUid);
      return seen?.revision === 2 && seen.outcome !== 'running' ? seen : null;
    });
    expect(study).toMatchObject({ outcome: 'stored', reasons: [] });
    const { segs, srs } = await heldResults(site.archive, studyInstanceUid);
    expect([segs.length, srs.length]).toEqual([2, 2]);
    const [newest, oldest] = study.jobs;
    const uidOf = (job: typeof newest) =>
      job?.results.find(({ kind }) => kind === 'SR')?.sopInstanceUid;
    const sr = srs.find((one) => one.sopInstanceUid === uidOf(newest));
    const predecessors = rawItems(readRaw(sr?.bytes ?? new Uint8Array()), '0040A360');
    expect(JSON.stringify(predecessors)).toContain(uidOf(oldest) ?? 'none');
  });
});

/** Instances in Current Requested Procedure Evidence (0040,A375) and the content tree. */
function evidenceOf(report: RawDataset): string[] {
  return rawItems(report, '0040A375').flatMap((study) =>
    rawItems(study, '00081115').flatMap((series) =>
      rawItems(series, '00081199').flatMap((one) => rawTexts(one, '00081155')),
    ),
  );
}
