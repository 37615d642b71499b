import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../src/archive/clock.ts';
import { withDefaults } from '../../src/archive/config.ts';
import { createTransport, type Transport } from '../../src/archive/transport.ts';
import { ArchiveXhr, type ProgressReport, type RequestOptions } from '../../src/archive/xhr.ts';
import { startFaultServer, type FaultServer } from '../support/fault-server.ts';

let server: FaultServer;
let transport: Transport;

beforeEach(async () => {
  server = await startFaultServer();
  const limits = { requestsPerSecond: 1000 };
  const config = { name: 'main', url: server.url, auth: { kind: 'none' } as const, limits };
  transport = createTransport(withDefaults(config), systemClock);
});

afterEach(async () => {
  await transport.close();
  await server.close();
});

function request(more: Partial<RequestOptions> = {}): ArchiveXhr {
  return new ArchiveXhr(transport, { kind: 'search', limit: 1 << 28, ...more });
}

/** Sends and waits for the end; gives the events in order. */
function done(xhr: ArchiveXhr, data: string | Uint8Array | null = null): Promise<string[]> {
  const events: string[] = [];
  const note = ({ type }: ProgressReport) => {
    if (events.at(-1) !== type) events.push(type);
  };
  xhr.onreadystatechange = () => events.push(String(xhr.readyState));
  xhr.onloadstart = note;
  xhr.onprogress = note;
  xhr.onload = note;
  xhr.onerror = note;
  xhr.onabort = note;
  xhr.ontimeout = note;
  return new Promise((resolve) => {
    xhr.onloadend = (event) => {
      note(event);
      resolve(events);
    };
    xhr.send(data);
  });
}

describe('a request', () => {
  it('goes through the states and events of the interface', async () => {
    server.handle((_request, response) => void response.end('hello'));
    const xhr = request();
    xhr.open('get', `${server.url}/text`);
    expect(await done(xhr)).toEqual(['loadstart', '2', '3', 'progress', '4', 'load', 'loadend']);
    expect([xhr.status, xhr.statusText, xhr.responseText]).toEqual([200, 'OK', 'hello']);
    expect(xhr.failure).toBeNull();
  });

  it('sends its headers, joined when they come twice, and defaults only where there are none', async () => {
    server.handle((_request, response) => void response.end());
    const xhr = request({
      defaultHeaders: { accept: 'application/dicom+json', 'x-one': 'default' },
    });
    xhr.open('POST', `${server.url}/`);
    xhr.setRequestHeader('X-One', 'mine');
    xhr.setRequestHeader('x-two', 'a');
    xhr.setRequestHeader('X-Two', 'b');
    await done(xhr, 'body');
    const [got] = server.received;
    expect(got?.headers).toMatchObject({
      accept: 'application/dicom+json',
      'x-one': 'mine',
      'x-two': 'a, b',
      'content-length': '4',
    });
    expect(got?.body.toString()).toBe('body');
  });

  it('shows the headers of the answer whatever their case', async () => {
    server.handle((_request, response) => {
      response.writeHead(200, { 'X-One': ['a', 'b'], 'Content-Type': 'text/plain' }).end();
    });
    const xhr = request();
    xhr.open('GET', `${server.url}/`);
    await done(xhr);
    expect(xhr.getResponseHeader('x-ONE')).toBe('a, b');
    expect(xhr.getResponseHeader('missing')).toBeNull();
    expect(xhr.getAllResponseHeaders()).toContain('content-type: text/plain\r\n');
  });

  it('gives binary bodies as they are and reports how far it is', async () => {
    const body = Buffer.alloc(1 << 20, 7);
    server.handle((_request, response) => {
      response.writeHead(200, { 'Content-Length': body.length }).end(body);
    });
    const xhr = request();
    xhr.open('GET', `${server.url}/`);
    xhr.responseType = 'arraybuffer';
    let last: ProgressReport | null = null;
    xhr.onprogress = (event) => {
      last = event;
    };
    await new Promise<void>((resolve) => {
      xhr.onloadend = () => resolve();
      xhr.send();
    });
    expect(last).toMatchObject({ loaded: body.length, total: body.length, lengthComputable: true });
    expect(Buffer.compare(Buffer.from(xhr.response as ArrayBuffer), body)).toBe(0);
  });

  it('gives JSON, and null for what a refusal has instead', async () => {
    server.handle(({ path }, response) => {
      if (path === '/json') response.end('{"a":1}');
      else response.writeHead(500, { 'Content-Type': 'text/html' }).end('<html>');
    });
    for (const [path, response, status] of [
      ['json', { a: 1 }, 200],
      ['html', null, 500],
    ] as const) {
      const xhr = request();
      xhr.open('GET', `${server.url}/${path}`);
      xhr.responseType = 'json';
      await done(xhr);
      expect(xhr.response).toEqual(response);
      expect(xhr.status).toBe(status);
      expect(xhr.failure).toBeNull();
    }
  });

  it('must be open before it can do anything', () => {
    const xhr = request();
    expect(() => xhr.send()).toThrow('not open');
    expect(() => xhr.setRequestHeader('a', 'b')).toThrow('not open');
    expect(() => xhr.open('DELETE', server.url)).toThrow('DELETE');
  });
});

describe('a request that fails', () => {
  it('has status 0, no response, and keeps the reason', async () => {
    server.handle((_request, response) => void response.socket?.destroy());
    const xhr = request();
    xhr.open('GET', `${server.url}/`);
    expect(await done(xhr)).toEqual(['loadstart', '4', 'error', 'loadend']);
    expect([xhr.status, xhr.response, xhr.getAllResponseHeaders()]).toEqual([0, null, '']);
    expect(xhr.failure).toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
  });

  it('has failed when the body breaks off, whatever the status was', async () => {
    server.handle((_request, response) => {
      response.writeHead(200, { 'Content-Length': 100 });
      response.write('half', () => response.socket?.destroy());
    });
    const xhr = request();
    xhr.open('GET', `${server.url}/`);
    expect((await done(xhr)).slice(-2)).toEqual(['error', 'loadend']);
    expect(xhr.failure).toMatchObject({
      code: 'ARCHIVE_TRUNCATED_ANSWER',
      details: { status: 200 },
    });
  });

  it('can be aborted', async () => {
    const xhr = request();
    server.handle(() => xhr.abort());
    xhr.open('GET', `${server.url}/`);
    expect(await done(xhr)).toEqual(['loadstart', '4', 'abort', 'loadend']);
  });

  it('times out', async () => {
    server.handle(() => undefined);
    const xhr = request();
    xhr.open('GET', `${server.url}/`);
    xhr.timeout = 20;
    expect(await done(xhr)).toEqual(['loadstart', '4', 'timeout', 'loadend']);
  });

  it('does not hold more than it may', async () => {
    let sent = 0;
    server.handle((_request, response) => {
      const more = () => {
        sent += 1;
        if (sent < 4096 && !response.destroyed) response.write(Buffer.alloc(65_536), more);
      };
      more();
    });
    const xhr = request({ limit: 1 << 20 });
    xhr.open('GET', `${server.url}/`);
    await done(xhr);
    expect(xhr.failure).toMatchObject({ code: 'ARCHIVE_BAD_ANSWER' });
    expect(sent).toBeLessThan(4096);
  });
});
