import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type RunningPostgres, startPostgres } from '../../src/demo/services/postgres.ts';
import { type Records, openRecords } from '../../src/records/index.ts';
import { testDatabase } from '../support/postgres.ts';
import { SERVICE, listing } from './fixtures.ts';

const UNREACHABLE = {
  name: 'SitusError',
  code: 'DATABASE_UNREACHABLE',
  errorClass: 'retry',
  origin: 'database',
};

describe('a database that cannot be reached', () => {
  let folder: string;
  let postgres: RunningPostgres;
  let records: Records;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'situs-outage-'));
    postgres = await startPostgres({ stateDir: folder, disposable: true });
    records = await openRecords(postgres.url);
  });
  afterAll(async () => {
    await records.close();
    await postgres.stop();
    await rm(folder, { recursive: true });
  });

  it('is said to be so on opening', async () => {
    const url = new URL(postgres.url);
    url.port = '1';
    await expect(openRecords(url.href)).rejects.toMatchObject(UNREACHABLE);
    await expect(openRecords(url.href, { migrate: false })).rejects.toMatchObject(UNREACHABLE);
  });

  it('is said to be so when it goes away, and work goes on when it is back', async () => {
    const study = listing();
    await records.studies.observeStudy(SERVICE, study);
    const port = postgres.port;
    await postgres.stop();
    for (const call of [
      () => records.studies.observeStudy(SERVICE, listing()),
      () => records.queries.studiesPage({}),
      () => records.intake.acquireLease('poller', 'a', 60),
      () => records.users.session('token'),
    ]) {
      await expect(call()).rejects.toMatchObject(UNREACHABLE);
    }
    postgres = await startPostgres({ stateDir: folder, disposable: true, port });
    expect((await records.queries.studiesPage({})).rows).toMatchObject([
      { studyInstanceUid: study.studyInstanceUid },
    ]);
    expect(await records.audit.verify()).toMatchObject({ intact: true });
  });
});

describe('a database that refuses', () => {
  it('is told apart from one that is away: waiting does not help', async () => {
    const database = await testDatabase();
    const wrong = new URL(database.url);
    wrong.password = 'wrong';
    await expect(openRecords(wrong.href)).rejects.toMatchObject({
      code: 'DATABASE_REFUSED',
      errorClass: 'usage',
    });
    wrong.href = database.url;
    wrong.pathname = '/situs_nowhere';
    await expect(openRecords(wrong.href)).rejects.toMatchObject({ code: 'DATABASE_REFUSED' });
    await database.drop();
  });
});
