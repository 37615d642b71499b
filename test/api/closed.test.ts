import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ROLES } from '../../src/records/index.ts';
import { routes } from '../../src/api/routes.ts';
import { tokenOf } from '../support/records-scene.ts';
import { apiOptions, ask, startTestApi, type ApiUnderTest } from './api-under-test.ts';
import { failure } from './failure.ts';

let api: ApiUnderTest;
const tokens = new Map<string, string>();

beforeAll(async () => {
  api = await startTestApi();
  for (const role of ROLES) tokens.set(role, await tokenOf(api.records, role));
});
afterAll(() => api.stop());

/** The table that the server is made from, so that no new route can be forgotten here. */
const table = () => routes(apiOptions(api.records));
const OPEN = ['get /api/health', 'post /api/session'];

function address(path: string): string {
  const filled = path
    .replace('{studyInstanceUid}', '1.2.3')
    .replace('{name}', 'demo')
    .replace('{jobId}', '0b7f6a52-6f0e-4b0f-9d5c-8a4f9d1c2b3a');
  return `${api.url}${filled}`;
}

describe('every route', () => {
  it('but health and sign-in is closed to whoever is not signed in', async () => {
    const closed = table().filter((one) => !OPEN.includes(`${one.method} ${one.path}`));
    expect(closed.length).toBeGreaterThan(8);
    for (const { method, path } of closed) {
      for (const headers of [
        {},
        { Authorization: 'Bearer wrong' },
        { Authorization: 'Basic YTpi' },
        { Cookie: 'situs_session=wrong' },
        { Cookie: 'situs_session=%E0%A4%A' },
      ]) {
        expect(await ask(address(path), { method: method.toUpperCase(), headers })).toEqual(
          failure(401, 'NOT_SIGNED_IN'),
        );
      }
    }
  });

  it('refuses the roles that it does not name, and no others', async () => {
    const seen: string[] = [];
    for (const { method, path, roles } of table()) {
      for (const role of ROLES) {
        if (roles === 'open') continue;
        const answer = await ask(address(path), {
          method: method.toUpperCase(),
          token: tokens.get(role) ?? '',
        });
        if (roles.includes(role)) expect([200, 204, 404]).toContain(answer.status);
        else {
          expect(answer).toEqual(failure(403, 'FORBIDDEN'));
          seen.push(`${role} ${method} ${path}`);
        }
      }
    }
    expect(seen).toEqual([
      'auditor get /api/studies/{studyInstanceUid}/patient',
      'auditor post /api/studies/{studyInstanceUid}/rerun',
      'radiologist post /api/studies/{studyInstanceUid}/rerun',
      'radiologist get /metrics',
    ]);
  });
});

describe('an address that is no route', () => {
  it.each(['/api', '/api/users', '/API/nothing', '/metrics/x', '/etc/passwd'])(
    '%s says so with code and next step',
    async (path) => {
      expect(await ask(`${api.url}${path}`)).toEqual(failure(404, 'NOT_FOUND'));
    },
  );
});

describe('a change that comes from a page of another site', () => {
  it('is refused, whatever it carries', async () => {
    const request = { method: 'POST', token: tokens.get('admin') ?? '' };
    for (const origin of ['https://evil.example', 'null', `${api.url}.evil.example`]) {
      expect(
        await ask(address('/api/studies/1.2.3/rerun'), { ...request, headers: { Origin: origin } }),
      ).toEqual(failure(403, 'OTHER_ORIGIN'));
    }
    expect(
      await ask(address('/api/studies/1.2.3/rerun'), { ...request, headers: { Origin: api.url } }),
    ).toEqual(failure(404, 'UNKNOWN_STUDY'));
  });
});

describe('health', () => {
  it('tells strangers how the parts are and nothing of studies', async () => {
    api.health.report('archive main', 'ok', 'answers');
    api.health.report('worker', 'degraded', 'study 1.2.3 of Müller waits');
    expect(await ask(`${api.url}/api/health`)).toMatchObject({
      status: 200,
      body: { level: 'degraded', parts: { 'archive main': 'ok', worker: 'degraded' } },
    });
    api.health.report('archive main', 'down', 'refused');
    const answer = await ask(`${api.url}/api/health`);
    expect(answer.status).toBe(503);
    expect(JSON.stringify(answer.body)).not.toContain('1.2.3');
  });
});

describe('headers', () => {
  it('forbid caching, framing, foreign scripts and guessing of types', async () => {
    const { headers } = await ask(`${api.url}/api/me`, { token: tokens.get('admin') ?? '' });
    expect(headers.get('cache-control')).toBe('no-store');
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
    expect(headers.get('x-powered-by')).toBeNull();
  });
});
