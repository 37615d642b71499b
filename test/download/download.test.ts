import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { download, type DownloadOptions, type DownloadProgress } from '../../src/download/index.ts';
import { startFaultServer, type FaultServer, type Handler } from '../support/fault-server.ts';
import { Arrival, failureOf, sendFile, serveFile, type Served } from './server.ts';

const BYTES = Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) & 0xff);
const OTHER = Uint8Array.from({ length: 250_000 }, (_, i) => (i * 17) & 0xff);
const sha = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
const QUICK = {
  backOff: 1,
  longestBackOff: 5,
  tries: 3,
  stall: 2_000,
  answer: 2_000,
  connect: 2_000,
};

let folder: string;
let server: FaultServer;
let arrival: Arrival;
beforeEach(async () => {
  arrival = new Arrival();
  folder = await mkdtemp(join(tmpdir(), 'situs-download-'));
  server = await startFaultServer();
});
afterEach(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

function options(change: Partial<DownloadOptions> = {}): DownloadOptions {
  return {
    address: `${server.url}/weights.zip`,
    folder,
    name: 'weights',
    to: join(folder, 'weights.zip'),
    limit: 2 ** 20,
    patience: QUICK,
    onProgress: arrival.told,
    ...change,
  };
}

/** The file, with a connection that ends in the middle. */
function cut(served: Partial<Served> = {}): Handler {
  return (request, response) => {
    sendFile(request, response, { bytes: BYTES, cutAfter: 100_000, arrival, ...served });
  };
}

/** One handler a request; the last one stays. */
function inTurn(...handlers: Handler[]): Handler {
  let at = 0;
  return (request, response) => {
    const handler = handlers[Math.min(at, handlers.length - 1)];
    at += 1;
    return handler?.(request, response);
  };
}

const ranges = (): (string | undefined)[] => server.received.map(({ headers }) => headers.range);

describe('a download', () => {
  it('gets the file, tells its progress and leaves nothing else behind', async () => {
    server.handle(serveFile({ bytes: BYTES }));
    const told: DownloadProgress[] = [];
    const result = await download(
      options({ sha256: sha(BYTES), onProgress: (one) => told.push(one) }),
    );
    expect(result).toEqual({
      path: join(folder, 'weights.zip'),
      bytes: BYTES.length,
      sha256: sha(BYTES),
      resumedFrom: 0,
    });
    expect(sha(await readFile(result.path))).toBe(sha(BYTES));
    expect(await readdir(folder)).toEqual(['weights.zip']);
    expect(told.some(({ phase, total }) => phase === 'downloading' && total === BYTES.length)).toBe(
      true,
    );
    expect(told.at(-1)).toMatchObject({ phase: 'checking', done: BYTES.length });
    expect(server.received[0]?.headers['accept-encoding']).toBe('identity');
  });

  it('goes on after a cut, asking for the rest of the same file', async () => {
    server.handle(inTurn(cut(), cut(), serveFile({ bytes: BYTES })));
    const result = await download(options({ sha256: sha(BYTES) }));
    expect(result.sha256).toBe(sha(BYTES));
    expect(ranges()).toEqual([undefined, 'bytes=100000-', 'bytes=200000-']);
    expect(server.received[1]?.headers['if-range']).toBe('"v1"');
  });

  it('goes on where an earlier call ended', async () => {
    server.handle(cut());
    const first = await failureOf(download(options({ patience: { ...QUICK, tries: 1 } })));
    expect(first.code).toBe('DOWNLOAD_UNREACHABLE');
    expect(first.next).toMatch(/MiB of 0\.3 MiB have arrived and are kept/);
    server.handle(serveFile({ bytes: BYTES }));
    const result = await download(options({ sha256: sha(BYTES) }));
    expect(result.resumedFrom).toBeGreaterThan(0);
    expect(ranges().at(-1)).toBe(`bytes=${result.resumedFrom}-`);
  });

  it('only hashes what is whole already', async () => {
    server.handle(serveFile({ bytes: BYTES }));
    const stopping = new AbortController();
    const hashing = download(
      options({
        signal: stopping.signal,
        onProgress: ({ phase }) => {
          if (phase === 'checking') stopping.abort();
        },
      }),
    );
    expect((await failureOf(hashing)).code).toBe('DOWNLOAD_CANCELLED');
    const before = server.received.length;
    expect((await download(options())).sha256).toBe(sha(BYTES));
    expect(server.received).toHaveLength(before);
  });

  it.each<[string, Handler]>([
    ['another ETag', serveFile({ bytes: OTHER, etag: '"v2"' })],
    ['no ranges', serveFile({ bytes: OTHER, ranges: false })],
    [
      'another ETag and no notion of If-Range',
      (request, response) => {
        const from = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
        if (from === undefined) return sendFile(request, response, { bytes: OTHER, etag: '"v2"' });
        response.writeHead(206, {
          etag: '"v2"',
          'content-range': `bytes ${from}-${OTHER.length - 1}/${OTHER.length}`,
        });
        response.end(OTHER.subarray(Number(from)));
      },
    ],
    [
      'a range that is not the one asked for',
      (request, response) => {
        if (request.headers.range === undefined)
          return sendFile(request, response, { bytes: OTHER });
        response.writeHead(206, { 'content-range': `bytes 0-9/${OTHER.length}` });
        response.end(OTHER.subarray(0, 10));
      },
    ],
    [
      'status 416 because its file is shorter',
      (request, response) => {
        if (request.headers.range === undefined)
          return sendFile(request, response, { bytes: OTHER });
        response.writeHead(416, { 'content-range': 'bytes */10' }).end();
      },
    ],
  ])('begins anew when the server has %s', async (_, handler) => {
    server.handle(inTurn(cut(), handler));
    const result = await download(options());
    expect(result.sha256).toBe(sha(OTHER));
  });

  it('takes a file that is there already when its hash is right, else gets it again', async () => {
    server.handle(serveFile({ bytes: BYTES }));
    await download(options());
    expect(await download(options({ sha256: sha(BYTES) }))).toMatchObject({
      resumedFrom: BYTES.length,
      sha256: sha(BYTES),
    });
    expect(server.received).toHaveLength(1);
    await writeFile(join(folder, 'weights.zip'), 'other');
    expect(await download(options({ sha256: sha(BYTES) }))).toMatchObject({ resumedFrom: 0 });
    expect(sha(await readFile(join(folder, 'weights.zip')))).toBe(sha(BYTES));
  });

  it('begins anew each time when the server gives nothing to go on by', async () => {
    const bare = { bytes: BYTES, etag: null };
    server.handle(inTurn(cut(bare), serveFile(bare)));
    expect((await download(options())).sha256).toBe(sha(BYTES));
    expect(ranges()).toEqual([undefined, undefined]);
  });

  it('goes on by the date where there is no ETag, but never by a weak one', async () => {
    const date = 'Tue, 03 Mar 2026 10:00:00 GMT';
    const dated = { bytes: BYTES, etag: 'W/"v1"', lastModified: date };
    server.handle(inTurn(cut(dated), serveFile(dated)));
    expect((await download(options())).sha256).toBe(sha(BYTES));
    expect(server.received[1]?.headers['if-range']).toBe(date);
  });

  it('waits as the server asks while it is busy', async () => {
    const told: DownloadProgress[] = [];
    server.handle(
      inTurn(
        (_request, response) => void response.writeHead(503, { 'retry-after': '0' }).end(),
        serveFile({ bytes: BYTES }),
      ),
    );
    await download(options({ onProgress: (one) => told.push(one) }));
    expect(told.find(({ phase }) => phase === 'waiting')?.reason).toContain('status 503');
  });

  it('gives up a connection that stalls, and goes on', async () => {
    const stalled: Handler = (_request, response) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 1000));
    };
    server.handle(inTurn(stalled, serveFile({ bytes: BYTES })));
    const result = await download(options({ patience: { ...QUICK, stall: 100 } }));
    expect(result.sha256).toBe(sha(BYTES));
    expect(ranges()).toEqual([undefined, 'bytes=1000-']);
  });

  it('keeps what has arrived when it is cancelled', async () => {
    server.handle((_request, response) => {
      response.writeHead(200, { etag: '"v1"', 'content-length': BYTES.length });
      response.write(BYTES.subarray(0, 1000));
    });
    const stopping = new AbortController();
    const error = await failureOf(
      download(
        options({
          signal: stopping.signal,
          onProgress: () => {
            stopping.abort();
          },
        }),
      ),
    );
    expect(error.code).toBe('DOWNLOAD_CANCELLED');
    expect((await readdir(folder)).sort()).toEqual([
      expect.stringMatching(/^weights-[0-9a-f]{12}\.json$/),
      expect.stringMatching(/^weights-[0-9a-f]{12}\.part$/),
    ]);
    server.handle(serveFile({ bytes: BYTES }));
    expect(await download(options())).toMatchObject({ resumedFrom: 1000, sha256: sha(BYTES) });
  });

  it('does not trust a note that a crash cut short', async () => {
    server.handle(cut());
    await failureOf(download(options({ patience: { ...QUICK, tries: 1 } })));
    const note = (await readdir(folder)).find((name) => name.endsWith('.json')) ?? '';
    await writeFile(join(folder, note), '{"addr');
    server.handle(serveFile({ bytes: BYTES }));
    expect(await download(options())).toMatchObject({ resumedFrom: 0, sha256: sha(BYTES) });
  });
});

describe('what is refused', () => {
  it('a file with another hash, which is removed', async () => {
    server.handle(serveFile({ bytes: BYTES }));
    const error = await failureOf(download(options({ sha256: sha(OTHER) })));
    expect(error.code).toBe('DOWNLOAD_HASH_DIFFERS');
    expect(error.message).toContain(sha(BYTES));
    expect(error.details).toMatchObject({ expected: sha(OTHER), actual: sha(BYTES) });
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    [404, /has no such file \(status 404\)/],
    [403, /does not give the file to everybody/],
    [418, /answers with status 418/],
  ])('status %i, at once', async (status, message) => {
    server.handle((_request, response) => void response.writeHead(status).end());
    const error = await failureOf(download(options()));
    expect(error.code).toBe('DOWNLOAD_REFUSED');
    expect(error.message).toMatch(message);
    expect(server.received).toHaveLength(1);
  });

  it('a file that says that it is too large, before it is fetched', async () => {
    server.handle((_request, response) => {
      response.writeHead(200, { 'content-length': 2 ** 40 });
      response.write('x');
    });
    const error = await failureOf(download(options()));
    expect(error.code).toBe('DOWNLOAD_TOO_LARGE');
    expect(await readdir(folder)).toEqual([]);
  });

  it('a file that never ends', async () => {
    server.handle((_request, response) => {
      response.writeHead(200, {});
      const more = (): void => void response.write(Buffer.alloc(65_536), more);
      response.on('error', () => undefined);
      more();
    });
    const error = await failureOf(download(options()));
    expect(error.code).toBe('DOWNLOAD_TOO_LARGE');
    expect(await readdir(folder)).toEqual([]);
  });

  it('a length that is longer than the file, when it stays so', async () => {
    server.handle(serveFile({ bytes: BYTES, claims: BYTES.length + 10, etag: null }));
    const error = await failureOf(download(options()));
    expect(error.code).toBe('DOWNLOAD_UNREACHABLE');
    expect(server.received).toHaveLength(3);
  });

  it('a file that is compressed on the way, although none was asked for', async () => {
    server.handle((_request, response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' }).end('x');
    });
    expect((await failureOf(download(options()))).code).toBe('DOWNLOAD_ENCODED');
  });

  it.each<[string, string, RegExp]>([
    ['in a circle', '/weights.zip', /in a circle/],
    ['to another kind of address', 'ftp://127.0.0.1/weights.zip', /redirects to ftp:|from https/],
    ['to none', '', /in a circle|no address/],
  ])('a redirect %s', async (_, location, message) => {
    server.handle((_request, response) => void response.writeHead(302, { location }).end());
    const error = await failureOf(download(options()));
    expect(error.code).toBe('DOWNLOAD_REDIRECT');
    expect(error.message).toMatch(message);
  });

  it('redirects without an end', async () => {
    let count = 0;
    server.handle((_request, response) => {
      count += 1;
      response.writeHead(302, { location: `/next-${count}` }).end();
    });
    const error = await failureOf(download(options()));
    expect(error.message).toContain('too often');
    expect(count).toBe(11);
  });

  it('a server that does not answer, after some tries', async () => {
    const { url } = server;
    await server.close();
    const error = await failureOf(
      download(options({ address: `${url}/weights.zip?token=secret` })),
    );
    expect(error).toMatchObject({ code: 'DOWNLOAD_UNREACHABLE', errorClass: 'retry' });
    expect(error.message).toContain('in 3 tries');
    expect(error.message).toContain('ECONNREFUSED');
    expect(error.message).not.toContain('secret');
    server = await startFaultServer();
  });
});

describe('on its way', () => {
  it('follows redirects, each try from the address that was given', async () => {
    const store = inTurn(cut(), serveFile({ bytes: BYTES }));
    server.handle((request, response) => {
      if (request.path === '/weights.zip') {
        return void response.writeHead(302, { location: `/store/${server.received.length}` }).end();
      }
      return store(request, response);
    });
    expect((await download(options())).sha256).toBe(sha(BYTES));
    expect(server.received.map(({ path }) => path)).toEqual([
      '/weights.zip',
      '/store/1',
      '/weights.zip',
      '/store/3',
    ]);
  });

  it('uses the proxy that the environment names', async () => {
    const asked: string[] = [];
    const proxy: Server = createServer((request, response) => {
      asked.push(request.url ?? '');
      response.end(BYTES);
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    const address = proxy.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const before = { ...process.env };
    process.env['http_proxy'] = `http://127.0.0.1:${port}`;
    process.env['no_proxy'] = '';
    try {
      expect((await download(options())).sha256).toBe(sha(BYTES));
      expect(asked).toEqual([`${server.url}/weights.zip`]);
      expect(server.received).toEqual([]);
    } finally {
      process.env = before;
      proxy.closeAllConnections();
      await new Promise((resolve) => proxy.close(resolve));
    }
  });
});

it('makes the downloads folder when there is none', async () => {
  server.handle(serveFile({ bytes: BYTES }));
  const below = join(folder, 'a', 'b');
  await download(options({ folder: below, to: join(below, 'w.zip') }));
  expect(existsSync(join(below, 'w.zip'))).toBe(true);
});
