import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createArchive, type Archive, type ArchiveConfig } from '../../src/archive/index.ts';
import { archiveAt, collect, serveSeries } from '../support/archive-under-test.ts';
import { makeSeries } from '../support/dicom.ts';
import { fakeClock, type FakeClock } from '../support/fake-clock.ts';
import { sendJson, startFaultServer, type FaultServer } from '../support/fault-server.ts';

let server: FaultServer;
let clock: FakeClock;
let opened: Archive[];

beforeEach(async () => {
  server = await startFaultServer();
  clock = fakeClock();
  opened = [];
});

afterEach(async () => {
  for (const archive of opened) await archive.close();
  await server.close();
});

function open(more: Partial<ArchiveConfig> = {}, at = server): Archive {
  const archive = archiveAt(at.url, more, clock);
  opened.push(archive);
  return archive;
}

describe('an archive that is busy', () => {
  it('is asked again after a short Retry-After', async () => {
    let asked = 0;
    server.handle((_request, response) => {
      asked += 1;
      if (asked > 1) return sendJson(response, []);
      response.writeHead(429, { 'Retry-After': '3' }).end();
    });
    await open().ping();
    expect(clock.slept).toContain(3000);
  });

  it('is left alone for a long one, which the caller is told', async () => {
    const until = new Date(clock.now() + 120_000).toUTCString();
    server.handle((_request, response) => {
      response.writeHead(503, { 'Retry-After': until }).end();
    });
    const archive = open();
    const busy = { code: 'ARCHIVE_BUSY', errorClass: 'retry', details: { retryAfterSeconds: 120 } };
    await expect(archive.ping()).rejects.toMatchObject(busy);
    await expect(archive.ping()).rejects.toMatchObject(busy);
    expect(server.received).toHaveLength(1);
    expect(archive.condition()).toMatchObject({ state: 'paused' });
    server.handle((_request, response) => sendJson(response, []));
    clock.advance(120_000);
    await archive.ping();
    expect(archive.condition().state).toBe('open');
  });
});

describe('an archive that does not let us in', () => {
  it('is not asked again until its pause is over, and the alarm stays until it lets us in', async () => {
    server.handle((_request, response) => void response.writeHead(401).end());
    const archive = open();
    for (let index = 0; index < 5; index += 1) {
      await expect(archive.ping()).rejects.toMatchObject({ code: 'ARCHIVE_UNAUTHORIZED' });
    }
    expect(server.received).toHaveLength(1);
    clock.advance(300_000);
    expect(archive.condition().state).toBe('unauthorized');
    server.handle((_request, response) => sendJson(response, []));
    await archive.ping();
    expect(archive.condition().state).toBe('open');
  });

  it.each([
    [
      { kind: 'basic', username: 'ä', password: 'ß:x' } as const,
      `Basic ${Buffer.from('ä:ß:x').toString('base64')}`,
    ],
    [{ kind: 'bearer', token: 'abc' } as const, 'Bearer abc'],
    [{ kind: 'headers', headers: { authorization: 'Key 1' } } as const, 'Key 1'],
    [{ kind: 'none' } as const, undefined],
  ])('is shown the credentials it wants: %j', async (auth, sent) => {
    server.handle((_request, response) => sendJson(response, []));
    await open({ auth }).ping();
    expect(server.received[0]?.headers.authorization).toBe(sent);
  });

  it('never sends the credentials elsewhere', async () => {
    const other = await startFaultServer();
    server.handle((_request, response) => {
      response.writeHead(302, { Location: `${other.url}/dicom-web/studies` }).end();
    });
    const auth = { kind: 'bearer', token: 'secret' } as const;
    await expect(open({ auth }).ping()).rejects.toMatchObject({ code: 'ARCHIVE_BAD_ANSWER' });
    expect(other.received).toEqual([]);
    await other.close();
  });
});

describe('an archive that does not answer', () => {
  it('is unreachable, and after a while not even tried', async () => {
    const archive = open();
    await server.close();
    await expect(archive.ping()).rejects.toMatchObject({
      code: 'ARCHIVE_UNREACHABLE',
      origin: 'archive',
      errorClass: 'retry',
    });
    await expect(archive.ping()).rejects.toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
    expect(archive.condition().state).toBe('paused');
    const probe = await archive.probe();
    expect(probe).toMatchObject({ reachable: false, problem: { code: 'ARCHIVE_UNREACHABLE' } });
  });

  it('is given up after its time', async () => {
    server.handle(() => undefined);
    const archive = open({ timeouts: { answer: 50 } });
    await expect(archive.ping()).rejects.toMatchObject({ code: 'ARCHIVE_TIMEOUT' });
  });

  it('is given up when it falls silent inside an answer', async () => {
    server.handle((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'application/dicom+json' });
      response.write('[');
    });
    const archive = open({ timeouts: { idle: 50 } });
    await expect(archive.ping()).rejects.toMatchObject({ code: 'ARCHIVE_TIMEOUT' });
  });

  it('is asked once more when a connection that was kept died meanwhile', async () => {
    let dropped = false;
    server.handle((_request, response) => {
      if (dropped) return sendJson(response, []);
      dropped = true;
      response.socket?.destroy();
    });
    await open().ping();
    expect(server.received).toHaveLength(2);
    expect(clock.slept).toEqual([]);
  });
});

describe('a caller that gives up', () => {
  it('ends a search in flight with its own reason', async () => {
    const leaving = new AbortController();
    server.handle(() => leaving.abort(new Error('shutting down')));
    await expect(open().ping({ signal: leaving.signal })).rejects.toThrow('shutting down');
  });

  it('ends a transfer in the middle and frees its place', async () => {
    const series = makeSeries({ seed: 'abort', slices: 3 });
    const archive = open({ limits: { requestsPerSecond: 1000, parallel: 1 } });
    const leaving = new AbortController();
    server.handle((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'multipart/related; boundary=b' });
      response.write('--b\r\n\r\n', () => leaving.abort(new Error('shutting down')));
    });
    const transfer = collect(archive.retrieveInstances(series, { signal: leaving.signal }));
    await expect(transfer).rejects.toThrow('shutting down');
    server.handle(serveSeries(series));
    expect(await collect(archive.retrieveInstances(series))).toHaveLength(3);
    expect(archive.condition().state).toBe('open');
  });

  it('is not served at all when it gave up before', async () => {
    await expect(open().ping({ signal: AbortSignal.abort(new Error('too late')) })).rejects.toThrow(
      'too late',
    );
    expect(server.received).toEqual([]);
  });
});

describe('the address of an archive', () => {
  it.each([
    'not a url',
    'ftp://pacs/dicom-web',
    'http://me:secret@pacs/dicom-web',
    'http://pacs/?a=b',
  ])('is refused: %s', (url) => {
    const create = () => createArchive({ name: 'main', url, auth: { kind: 'none' } });
    expect(create).toThrow(expect.objectContaining({ code: 'ARCHIVE_URL_INVALID' }));
    expect(create).not.toThrow('secret');
  });
});

describe('TLS', () => {
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'situs-tls-'));
    const files = ['-keyout', join(folder, 'key.pem'), '-out', join(folder, 'cert.pem')];
    const subject = ['-subj', '/CN=archive', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'];
    execFileSync('openssl', ['req', ...kind, '-days', '2', ...subject, ...files], {
      stdio: 'pipe',
    });
  });

  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('needs a certificate that is trusted, and trusts the one that is configured', async () => {
    const cert = readFileSync(join(folder, 'cert.pem'), 'utf8');
    const secure = await startFaultServer({ key: readFileSync(join(folder, 'key.pem')), cert });
    secure.handle((_request, response) => sendJson(response, []));
    await expect(open({}, secure).ping()).rejects.toMatchObject({
      code: 'ARCHIVE_TLS',
      errorClass: 'retry',
    });
    expect(secure.received).toEqual([]);
    await open({ tls: { ca: cert } }, secure).ping();
    expect(secure.received).toHaveLength(1);
    await secure.close();
  });
});
