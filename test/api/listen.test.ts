import { execFileSync } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { get as httpsGet } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startApi } from '../../src/api/index.ts';
import { type RunningPostgres, startPostgres } from '../../src/demo/services/postgres.ts';
import { openRecords } from '../../src/records/index.ts';
import { tokenOf } from '../support/records-scene.ts';
import { apiOptions, ask, startTestApi, type ApiUnderTest } from './api-under-test.ts';
import { failure } from './failure.ts';

let folder: string;
let api: ApiUnderTest;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-api-'));
  api = await startTestApi();
});
afterAll(async () => {
  await api.stop();
  await rm(folder, { recursive: true });
});

describe('the port', () => {
  it('that is taken is said to be so', async () => {
    const port = Number(new URL(api.url).port);
    await expect(startApi(apiOptions(api.records, { port }))).rejects.toMatchObject({
      code: 'API_PORT_TAKEN',
      errorClass: 'usage',
    });
  });
});

describe('TLS', () => {
  const certificate = () => ({
    certificate: join(folder, 'server.pem'),
    key: join(folder, 'server.key'),
  });

  it('is spoken with the certificate of the configuration, and cookies then need it', async () => {
    const tls = certificate();
    try {
      execFileSync(
        'openssl',
        ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '1', '-subj', '/CN=localhost', '-keyout', tls.key, '-out', tls.certificate],
        { stdio: 'ignore' },
      ); // prettier-ignore
    } catch {
      console.log('skipped: no openssl to make a certificate with');
      return;
    }
    const secure = await startApi(apiOptions(api.records, { tls }));
    try {
      expect(secure.url).toMatch(/^https:\/\/127\.0\.0\.1:\d+$/);
      const status = await new Promise((resolve, reject) => {
        httpsGet(`${secure.url}/api/health`, { rejectUnauthorized: false }, (response) => {
          response.resume();
          resolve(response.statusCode);
        }).on('error', reject);
      });
      expect(status).toBe(200);
    } finally {
      await secure.stop();
    }
  });

  it('with a certificate that is none is refused with the file', async () => {
    const tls = { certificate: join(folder, 'none.pem'), key: join(folder, 'none.key') };
    const start = () => startApi(apiOptions(api.records, { tls }));
    await expect(start()).rejects.toMatchObject({
      code: 'API_CERTIFICATE_UNUSABLE',
      message: expect.stringContaining(tls.certificate) as unknown,
    });
    await writeFile(tls.certificate, 'no certificate');
    await writeFile(tls.key, 'no key');
    await expect(start()).rejects.toMatchObject({ code: 'API_CERTIFICATE_UNUSABLE' });
  });
});

describe('the page', () => {
  it('is served for every address but the API’s, its assets for long, itself fresh', async () => {
    await writeFile(join(folder, 'index.html'), '<title>Situs</title>');
    const page = await startApi(apiOptions(api.records, { webFolder: folder }));
    try {
      for (const path of ['/', '/studies/1.2.3', '/index.html', '/sign-in?token=x']) {
        const answer = await ask(`${page.url}${path}`);
        expect(answer.body).toContain('<title>Situs</title>');
        expect(answer.headers.get('cache-control')).toBe('no-cache');
      }
      expect(await ask(`${page.url}/assets/old.js`)).toEqual(failure(404, 'NOT_FOUND'));
      expect(await ask(`${page.url}/api/nothing`)).toEqual(failure(404, 'NOT_FOUND'));
      expect(await ask(`${page.url}/..%2f..%2fetc/passwd`)).toMatchObject({
        body: '<title>Situs</title>',
      });
    } finally {
      await page.stop();
    }
  });
});

describe('a database that goes away', () => {
  it('gives 503 with a code and without its address, and work goes on when it is back', async () => {
    const state = join(folder, 'postgres');
    let postgres: RunningPostgres = await startPostgres({ stateDir: state, disposable: true });
    const records = await openRecords(postgres.url);
    const token = await tokenOf(records, 'auditor');
    const running = await startApi(apiOptions(records));
    const { port } = postgres;
    try {
      expect((await ask(`${running.url}/api/studies`, { token })).status).toBe(200);
      await postgres.stop();
      const answer = await ask(`${running.url}/api/studies`, { token });
      expect(answer).toEqual(failure(503, 'DATABASE_UNREACHABLE'));
      expect(answer.headers.get('retry-after')).not.toBeNull();
      expect(JSON.stringify(answer.body)).not.toContain(String(port));
      const body = { name: 'anna', password: 'x' };
      expect(await ask(`${running.url}/api/session`, { method: 'POST', body })).toEqual(
        failure(503, 'DATABASE_UNREACHABLE'),
      );
      expect((await ask(`${running.url}/api/health`)).status).toBe(200);
      postgres = await startPostgres({ stateDir: state, disposable: true, port });
      expect((await ask(`${running.url}/api/studies`, { token })).status).toBe(200);
    } finally {
      await running.stop();
      await records.close();
      await postgres.stop();
    }
  }, 120_000);
});
