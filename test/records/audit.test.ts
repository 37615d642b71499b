import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Records, openRecords } from '../../src/records/index.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import {
  ADMIN,
  FINDINGS,
  SERVICE,
  claimed,
  decided,
  labels,
  listing,
  sql,
  stored,
  storeJob,
} from './fixtures.ts';

let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
  const { jobs } = await decided(records, 2);
  for (const [index, job] of jobs.entries()) {
    if (index > 0) {
      await storeJob(records, job.id);
      continue;
    }
    const { claim } = await claimed(records, job.id);
    await records.jobs.saveSegmentation(SERVICE, claim, labels());
    await records.jobs.saveFindings(SERVICE, claim, FINDINGS);
    await records.jobs.saveStored(SERVICE, claim, stored('SEG', false));
  }
  await records.config.activate(ADMIN, 'rules', 'v1', 'rules: []');
});
afterAll(async () => {
  await records.close();
  await database.drop();
});

/** Does something behind Situs's back as the tables' owner, checks, and puts it back. */
async function tampered(change: string, undo: string) {
  const off = 'SET session_replication_role = replica;';
  await sql(database.url, `${off} ${change}`);
  try {
    return await records.audit.verify();
  } finally {
    await sql(database.url, `${off} ${undo}`);
  }
}

describe('the audit chain', () => {
  it('is intact after ordinary work, and names its head', async () => {
    const report = await records.audit.verify();
    expect(report).toMatchObject({ intact: true, problems: [], truncated: false });
    const [head] = await sql<{ seq: string; hash: string }>(
      database.url,
      'SELECT seq, hash FROM audit_event ORDER BY seq DESC LIMIT 1',
    );
    expect(report.head).toEqual({ seq: Number(head?.seq), hash: head?.hash });
    expect(report.events).toBe(report.head.seq);
    expect(report.rows).toBeGreaterThan(10);
  });

  it.each([
    [
      'result',
      'UPDATE result SET sha256 = repeat($$0$$, 64)',
      `UPDATE result SET sha256 = repeat('c', 64)`,
    ],
    [
      'finding',
      'UPDATE finding SET volume_ml = -volume_ml',
      'UPDATE finding SET volume_ml = -volume_ml',
    ],
    ['verdict', 'UPDATE verdict SET taken = NOT taken', 'UPDATE verdict SET taken = NOT taken'],
    [
      'config_version',
      `UPDATE config_version SET text = 'x'`,
      `UPDATE config_version SET text = 'rules: []'`,
    ],
  ])('finds changed rows of %s', async (table, change, undo) => {
    const report = await tampered(change, undo);
    expect(report.intact).toBe(false);
    expect(report.problems.length).toBeGreaterThan(0);
    for (const problem of report.problems) {
      expect(problem).toMatchObject({ kind: 'changed', table });
    }
    expect((await records.audit.verify()).intact).toBe(true);
  });

  it('finds a removed row', async () => {
    const report = await tampered(
      'CREATE TABLE kept AS SELECT * FROM gate_verdict; DELETE FROM gate_verdict',
      'INSERT INTO gate_verdict SELECT * FROM kept; DROP TABLE kept',
    );
    expect(report.problems).toMatchObject([{ kind: 'removed', table: 'gate_verdict' }]);
  });

  it('finds a row that was slipped in, though inserting is allowed', async () => {
    const [row] = await sql(
      database.url,
      `INSERT INTO gate_verdict (job_id, "check", level, message)
       SELECT id, 'volume', 'pass', 'all fine' FROM job LIMIT 1 RETURNING id`,
    );
    const report = await tampered('SELECT 1', `DELETE FROM gate_verdict WHERE id = ${row?.['id']}`);
    expect(report.problems).toMatchObject([
      { kind: 'inserted', table: 'gate_verdict', id: String(row?.['id']) },
    ]);
  });

  it('finds a job whose end was rewritten, and labels that were exchanged', async () => {
    const ended = await tampered(
      `UPDATE job SET state = 'held' WHERE state = 'stored'`,
      `UPDATE job SET state = 'stored' WHERE state = 'held'`,
    );
    expect(ended.problems).toMatchObject([{ kind: 'changed', table: 'job' }]);
    expect(ended.problems[0]?.message).toMatch(/is held.*says job.stored/);
    const [job] = await sql<{ id: string; bytes: Buffer }>(
      database.url,
      'SELECT job_id AS id, bytes FROM job_labels',
    );
    const exchanged = await tampered(
      `UPDATE job_labels SET bytes = 'x', sha256 = encode(sha256('x'), 'hex')`,
      `UPDATE job_labels SET bytes = '\\x${job?.bytes.toString('hex')}'`,
    );
    expect(exchanged.problems).toMatchObject([
      { kind: 'changed', table: 'job_labels', id: job?.id },
    ]);
    expect((await records.audit.verify()).intact).toBe(true);
  });

  it('finds a changed event', async () => {
    const report = await tampered(
      `UPDATE audit_event SET actor_name = 'nobody' WHERE seq = 3`,
      `UPDATE audit_event SET actor_name = '${SERVICE.name}' WHERE seq = 3`,
    );
    expect(report.problems).toMatchObject([{ kind: 'changed', table: 'audit_event', id: '3' }]);
  });

  it('finds an event that was changed together with its own hash', async () => {
    const [before] = await sql(database.url, 'SELECT hash FROM audit_event WHERE seq = 3');
    const report = await tampered(
      `UPDATE audit_event SET hash = repeat('f', 64) WHERE seq = 3`,
      `UPDATE audit_event SET hash = '${before?.['hash']}' WHERE seq = 3`,
    );
    expect(report.problems.map((one) => one.id)).toEqual(['3', '4']);
  });

  it('finds an event taken out of the middle', async () => {
    const report = await tampered(
      'CREATE TABLE kept AS SELECT * FROM audit_event WHERE seq = 2; DELETE FROM audit_event WHERE seq = 2',
      'INSERT INTO audit_event SELECT * FROM kept; DROP TABLE kept',
    );
    expect(report.problems).toContainEqual(
      expect.objectContaining({ kind: 'removed', table: 'audit_event', id: '2' }),
    );
  });

  it('finds events cut off the end', async () => {
    const report = await tampered(
      `CREATE TABLE kept AS SELECT * FROM audit_event ORDER BY seq DESC LIMIT 1;
       DELETE FROM audit_event WHERE seq = (SELECT seq FROM kept)`,
      'INSERT INTO audit_event SELECT * FROM kept; DROP TABLE kept',
    );
    expect(report.problems).toContainEqual(
      expect.objectContaining({ kind: 'removed', message: expect.stringContaining('cut off') }),
    );
  });

  it('stays one chain when many write at once', async () => {
    await Promise.all(
      Array.from({ length: 24 }, (_, index) =>
        records.audit.note(ADMIN, 'patient-data.seen', 'study', `study ${index}`, { index }),
      ),
    );
    expect(await records.audit.verify()).toMatchObject({ intact: true });
  });

  it('survives text that a database cannot hold', async () => {
    const nasty = listing({ studyDescription: 'a\u0000b \ud800 c', modalities: ['M\u0000R'] });
    await records.studies.observeStudy(SERVICE, nasty);
    await records.audit.note(ADMIN, 'note', 'study', 'x', { 'k\u0000': ['\u0000', -0, 1e21, 0.1] });
    const detail = await records.queries.studyDetail(nasty.studyInstanceUid);
    expect(detail?.description).toBe('ab \ufffd c');
    expect(await records.audit.verify()).toMatchObject({ intact: true });
  });

  it('tells who did what to one entity, newest first', async () => {
    await records.audit.note(ADMIN, 'first', 'thing', 'one', {});
    await records.audit.note(SERVICE, 'second', 'thing', 'one', {});
    const page = await records.audit.page({ entity: 'thing', entityId: 'one' });
    expect(page.map((event) => [event.action, event.actor.name])).toEqual([
      ['second', SERVICE.name],
      ['first', ADMIN.name],
    ]);
    const before = await records.audit.page({
      entity: 'thing',
      entityId: 'one',
      ...(page[0] === undefined ? {} : { before: page[0].seq }),
    });
    expect(before.map((event) => event.action)).toEqual(['first']);
  });

  it('exports every event in order', async () => {
    const seen: number[] = [];
    const count = await records.audit.export((event) => {
      seen.push(event.seq);
    });
    expect(seen).toEqual(Array.from({ length: count }, (_, index) => index + 1));
  });
});

describe('append-only tables', () => {
  it.each([
    'audit_event',
    'study_revision',
    'revision_headers',
    'config_version',
    'decision',
    'verdict',
    'result',
    'finding',
    'gate_verdict',
  ])('%s refuses UPDATE, DELETE and TRUNCATE, to its owner too', async (table) => {
    const [column] = await sql(
      database.url,
      `SELECT column_name FROM information_schema.columns WHERE table_name = $1 LIMIT 1`,
      [table],
    );
    const name = String(column?.['column_name']);
    for (const statement of [
      `UPDATE ${table} SET ${name} = ${name}`,
      `DELETE FROM ${table}`,
      `TRUNCATE ${table} CASCADE`,
    ]) {
      await expect(sql(database.url, statement)).rejects.toMatchObject({ code: 'SI001' });
    }
  });
});
