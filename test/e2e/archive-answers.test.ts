import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { data } from 'dcmjs';
import type { SitusNode } from '../../src/app.ts';
import { phantomSeries, type RunningOrthanc } from '../../src/demo/index.ts';
import { recall } from '../../src/jobs/index.ts';
import type { StudyDetail } from '../../src/records/index.ts';
import { startAlteringProxy, type AlteringProxy } from '../support/altering-proxy.ts';
import { runCli } from '../support/cli.ts';
import { altered, rawTexts, rawValue, readRaw, setRaw } from '../support/dicom-objects.ts';
import type { RawDataset } from '../support/dicom-objects.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { finished, makeSite, startSiteNode, type Site } from '../support/site.ts';
import { heldResults } from '../support/stored-results.ts';
import { gateWrites } from '../support/write-gate.ts';

const SMALL = { kind: 'ct', phantomSpacing: 6, pixel: 6, sliceSpacing: 12 } as const;
const IMPLICIT = '1.2.840.10008.1.2';
const JPEG_2000_LOSSLESS = '1.2.840.10008.1.2.4.90';
const WARNED = 'stored after values were changed (warning reason 45056)';

/** A change to the objects of one modality as they come back; the others come as they are. */
function changing(modality: 'SEG' | 'SR', change: (dataset: RawDataset) => void) {
  return (bytes: Uint8Array): Uint8Array =>
    rawTexts(readRaw(bytes), '00080060')[0] === modality ? altered(bytes, change) : bytes;
}

const uidOf = (seed: number): string => phantomSeries({ seed, ...SMALL }).studyInstanceUid;

/** Takes an instance out of an Orthanc. */
async function forget(orthanc: RunningOrthanc, sopInstanceUid: string): Promise<void> {
  const { baseUrl, username, password } = orthanc;
  const headers = { authorization: `Basic ${btoa(`${username}:${password}`)}` };
  const found = await fetch(`${baseUrl}/tools/lookup`, {
    method: 'POST',
    headers,
    body: sopInstanceUid,
  });
  const [instance] = (await found.json()) as { ID: string }[];
  const gone = await fetch(`${baseUrl}/instances/${instance?.ID}`, { method: 'DELETE', headers });
  expect(gone.status).toBe(200);
}

/** The answer to STOW-RS of one instance, with a Warning Reason. */
function warned(answer: Record<string, unknown>): object {
  const { Value: [item] = [] } = answer['00081199'] as { Value?: object[] };
  const warning = { ...item, '00081196': { vr: 'US', Value: [0xb000] } };
  return { ...answer, '00081199': { vr: 'SQ', Value: [warning] } };
}

/** Segmentations as an archive returns them that keeps them in another transfer syntax. */
function transcoded(uid: string) {
  return (bytes: Uint8Array): Uint8Array => {
    const file = data.DicomMessage.readFile(bytes.slice().buffer);
    if (rawTexts(file.dict, '00080060')[0] !== 'SEG') return bytes;
    setRaw(file.meta, '00020010', 'UI', uid);
    return new Uint8Array(file.write({ fragmentMultiframe: false }));
  };
}

describe('what an archive says and returns, when it is not what was sent', () => {
  let orthanc: RunningOrthanc;
  let proxy: AlteringProxy;
  let database: TestDatabase;
  let site: Site;
  let node: SitusNode;
  let seed = 300;

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    proxy = await startAlteringProxy(orthanc.dicomWebUrl);
    site = await makeSite({
      orthanc,
      databaseUrl: database.url,
      archive: { url: proxy.url },
    });
    node = await startSiteNode(site);
  }, 120_000);

  afterEach(() => proxy.alter({}));

  afterAll(async () => {
    await node?.stop();
    await site?.remove();
    await proxy?.close();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  async function segmented(): Promise<StudyDetail> {
    seed += 1;
    const { studyInstanceUid, files } = phantomSeries({ seed, ...SMALL });
    await site.archive.store(files.map((file) => ({ studyInstanceUid, ...file })));
    return finished(node, studyInstanceUid, 60);
  }

  async function resultUid(studyInstanceUid: string, kind: string): Promise<string> {
    const study = await node.records.queries.studyDetail(studyInstanceUid);
    const result = study?.jobs[0]?.results.find((one) => one.kind === kind);
    if (result === undefined) throw new Error(`there is no ${kind} yet`);
    return result.sopInstanceUid;
  }

  it('keeps a warning with the result, also once it was read back, and shows it', async () => {
    proxy.alter({ stored: warned });
    const study = await segmented();
    expect(study.outcome).toBe('stored');
    expect(study.jobs[0]?.results).toMatchObject([
      { kind: 'SEG', verified: true, status: 200, warning: WARNED },
      { kind: 'SR', verified: true, status: 200, warning: WARNED },
    ]);
    const shown = await runCli(['studies', 'show', study.studyInstanceUid], {
      env: { SITUS_DATABASE_URL: database.url },
    });
    const lines = shown.out.split('\n').filter((line) => /^ {2}(SEG|SR) /.test(line));
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).toMatch(/read back, content sha256 [0-9a-f]{64}; the archive warned: stored/);
      expect(line).toContain(WARNED);
    }
  }, 90_000);

  it('tells what the archive warned of when it took a rejection note', async () => {
    const { studyInstanceUid } = await segmented();
    proxy.alter({ stored: warned });
    const [told] = await recall(
      {
        records: node.records,
        archive: () => site.archive,
        actor: { kind: 'user', name: 'anna', host: 'test-host' },
        node: 'node-a',
        version: '0.1.0',
      },
      {
        filter: { studies: [studyInstanceUid] },
        reason: 'quality',
        text: 'A trial.',
        signal: AbortSignal.timeout(60_000),
      },
    );
    expect(told).toMatchObject({ error: null, warning: WARNED });
  }, 90_000);

  it.each([
    [
      'a pixel',
      'PixelData',
      changing('SEG', (dataset) => {
        const pixels = new Uint8Array(rawValue(dataset, '7FE00010') as ArrayBuffer);
        pixels[7] = (pixels[7] ?? 0) ^ 16;
        setRaw(dataset, '7FE00010', 'OB', pixels.buffer);
      }),
    ],
    [
      'an attribute that is gone',
      'ContributingEquipmentSequence',
      changing('SEG', (dataset) => delete dataset['0018A001']),
    ],
    [
      'a code of the report',
      'ConceptNameCodeSequence',
      changing('SR', (dataset) => {
        const [title] = dataset['0040A043']?.Value as RawDataset[];
        setRaw(title, '00080104', 'LO', 'Report');
      }),
    ],
  ])(
    'notices %s when it reads back, and names it',
    async (_what, keyword, instance) => {
      proxy.alter({ instance });
      const study = await segmented();
      expect(study.outcome).toBe('failed');
      const [job] = study.jobs;
      expect(job?.error?.code).toBe('STORED_DIFFERS');
      expect(job?.error?.message).toMatch(new RegExp(`than was stored: ${keyword}\\.$`));
      expect(job?.results.every(({ verified }) => verified)).toBe(false);
    },
    90_000,
  );

  it('sends again what the archive has lost between storing and reading back', async () => {
    const gate = await gateWrites(database.url, {
      table: 'job_step',
      event: 'INSERT',
      when: `NEW.step = 'verify'`,
    });
    let study: StudyDetail;
    try {
      const ended = segmented();
      await gate.reached(60);
      const studyInstanceUid = uidOf(seed);
      await forget(orthanc, await resultUid(studyInstanceUid, 'SEG'));
      const left = await heldResults(site.archive, studyInstanceUid);
      expect([left.segs.length, left.srs.length]).toEqual([0, 1]);
      await gate.open();
      study = await ended;
    } finally {
      await gate.open();
    }
    expect(study.outcome).toBe('stored');
    const { segs } = await heldResults(site.archive, study.studyInstanceUid);
    expect(segs.map(({ sopInstanceUid }) => sopInstanceUid)).toEqual([
      study.jobs[0]?.results.find(({ kind }) => kind === 'SEG')?.sopInstanceUid,
    ]);
    expect(study.jobs[0]?.results.every(({ verified }) => verified)).toBe(true);
  }, 120_000);

  it('takes another transfer syntax that says the same, and records it', async () => {
    proxy.alter({ instance: transcoded(IMPLICIT) });
    const study = await segmented();
    expect(study.outcome).toBe('stored');
    expect(study.jobs[0]?.results.map(({ verification }) => verification)).toEqual([
      expect.stringContaining(`read back in another transfer syntax (${IMPLICIT}), content sha256`),
      expect.stringMatching(/^read back, content sha256/),
    ]);
  }, 90_000);

  it('blames the archive, not the scan, for one that it cannot compare', async () => {
    proxy.alter({ instance: transcoded(JPEG_2000_LOSSLESS) });
    const study = await segmented();
    expect(study.outcome).toBe('failed');
    expect(study.jobs[0]?.error).toMatchObject({
      code: 'STORED_UNREADABLE',
      message: expect.stringContaining(JPEG_2000_LOSSLESS),
    });
  }, 90_000);
});
