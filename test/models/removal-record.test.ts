import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { openRecords, type Records } from '../../src/records/index.ts';
import { decided } from '../records/fixtures.ts';
import { runCli } from '../support/cli.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

let folder: string;
let database: TestDatabase;
let records: Records;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-removal-'));
  database = await testDatabase();
  records = await openRecords(database.url);
});
afterAll(async () => {
  await records.close();
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

it('asks the record whether a job needs the model, and writes the removal into the chain', async () => {
  await writeTinyModel(folder, 'demo');
  await decided(records, 2);
  expect(await records.jobs.live('demo')).toHaveLength(2);
  expect(await records.jobs.live('other')).toEqual([]);
  const config = join(folder, 'situs.yaml');
  await writeFile(join(folder, 'rules.yaml'), 'rules: []\n');
  await writeFile(
    config,
    'archives: [{ name: main, url: "http://127.0.0.1:1/dicom-web" }]\nmodels: { folder: . }\n',
  );
  const remove = ['model', 'remove', 'demo', '--config', config];
  const env = { SITUS_DATABASE_URL: database.url };
  const refused = await runCli(remove, { env });
  expect(refused.err).toContain('MODEL_IN_USE: The model demo is needed by 2 unfinished jobs.');
  expect(refused.code).toBe(2);
  expect(existsSync(join(folder, 'demo', 'model.json'))).toBe(true);

  const forced = await runCli([...remove, '--force'], { env });
  expect({ code: forced.code, err: forced.err }).toEqual({ code: 0, err: '' });
  expect(forced.out).toContain('recorded in the audit chain');
  expect(existsSync(join(folder, 'demo'))).toBe(false);
  const [event] = await records.audit.page({ entity: 'model', entityId: 'demo' });
  expect(event).toMatchObject({
    action: 'model.removed',
    payload: { data: { version: '1', forced: true, rules: [], unfinishedJobs: 2 } },
  });
  expect((await records.audit.verify()).intact).toBe(true);
});
