import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRecords, type Records } from '../../src/records/index.ts';
import { SERVICE } from '../records/fixtures.ts';
import { runCli } from '../support/cli.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
  await records.users.createUser(SERVICE, 'otto', 'auditor');
});
afterAll(async () => {
  await records.close();
  await database.drop();
});

const run = (...words: string[]) =>
  runCli(['user', ...words], { env: { SITUS_DATABASE_URL: database.url } });

describe('situs user token, tokens and revoke', () => {
  it('makes a token that asks as its user, lists it without showing it, and revokes it', async () => {
    const made = await run('token', 'otto', '--name', 'prometheus', '--days', '30');
    expect(made.err).toBe('');
    const token = made.out.trim();
    expect(await records.users.apiToken(token)).toMatchObject({ name: 'otto', role: 'auditor' });
    const list = (await run('tokens')).out;
    expect(list).toContain('prometheus');
    expect(list).toContain('valid until 20');
    expect(list).not.toContain(token);
    const [row] = await records.users.apiTokens();
    expect((await run('revoke', row?.id ?? '')).code).toBe(0);
    expect(await records.users.apiToken(token)).toBeNull();
    expect((await run('tokens')).out).toContain('revoked');
  });

  it('refuses unknown users and ids, and times that are none', async () => {
    expect((await run('token', 'nobody', '--name', 'x')).err).toContain('UNKNOWN_USER');
    expect((await run('revoke', '999')).err).toContain('UNKNOWN_TOKEN');
    expect((await run('token', 'otto', '--name', 'x', '--days', '0')).code).toBe(2);
  });
});
