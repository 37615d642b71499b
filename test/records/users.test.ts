import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Records, openRecords } from '../../src/records/index.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { ADMIN, sql } from './fixtures.ts';

let database: TestDatabase;
let records: Records;
const PASSWORD = 'correct horse battery';

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
});
afterAll(async () => {
  await records.close();
  await database.drop();
});

async function user(name: string) {
  return records.users.createUser(ADMIN, name, 'radiologist');
}

/** Lets everything that expires be over, without waiting. */
async function expire(table: string): Promise<void> {
  await sql(database.url, `UPDATE ${table} SET expires_at = now() - interval '1 s'`);
}

describe('users', () => {
  it('have a name of their own and a role', async () => {
    expect(await user('berta')).toMatchObject({
      name: 'berta',
      role: 'radiologist',
      hasPassword: false,
    });
    await expect(user('berta')).rejects.toMatchObject({ code: 'USER_EXISTS' });
    await expect(user('no name')).rejects.toMatchObject({ code: 'BAD_USER_NAME' });
    await records.users.setRole(ADMIN, 'berta', 'auditor');
    expect(await records.users.users()).toMatchObject([{ name: 'berta', role: 'auditor' }]);
    await expect(records.users.setRole(ADMIN, 'nobody', 'admin')).rejects.toMatchObject({
      code: 'UNKNOWN_USER',
    });
  });
});

describe('passwords', () => {
  it('are kept as scrypt, and only the right one opens', async () => {
    await user('carl');
    await records.users.setPassword(ADMIN, 'carl', PASSWORD);
    const [row] = await sql(database.url, `SELECT password_hash FROM app_user WHERE name = 'carl'`);
    expect(row?.['password_hash']).toMatch(/^scrypt\$65536\$8\$1\$/);
    expect(await records.users.verifyPassword(ADMIN, 'carl', PASSWORD)).toMatchObject({
      name: 'carl',
    });
    expect(await records.users.verifyPassword(ADMIN, 'carl', `${PASSWORD}!`)).toBeNull();
    expect(await records.users.verifyPassword(ADMIN, 'nobody', PASSWORD)).toBeNull();
    const events = await records.audit.page({ entity: 'user', entityId: 'carl' });
    expect(events.map((event) => event.action).slice(0, 2)).toEqual([
      'user.sign-in-refused',
      'user.signed-in',
    ]);
    expect(JSON.stringify(events)).not.toContain(PASSWORD);
  });

  it('of a user without one never open, and short ones are refused', async () => {
    await user('dora');
    expect(await records.users.verifyPassword(ADMIN, 'dora', '')).toBeNull();
    await expect(records.users.setPassword(ADMIN, 'dora', 'short')).rejects.toMatchObject({
      code: 'PASSWORD_TOO_SHORT',
    });
  });
});

describe('sign-in links', () => {
  it('work once, also when two browsers use one at the same time', async () => {
    await user('emil');
    const { token } = await records.users.createSignInLink(ADMIN, 'emil', 600);
    const answers = await Promise.all(
      Array.from({ length: 6 }, () => records.users.redeemSignInLink(ADMIN, token)),
    );
    expect(answers.filter((one) => one !== null)).toMatchObject([{ name: 'emil' }]);
    expect(await records.users.redeemSignInLink(ADMIN, token)).toBeNull();
  });

  it('end with their time, and unknown ones never work', async () => {
    await user('frida');
    const { token } = await records.users.createSignInLink(ADMIN, 'frida', 600);
    await expire('sign_in_link');
    expect(await records.users.redeemSignInLink(ADMIN, token)).toBeNull();
    expect(await records.users.redeemSignInLink(ADMIN, 'made up')).toBeNull();
  });
});

describe('sessions and tokens', () => {
  it('stand for their user until they end, and are kept as hashes only', async () => {
    await user('gerd');
    const session = await records.users.createSession(ADMIN, 'gerd', 600);
    const token = await records.users.createApiToken(ADMIN, 'gerd', 'script', null);
    expect(await records.users.session(session.token)).toMatchObject({
      name: 'gerd',
      role: 'radiologist',
    });
    expect(await records.users.apiToken(token.token)).toMatchObject({
      name: 'gerd',
      expiresAt: null,
    });
    const dump = JSON.stringify([
      await sql(database.url, 'SELECT * FROM session'),
      await sql(database.url, 'SELECT * FROM api_token'),
      await sql(database.url, 'SELECT * FROM audit_event'),
    ]);
    expect(dump).not.toContain(session.token);
    expect(dump).not.toContain(token.token);
    await records.users.endSession(ADMIN, session.token);
    await records.users.revokeApiToken(ADMIN, token.id);
    expect(await records.users.session(session.token)).toBeNull();
    expect(await records.users.apiToken(token.token)).toBeNull();
    await expect(records.users.revokeApiToken(ADMIN, token.id)).rejects.toMatchObject({
      code: 'UNKNOWN_TOKEN',
    });
    expect(await records.users.apiTokens()).toMatchObject([{ name: 'script', user: 'gerd' }]);
  });

  it('end with their time', async () => {
    await user('hilde');
    const session = await records.users.createSession(ADMIN, 'hilde', 600);
    const token = await records.users.createApiToken(ADMIN, 'hilde', 'script', 600);
    await expire('session');
    await expire('api_token');
    expect(await records.users.session(session.token)).toBeNull();
    expect(await records.users.apiToken(token.token)).toBeNull();
  });

  it('end when the user is disabled, and do not come back with them', async () => {
    await user('ivo');
    await records.users.setPassword(ADMIN, 'ivo', PASSWORD);
    const session = await records.users.createSession(ADMIN, 'ivo', 600);
    const token = await records.users.createApiToken(ADMIN, 'ivo', 'script', null);
    const link = await records.users.createSignInLink(ADMIN, 'ivo', 600);
    await records.users.setDisabled(ADMIN, 'ivo', true);
    expect(await records.users.verifyPassword(ADMIN, 'ivo', PASSWORD)).toBeNull();
    await records.users.setDisabled(ADMIN, 'ivo', false);
    expect(await records.users.session(session.token)).toBeNull();
    expect(await records.users.apiToken(token.token)).toBeNull();
    expect(await records.users.redeemSignInLink(ADMIN, link.token)).toBeNull();
    expect(await records.users.verifyPassword(ADMIN, 'ivo', PASSWORD)).toMatchObject({
      name: 'ivo',
    });
  });
});
