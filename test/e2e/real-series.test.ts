import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { SitusNode } from '../../src/app.ts';
import type { RunningOrthanc } from '../../src/demo/index.ts';
import { readInstance } from '../../src/imaging/index.ts';
import type { StudyDetail } from '../../src/records/index.ts';
import { dciodvfy, dsrdump, haveTool } from '../support/dciodvfy.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { finished, makeSite, startSiteNode, type Site } from '../support/site.ts';
import { compareWithLabels, heldResults } from '../support/stored-results.ts';

const REAL = fileURLToPath(new URL('../../../shared/data/real/', import.meta.url));
const CASES = [
  { folder: 'ct-abdomen', sequence: 'ct_abdomen' },
  { folder: 'mr-abdomen', sequence: 't1_in_phase' },
] as const;
const there = CASES.every(({ folder }) => existsSync(join(REAL, folder)));
if (!there)
  console.warn('../shared/data/real is not there: the tests on real series were skipped.');

(there ? describe : describe.skip)('real series', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let site: Site;
  let node: SitusNode;
  const studies = new Map<string, StudyDetail>();
  const conformance = haveTool('dciodvfy');
  const reports = haveTool('dsrdump');

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    site = await makeSite({ orthanc, databaseUrl: database.url });
    const uids = new Map<string, string>();
    for (const { folder } of CASES) {
      const path = join(REAL, folder);
      const files = (await readdir(path)).filter((name) => name.endsWith('.dcm'));
      const instances = [];
      for (const name of files) {
        const bytes = await readFile(join(path, name));
        const { dataset, seriesInstanceUid, sopInstanceUid } = readInstance(bytes);
        const studyInstanceUid = String(dataset['0020000D']?.Value?.[0]);
        instances.push({ studyInstanceUid, seriesInstanceUid, sopInstanceUid, bytes });
        uids.set(folder, studyInstanceUid);
      }
      await site.archive.store(instances);
    }
    node = await startSiteNode(site);
    for (const [folder, uid] of uids) studies.set(folder, await finished(node, uid, 100));
  }, 200_000);

  afterAll(async () => {
    await node?.stop();
    await site?.remove();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  describe.each(CASES)('$folder', ({ folder, sequence }) => {
    async function stored() {
      const study = studies.get(folder);
      const job = study?.jobs[0];
      if (study === undefined || job === undefined) throw new Error('there is no job');
      const { segs, srs } = await heldResults(site.archive, study.studyInstanceUid);
      const [seg] = segs;
      const [sr] = srs;
      if (seg === undefined || sr === undefined) throw new Error('there are no results');
      return { study, job, seg, sr, counts: [segs.length, srs.length] };
    }

    it('is matched, segmented and stored', async () => {
      const { study, job, counts } = await stored();
      expect(study).toMatchObject({ outcome: 'stored', reasons: [] });
      expect(job).toMatchObject({ sequence, state: 'stored' });
      expect(counts).toEqual([1, 1]);
    });

    it('has a SEG whose frames are the labels, voxel for voxel', async () => {
      const { job, seg } = await stored();
      const compared = await compareWithLabels(site.archive, node.records, job, seg.bytes);
      expect(compared.different).toBe(0);
      expect(compared.foreground).toBeGreaterThan(1000);
    });

    (conformance ? it : it.skip)('gives objects that dciodvfy has nothing against', async () => {
      const { seg, sr } = await stored();
      expect(dciodvfy(seg.bytes)).toEqual([]);
      expect(dciodvfy(sr.bytes)).toEqual([]);
    });

    (reports ? it : it.skip)('gives a report that dsrdump reads without complaint', async () => {
      const { sr } = await stored();
      expect(dsrdump(sr.bytes)).toEqual([]);
    });
  });
});
