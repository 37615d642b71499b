import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { meSchema } from '../../src/api/schemas.ts';
import { SERVICE } from '../records/fixtures.ts';
import { ask, startTestApi, type Answered, type ApiUnderTest } from './api-under-test.ts';
import { failure } from './failure.ts';

const PASSWORD = 'four words are easier';
let api: ApiUnderTest;

beforeAll(async () => {
  api = await startTestApi({ sessionHours: 0.5 });
  await api.records.users.createUser(SERVICE, 'rosa', 'radiologist');
  await api.records.users.setPassword(SERVICE, 'rosa', PASSWORD);
});
afterAll(() => api.stop());

const signIn = (body: unknown): Promise<Answered> =>
  ask(`${api.url}/api/session`, { method: 'POST', body });
const cookieOf = (answer: Answered): string => answer.headers.getSetCookie()[0] ?? '';
const pairOf = (answer: Answered): string => cookieOf(answer).split(';')[0] ?? '';
const withCookie = (answer: Answered, method: string, path: string): Promise<Answered> =>
  ask(`${api.url}${path}`, { method, headers: { Cookie: pairOf(answer) } });

describe('a one-time link', () => {
  it('signs in once, also when two browsers have it', async () => {
    const { token } = await api.records.users.createSignInLink(SERVICE, 'rosa', 60);
    const answers = await Promise.all([signIn({ token }), signIn({ token }), signIn({ token })]);
    expect(answers.map((one) => one.status).sort()).toEqual([200, 401, 401]);
    expect(await signIn({ token })).toEqual(failure(401, 'WRONG_CREDENTIALS'));
  });

  it('does nothing after its time', async () => {
    const { token } = await api.records.users.createSignInLink(SERVICE, 'rosa', -1);
    expect(await signIn({ token })).toEqual(failure(401, 'WRONG_CREDENTIALS'));
  });
});

describe('name and password', () => {
  it('sign in, with a cookie that scripts and other sites cannot use', async () => {
    const answer = await signIn({ name: 'rosa', password: PASSWORD });
    expect(meSchema.parse(answer.body)).toEqual({
      name: 'rosa',
      role: 'radiologist',
      seesPatients: true,
    });
    const cookie = cookieOf(answer);
    expect(cookie).toMatch(/; HttpOnly/);
    expect(cookie).toMatch(/; SameSite=Strict/);
    expect(cookie).toMatch(/; Path=\//);
    expect(cookie).toMatch(/; Max-Age=1800/);
    expect((await withCookie(answer, 'GET', '/api/me')).body).toMatchObject({ name: 'rosa' });
  });

  it('say the same of a wrong password and an unknown name', async () => {
    const wrong = await signIn({ name: 'rosa', password: 'wrong' });
    expect(wrong).toEqual(failure(401, 'WRONG_CREDENTIALS'));
    expect((await signIn({ name: 'nobody', password: 'wrong' })).body).toEqual(wrong.body);
    expect(wrong.headers.getSetCookie()).toEqual([]);
  });

  it('are recorded with the claimed name as what was tried, not as who acted', async () => {
    const events = await api.records.audit.page({ entity: 'user', entityId: 'rosa' });
    const refused = events.find((event) => event.action === 'user.sign-in-refused');
    expect(refused?.actor).toMatchObject({ kind: 'service', name: 'sign-in' });
  });
});

describe('a session', () => {
  it('ends when signed out, and the cookie goes', async () => {
    const answer = await signIn({ name: 'rosa', password: PASSWORD });
    const out = await withCookie(answer, 'DELETE', '/api/session');
    expect(out.status).toBe(204);
    expect(cookieOf(out)).toMatch(/situs_session=;.*Expires=Thu, 01 Jan 1970/);
    expect(await withCookie(answer, 'GET', '/api/me')).toEqual(failure(401, 'NOT_SIGNED_IN'));
  });

  it('ends when its user is disabled', async () => {
    await api.records.users.createUser(SERVICE, 'leaver', 'admin');
    const { token } = await api.records.users.createSignInLink(SERVICE, 'leaver', 60);
    const answer = await signIn({ token });
    await api.records.users.setDisabled(SERVICE, 'leaver', true);
    expect(await withCookie(answer, 'GET', '/api/me')).toEqual(failure(401, 'NOT_SIGNED_IN'));
  });
});

describe('what is no sign-in', () => {
  it.each([
    ['nothing', {}],
    ['a name alone', { name: 'rosa' }],
    ['a NUL', { name: 'ro\u0000sa', password: 'x' }],
    ['objects for text', { name: { gt: '' }, password: { gt: '' } }],
    ['more than is asked for', { name: 'rosa', password: PASSWORD, role: 'admin' }],
  ])('%s is a bad request', async (_name, body) => {
    expect(await signIn(body)).toEqual(failure(400, 'BAD_REQUEST'));
  });

  it('broken JSON and a flood of it are told apart', async () => {
    const post = (body: string) =>
      fetch(`${api.url}/api/session`, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body,
      });
    expect(await (await post('{"name":')).json()).toMatchObject({ error: { code: 'BAD_REQUEST' } });
    const large = await post(JSON.stringify({ name: 'x'.repeat(200_000), password: 'x' }));
    expect(large.status).toBe(413);
    expect(await large.json()).toMatchObject({ error: { code: 'BODY_TOO_LARGE' } });
  });
});

describe('failed sign-ins', () => {
  it('are limited for a name; those that succeed do not count, nor do other names', async () => {
    const limited = await startTestApi();
    try {
      await limited.records.users.createUser(SERVICE, 'anna', 'admin');
      const post = (body: unknown) => ask(`${limited.url}/api/session`, { method: 'POST', body });
      // Links count together as one name, and cost no password hash.
      for (let count = 0; count < 9; count += 1) {
        expect((await post({ token: 'wrong' })).status).toBe(401);
      }
      for (let count = 0; count < 3; count += 1) {
        const { token } = await limited.records.users.createSignInLink(SERVICE, 'anna', 60);
        expect((await post({ token })).status).toBe(200);
      }
      expect((await post({ token: 'wrong' })).status).toBe(401);
      const refused = await post({ token: 'wrong' });
      expect(refused).toEqual(failure(429, 'TOO_MANY_SIGN_INS'));
      expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
      expect((await post({ name: 'anna', password: 'wrong' })).status).toBe(401);
    } finally {
      await limited.stop();
    }
  });
});
