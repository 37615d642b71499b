import { createHash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parse, stringify } from 'yaml';
import type { SitusNode } from '../../src/app.ts';
import { openArchives, type Archives } from '../../src/archives.ts';
import { phantomSeries, type RunningOrthanc } from '../../src/demo/index.ts';
import { openQueue, recall } from '../../src/jobs/index.ts';
import type { JobDetail, StudyDetail } from '../../src/records/index.ts';
import { createLogger } from '../../src/telemetry/index.ts';
import { dciodvfy, dcm2xml, dsrdump, haveTool } from '../support/dciodvfy.ts';
import { rawItems, rawTexts, rawValue, readRaw } from '../support/dicom-objects.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { eventually, finished, makeSite, rulesText, startSiteNode } from '../support/site.ts';
import type { Site } from '../support/site.ts';
import { compareWithLabels, heldResults, type HeldResults } from '../support/stored-results.ts';
import { STRUCTURES } from '../support/structures.ts';
import { TINY_MODEL, TINY_STRUCTURES } from '../support/tiny-model.ts';

const ACTOR = { kind: 'user', name: 'anna', host: 'test-host' } as const;
/** Multi-frame True Color Secondary Capture Image Storage. */
const TRUE_COLOUR_CAPTURE = '1.2.840.10008.5.1.4.1.1.7.4';
const judges = { dciodvfy: haveTool('dciodvfy'), dsrdump: haveTool('dsrdump') };
const readers = { dcm2xml: haveTool('dcm2xml') };

describe('a rule that orders pictures, through a real archive and database', () => {
  let orthanc: RunningOrthanc;
  let databases: TestDatabase[] = [];
  let site: Site;
  let node: SitusNode;
  let archives: Archives;
  let held: HeldResults;
  const source = phantomSeries({
    seed: 91,
    kind: 'ct',
    phantomSpacing: 5,
    pixel: 5,
    sliceSpacing: 10,
  });
  const { studyInstanceUid } = source;

  beforeAll(async () => {
    const started = await Promise.all([startTestOrthanc(), testDatabase(), testDatabase()]);
    const [archive, ...rest] = started;
    orthanc = archive;
    databases = rest;
    site = await makeSite({ orthanc, databaseUrl: databases[0]?.url ?? '' });
    await orderPictures(site);
    archives = openArchives(site.config);
    await site.archive.store(source.files.map((file) => ({ studyInstanceUid, ...file })));
    node = await startSiteNode(site);
    await finished(node, studyInstanceUid, 100);
    held = await heldResults(site.archive, studyInstanceUid);
  }, 150_000);

  afterAll(async () => {
    await node?.stop();
    await archives?.close();
    await site?.remove();
    await Promise.all([orthanc?.stop(), ...databases.map((database) => database.drop())]);
  });

  async function study(of: SitusNode = node): Promise<StudyDetail> {
    const detail = await of.records.queries.studyDetail(studyInstanceUid);
    if (detail === null) throw new Error('the study is gone');
    return detail;
  }

  async function newestJob(): Promise<JobDetail> {
    const [job] = (await study()).jobs;
    if (job === undefined) throw new Error('there is no job');
    return job;
  }

  it('leaves SEG, SR and pictures, each read back, the bytes those that were encoded', async () => {
    expect(await study()).toMatchObject({ outcome: 'stored', reasons: [] });
    const { results } = await newestJob();
    expect(results.map(({ kind, verified }) => [kind, verified])).toEqual([
      ['SEG', true],
      ['SR', true],
      ['SC', true],
    ]);
    const kept = [...held.segs, ...held.srs, ...held.pictures];
    expect(kept).toHaveLength(3);
    expect(kept.map(({ bytes }) => sha256(bytes))).toEqual(results.map((one) => one.sha256));
    expect(new Set(kept.map((one) => one.seriesInstanceUid)).size).toBe(3);
  });

  it('shows in the pictures the segments of the stored SEG on the slices of the source', async () => {
    const [picture] = held.pictures;
    const [seg] = held.segs;
    if (picture === undefined || seg === undefined) throw new Error('no results');
    const compared = await compareWithLabels(
      site.archive,
      node.records,
      await newestJob(),
      seg.bytes,
    );
    expect(compared.different).toBe(0);
    const dataset = readRaw(picture.bytes);
    expect(rawTexts(dataset, '00080016')).toEqual([TRUE_COLOUR_CAPTURE]);
    const images = rawItems(dataset, '00082112').map((item) => rawTexts(item, '00081155')[0]);
    expect(images.at(-1)).toBe(seg.sopInstanceUid);
    const sources = new Set(source.files.map((file) => file.sopInstanceUid));
    expect(new Set(images.slice(0, -1))).toEqual(sources);
    expect(heightsOf(seg.bytes)).toEqual(
      dataset['00182005']?.Value.map((value) => Number(value).toFixed(2)),
    );
    const colours = coloursOf(picture.bytes);
    for (const { name, rgb } of STRUCTURES) {
      expect([name, colours.has(rgb.join())]).toEqual([name, TINY_STRUCTURES.includes(name)]);
    }
  });

  if (judges.dciodvfy) {
    it('stores nothing that dciodvfy minds', () => {
      const all = [...held.segs, ...held.srs, ...held.pictures];
      expect(all.flatMap(({ bytes }) => dciodvfy(bytes))).toEqual([]);
    });
  }

  if (judges.dsrdump && readers.dcm2xml) {
    it('stores nothing that DCMTK minds', () => {
      expect(held.srs.flatMap(({ bytes }) => dsrdump(bytes))).toEqual([]);
      expect(held.pictures.flatMap(({ bytes }) => dcm2xml(bytes))).toEqual([]);
    });
  }

  it('does not take the pictures for input', async () => {
    for (let poll = 0; poll < 3; poll += 1) await node.pollNow();
    const after = await study();
    expect([after.revision, after.jobs.length]).toEqual([1, 1]);
    expect(after.series.filter(({ own }) => !own).map((one) => one.seriesInstanceUid)).toEqual([
      source.seriesInstanceUid,
    ]);
  });

  it('does not take them for input on a node with another record either', async () => {
    const other = await makeSite({ orthanc, databaseUrl: databases[1]?.url ?? '' });
    const reader = await startSiteNode(other, { name: 'node-z', roles: ['intake'] });
    try {
      const seen = await eventually('the other node has decided', async () => {
        const detail = await reader.records.queries.studyDetail(studyInstanceUid);
        return detail !== null && detail.decisions.length > 0 ? detail : null;
      });
      const listing = await site.archive.listStudy(studyInstanceUid);
      expect(listing?.series.map(({ modality }) => modality).sort()).toEqual([
        'CT',
        'OT',
        'SEG',
        'SR',
      ]);
      expect(seen.series.map((one) => one.seriesInstanceUid)).toEqual([source.seriesInstanceUid]);
      expect(seen.decisions[0]?.verdicts.map((one) => one.seriesInstanceUid)).toEqual([
        source.seriesInstanceUid,
      ]);
    } finally {
      await reader.stop();
      await other.remove();
    }
  }, 60_000);

  it('makes pictures of a later run a further instance of their series', async () => {
    const [first] = held.pictures;
    const queue = await openQueue(databases[0]?.url ?? '', createLogger({ level: 'silent' }));
    await node.records.jobs.rerun(ACTOR, { studyInstanceUid }, queue.enqueue);
    await queue.stop();
    const again = await eventually(
      'the second run',
      async () => {
        const job = await newestJob();
        return job.run === 2 && job.state === 'stored' ? job : null;
      },
      90,
    );
    expect(again.results.map(({ kind, verified }) => [kind, verified])).toEqual([
      ['SEG', true],
      ['SR', true],
      ['SC', true],
    ]);
    const { pictures, segs } = await heldResults(site.archive, studyInstanceUid);
    expect(pictures).toHaveLength(2);
    const uidOf = (kind: string): string =>
      again.results.find((one) => one.kind === kind)?.sopInstanceUid ?? '';
    const second = pictures.find((one) => one.sopInstanceUid === uidOf('SC'));
    expect(second?.seriesInstanceUid).toBe(first?.seriesInstanceUid);
    expect(second?.sopInstanceUid).not.toBe(first?.sopInstanceUid);
    const dataset = readRaw(second?.bytes ?? new Uint8Array());
    expect(rawTexts(dataset, '00200013')).toEqual(['2']);
    const shown = rawItems(dataset, '00082112').map((item) => rawTexts(item, '00081155')[0]);
    expect(shown.at(-1)).toBe(uidOf('SEG'));
    expect(segs.map((one) => one.sopInstanceUid)).toContain(uidOf('SEG'));
  }, 100_000);

  it('withdraws pictures with the SEG and the report that they belong to', async () => {
    const [told, ...more] = await recall(
      {
        records: node.records,
        archive: archives.get,
        actor: ACTOR,
        node: 'node-a',
        version: '0.1.0',
      },
      {
        filter: { studies: [studyInstanceUid] },
        reason: 'safety',
        text: 'Left and right are mixed up.',
        signal: AbortSignal.timeout(60_000),
      },
    );
    expect(more).toEqual([]);
    expect(told?.error).toBeNull();
    const results = (await study()).jobs.flatMap((job) => job.results);
    expect(results.map(({ kind }) => kind).sort()).toEqual(['SC', 'SC', 'SEG', 'SEG', 'SR', 'SR']);
    expect(results.every(({ withdrawn }) => withdrawn?.noteUid === told?.noteUid)).toBe(true);
    const listing = await site.archive.listStudy(studyInstanceUid);
    const ko = listing?.series.find(({ modality }) => modality === 'KO');
    const note = await site.archive.retrieveInstance({
      studyInstanceUid,
      seriesInstanceUid: ko?.seriesInstanceUid ?? '',
      sopInstanceUid: ko?.sopInstanceUids[0] ?? '',
    });
    const named = rawItems(readRaw(note), '0040A730').flatMap((item) =>
      rawItems(item, '00081199').map((reference) => [
        rawTexts(item, '0040A040')[0],
        rawTexts(reference, '00081155')[0],
      ]),
    );
    expect(named.map(([, uid]) => uid).sort()).toEqual(
      results.map((one) => one.sopInstanceUid).sort(),
    );
    for (const { sopInstanceUid, kind } of results) {
      const [type] = named.find(([, uid]) => uid === sopInstanceUid) ?? [];
      expect([kind, type]).toEqual([kind, kind === 'SR' ? 'COMPOSITE' : 'IMAGE']);
    }
    if (judges.dciodvfy) expect(dciodvfy(note)).toEqual([]);
  });
});

async function orderPictures(site: Site): Promise<void> {
  const { rules } = parse(rulesText(TINY_MODEL)) as { rules: { store: object }[] };
  const ordered = rules.map((rule) => ({ ...rule, store: { ...rule.store, pictures: true } }));
  await writeFile(site.rulesFile, stringify({ rules: ordered }));
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** Heights (z in mm) of an axial segmentation's slices, ascending, each once. */
function heightsOf(seg: Uint8Array): string[] {
  const heights = rawItems(readRaw(seg), '52009230').map((frame) => {
    const [position] = rawItems(frame, '00209113');
    return Number(position?.['00200032']?.Value[2]);
  });
  return [...new Set(heights)].sort((a, b) => a - b).map((height) => height.toFixed(2));
}

/** Every colour of the pixels, as `r,g,b`. */
function coloursOf(picture: Uint8Array): ReadonlySet<string> {
  const pixels = new Uint8Array(rawValue(readRaw(picture), '7FE00010') as ArrayBuffer);
  const colours = new Set<string>();
  for (let at = 0; at + 2 < pixels.length; at += 3) {
    const [red = 0, green = 0, blue = 0] = pixels.subarray(at, at + 3);
    if (red !== green || green !== blue) colours.add([red, green, blue].join());
  }
  return colours;
}
