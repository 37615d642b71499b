import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Records, type StudiesQuery, openRecords } from '../../src/records/index.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { SERVICE, decided, listing, sql, storeJob } from './fixtures.ts';

let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
});
afterAll(async () => {
  await records.close();
  await database.drop();
});

async function observe(change: Parameters<typeof listing>[0] = {}): Promise<string> {
  const study = listing(change);
  await records.studies.observeStudy(SERVICE, study);
  return study.studyInstanceUid;
}

async function uids(query: StudiesQuery): Promise<string[]> {
  return (await records.queries.studiesPage(query)).rows.map((row) => row.studyInstanceUid);
}

/** Follows the cursors to the last page. */
async function allPages(query: StudiesQuery, between?: () => Promise<unknown>): Promise<string[]> {
  const seen: string[] = [];
  let cursor: string | undefined;
  for (;;) {
    const page = await records.queries.studiesPage({
      ...query,
      ...(cursor === undefined ? {} : { cursor }),
    });
    seen.push(...page.rows.map((row) => row.studyInstanceUid));
    if (page.next === null) return seen;
    cursor = page.next;
    await between?.();
  }
}

describe('studiesPage', () => {
  it('pages newest first without gap or repeat while studies arrive', async () => {
    const archive = 'paging';
    const made: string[] = [];
    for (let index = 0; index < 11; index += 1) made.unshift(await observe({ archive }));
    const arriving = () => observe({ archive });
    expect(await allPages({ archive, limit: 3 }, arriving)).toEqual(made);
  });

  it('pages through studies of the very same instant', async () => {
    const archive = 'instant';
    for (let index = 0; index < 7; index += 1) await observe({ archive });
    await sql(database.url, `UPDATE study SET observed_at = '2026-01-01' WHERE archive = $1`, [
      archive,
    ]);
    const seen = await allPages({ archive, limit: 2 });
    expect(new Set(seen).size).toBe(7);
    expect(seen).toHaveLength(7);
  });

  it('finds text in name, ID, accession number, description and UID, in any case', async () => {
    const archive = 'text';
    const study = await observe({
      archive,
      studyDescription: 'Leber 100% nativ_KM',
      attributes: {
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'ÄRMEL^Jörg' }] },
        '00100020': { vr: 'LO', Value: ['P-77/3'] },
        '00080050': { vr: 'SH', Value: ['A4711'] },
      },
    });
    await observe({ archive, studyDescription: 'Leber 1000 nativXKM' });
    for (const text of [
      'ärmel jö',
      'Ärmel^J',
      'p-77/3',
      'a4711',
      '100%',
      'nativ_k',
      'p-',
      'a4',
      study,
    ]) {
      expect([text, await uids({ archive, text })]).toEqual([text, [study]]);
    }
    expect(await uids({ archive, text: 'LEBER' })).toHaveLength(2);
    expect(await uids({ archive, text: `'; DROP TABLE study; --` })).toEqual([]);
  });

  it('never finds a patient for those who may search the description and UID alone', async () => {
    const archive = 'masked';
    const study = await observe({
      archive,
      studyDescription: 'MR Leber',
      attributes: {
        '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Leberecht^Ida' }] },
        '00100020': { vr: 'LO', Value: ['PAT-9'] },
      },
    });
    for (const [text, found] of [
      ['leber', true],
      ['mr', true],
      [study, true],
      ['leberecht', false],
      ['ida', false],
      ['pat-9', false],
      ['pa', false],
    ] as const) {
      const seen = await uids({ archive, text, textIn: 'study' });
      expect([text, seen]).toEqual([text, found ? [study] : []]);
    }
  });

  it('filters by outcome, sequence and time, alone and together', async () => {
    const archive = 'filters';
    const { study: done, jobs } = await decided(records, 1, { archive });
    await storeJob(records, String(jobs[0]?.id));
    const { study: waiting } = await decided(records, 1, { archive });
    const { study: none } = await decided(records, 0, { archive });
    const all = [none, waiting, done].map((one) => one.studyInstanceUid);
    expect(await uids({ archive })).toEqual(all);
    expect(await uids({ archive, state: 'stored' })).toEqual([done.studyInstanceUid]);
    expect(await uids({ archive, state: ['stored', 'nothing-to-do'] })).toEqual([
      none.studyInstanceUid,
      done.studyInstanceUid,
    ]);
    expect(await uids({ archive, sequence: 't1_in_phase' })).toEqual([
      waiting.studyInstanceUid,
      done.studyInstanceUid,
    ]);
    expect(await uids({ archive, sequence: 't1_in_phase', state: 'running' })).toEqual([
      waiting.studyInstanceUid,
    ]);
    const row = (await records.queries.studiesPage({ archive, state: 'stored' })).rows[0];
    const at = row?.observedAt ?? new Date(0);
    expect(await uids({ archive, to: at })).toEqual([]);
    expect(await uids({ archive, from: at })).toEqual(all);
    expect(await uids({ archive, from: new Date(at.getTime() + 3_600_000) })).toEqual([]);
  });

  it.each([[{ limit: 0 }], [{ limit: 501 }], [{ limit: 1.5 }], [{ cursor: 'made up' }]])(
    'refuses %j',
    async (query) => {
      await expect(records.queries.studiesPage(query)).rejects.toMatchObject({
        code: 'BAD_QUERY',
        errorClass: 'usage',
      });
    },
  );
});

describe('counts', () => {
  it('adds up to the table, naming outcomes that no study has', async () => {
    const { studies, jobs } = await records.queries.counts();
    const [total] = await sql(database.url, 'SELECT count(*)::int AS n FROM study');
    expect(Object.values(studies).reduce((sum, one) => sum + one, 0)).toBe(total?.['n']);
    expect(studies.held).toBe(0);
    expect(jobs).toEqual({ queued: 1, stored: 1 });
  });
});

describe('studyDetail', () => {
  it('is null for what is unknown', async () => {
    expect(await records.queries.studyDetail('1.2.3')).toBeNull();
    expect(await records.queries.jobDetail('1.2.3')).toBeNull();
  });
});
