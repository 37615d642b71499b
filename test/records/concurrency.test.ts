import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SitusError, type StudyListing } from '../../src/contracts/index.ts';
import { type Records, openRecords } from '../../src/records/index.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { SERVICE, listing, plan, queue, sql, stored, toSave, uid } from './fixtures.ts';

let database: TestDatabase;
let nodes: Records[];

beforeAll(async () => {
  database = await testDatabase();
  nodes = [await openRecords(database.url), await openRecords(database.url)];
});
afterAll(async () => {
  for (const node of nodes) await node.close();
  await database.drop();
});

/** The study with one more instance in its first series. */
function grown(study: StudyListing): StudyListing {
  const [first, ...others] = study.series;
  if (first === undefined) return study;
  return {
    ...study,
    series: [{ ...first, sopInstanceUids: [...first.sopInstanceUids, uid()].sort() }, ...others],
  };
}

/** Takes jobs as they come until none is live; a claim that was lost is left alone. */
async function work(records: Records, owner: string): Promise<void> {
  for (;;) {
    const live = await records.jobs.live();
    if (live.length === 0) return;
    for (const { id } of live) {
      const claim = { jobId: id, owner };
      const answer = await records.jobs.claim(SERVICE, claim, 60);
      if (answer.kind !== 'claimed') continue;
      try {
        await records.jobs.startStep(SERVICE, claim, 'fetch');
        await records.jobs.finishStep(SERVICE, claim, 'fetch', null);
        await records.jobs.saveEncoding(SERVICE, claim, plan());
        await records.jobs.saveStored(SERVICE, claim, stored('SEG', true));
        await records.jobs.saveStored(SERVICE, claim, stored('SR', true));
        await records.jobs.finishJob(SERVICE, claim, 'stored', []);
      } catch (error) {
        if (!(error instanceof SitusError) || error.code !== 'CLAIM_LOST') throw error;
      }
    }
  }
}

describe('two nodes with four workers while studies change under them', () => {
  it('store each target’s newest content once, lose nothing and keep one chain', async () => {
    const studies = Array.from({ length: 8 }, () => listing());
    const [one, two] = nodes;
    if (one === undefined || two === undefined) throw new Error('two nodes expected');
    const decide = async (records: Records, study: StudyListing, revision: number) =>
      records.decisions.saveDecision(SERVICE, toSave(study, 2, revision), queue().enqueue);
    await Promise.all(studies.map((study) => decide(one, study, 1)));
    const later = studies.map(grown);
    await Promise.all([
      ...nodes.flatMap((records, node) => [
        work(records, `node${node}:a`),
        work(records, `node${node}:b`),
      ]),
      // Both nodes see the change; only one of them may make the new jobs.
      ...later.flatMap((study) => [decide(one, study, 2), decide(two, study, 2)]),
    ]);
    await work(one, 'last');

    for (const study of later) {
      const detail = await one.queries.studyDetail(study.studyInstanceUid);
      expect(detail).toMatchObject({ outcome: 'stored', revision: 2 });
      expect(detail?.decisions).toHaveLength(2);
    }
    const doubled = await sql(
      database.url,
      `SELECT identity FROM job WHERE state = 'stored' GROUP BY identity HAVING count(*) > 1`,
    );
    expect(doubled).toEqual([]);
    const [newest] = await sql(
      database.url,
      `SELECT count(*)::int AS jobs FROM decision d JOIN study_revision r ON r.id = d.revision_id
         CROSS JOIN unnest(d.identities) i JOIN job j ON j.identity = i AND j.state = 'stored'
       WHERE r.revision = 2`,
    );
    expect(newest).toEqual({ jobs: later.length * 2 });
    const states = await sql(database.url, 'SELECT DISTINCT state FROM job ORDER BY state');
    expect(states.map((row) => String(row['state']))).not.toContain('running');
    expect(await one.audit.verify()).toMatchObject({ intact: true, problems: [] });
  });
});
