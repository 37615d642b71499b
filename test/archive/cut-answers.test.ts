import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Archive } from '../../src/archive/index.ts';
import { archiveAt, collect, serveSeries } from '../support/archive-under-test.ts';
import { makeSeries } from '../support/dicom.ts';
import { fakeClock } from '../support/fake-clock.ts';
import {
  multipartBody,
  sendJson,
  sendUntilClose,
  startFaultServer,
  type FaultServer,
} from '../support/fault-server.ts';

const TYPE = 'multipart/related; type="application/dicom"; boundary=cut';
const series = makeSeries({ seed: 'cut', slices: 6 });
const uids = series.instances.map((one) => one.sopInstanceUid).sort();
const files = series.instances.map((one) => one.bytes);
const well = serveSeries(series);
const isSeries = (path: string) => /\/series\/[\d.]+$/.test(path);

let server: FaultServer;
let archive: Archive;

beforeEach(async () => {
  server = await startFaultServer();
  archive = archiveAt(server.url, {}, fakeClock());
});

afterEach(async () => {
  await archive.close();
  await server.close();
});

function fetched() {
  return collect(archive.fetchSeries(series));
}

describe('an answer without a length', () => {
  it.each(['FIN', 'RST'] as const)(
    'that is cut by %s is not taken for a whole one',
    async (end) => {
      server.handle((_request, response) => {
        sendUntilClose(response, TYPE, multipartBody('cut', files.slice(0, 3), false), end);
      });
      await expect(collect(archive.retrieveInstances(series))).rejects.toMatchObject({
        code: 'ARCHIVE_TRUNCATED_ANSWER',
        errorClass: 'retry',
        details: { status: 200 },
      });
    },
  );

  it('that ends at its closing boundary is whole', async () => {
    server.handle((_request, response) => {
      sendUntilClose(response, TYPE, multipartBody('cut', files), 'FIN');
    });
    expect(await collect(archive.retrieveInstances(series))).toHaveLength(6);
  });
});

describe('fetching a series', () => {
  it('asks once more after a cut and gives each instance once', async () => {
    let cuts = 0;
    server.handle((request, response) => {
      if (!isSeries(request.path) || cuts === 1) return well(request, response);
      cuts += 1;
      sendUntilClose(response, TYPE, multipartBody('cut', files.slice(0, 4), false), 'FIN');
    });
    const got = await fetched();
    expect(got.map((one) => one.sopInstanceUid).sort()).toEqual(uids);
    expect(server.received.filter(({ path }) => isSeries(path))).toHaveLength(2);
  });

  it('gets the rest instance by instance when whole answers keep breaking off', async () => {
    server.handle((request, response) => {
      if (!isSeries(request.path)) return well(request, response);
      sendUntilClose(response, TYPE, multipartBody('cut', files.slice(0, 4), false), 'FIN');
    });
    const got = await fetched();
    expect(got.map((one) => one.sopInstanceUid).sort()).toEqual(uids);
    // The fourth never got its boundary, so nobody knows whether it is whole.
    const single = server.received.filter(({ path }) => /\/instances\/[\d.]+$/.test(path));
    expect(single).toHaveLength(3);
  });

  it('sees that a clean answer lacks an instance in the middle, and asks for that one', async () => {
    const lacking = series.instances[3]?.sopInstanceUid ?? '';
    server.handle((request, response) => {
      if (!isSeries(request.path)) return well(request, response);
      response.writeHead(200, { 'Content-Type': TYPE });
      response.end(multipartBody('cut', files.toSpliced(3, 1)));
    });
    const got = await fetched();
    expect(got.map((one) => one.sopInstanceUid).sort()).toEqual(uids);
    expect(server.received.some(({ path }) => path.endsWith(lacking))).toBe(true);
  });

  it('names the instance that the archive lists but cannot give', async () => {
    const lacking = series.instances[3]?.sopInstanceUid ?? '';
    server.handle((request, response) => {
      if (request.path.endsWith(lacking)) return void response.writeHead(404).end();
      if (!isSeries(request.path)) return well(request, response);
      response.writeHead(200, { 'Content-Type': TYPE });
      response.end(multipartBody('cut', files.toSpliced(3, 1)));
    });
    await expect(fetched()).rejects.toMatchObject({
      code: 'SERIES_INCOMPLETE',
      errorClass: 'retry',
      details: { lacking: [lacking], vanished: [], expected: 6 },
    });
    await expect(fetched()).rejects.toThrow(lacking);
  });

  it('does not call a series whole that changed while it came', async () => {
    const shorter = serveSeries({ ...series, instances: series.instances.slice(1) });
    server.handle((request, response) =>
      isSeries(request.path) ? well(request, response) : shorter(request, response),
    );
    await expect(fetched()).rejects.toMatchObject({
      code: 'SERIES_INCOMPLETE',
      details: { vanished: [series.instances[0]?.sopInstanceUid] },
    });
  });

  it('takes single-part answers too', async () => {
    const only = makeSeries({ seed: 'single', slices: 1 });
    const listing = serveSeries(only);
    server.handle((request, response) => {
      if (!isSeries(request.path)) return listing(request, response);
      response.writeHead(200, { 'Content-Type': 'application/dicom' });
      response.end(only.instances[0]?.bytes);
    });
    expect(await collect(archive.fetchSeries(only))).toHaveLength(1);
  });

  it('frees its transfer slot when the reader stops early', async () => {
    server.handle(well);
    const narrow = archiveAt(server.url, { limits: { requestsPerSecond: 1000, parallel: 1 } });
    for (let round = 0; round < 3; round += 1) {
      for await (const { sopInstanceUid } of narrow.fetchSeries(series)) {
        expect(uids).toContain(sopInstanceUid);
        break;
      }
    }
    await narrow.close();
  });
});

describe('what is no DICOM', () => {
  it.each([
    ['a page', 'text/html', '<html>sign in</html>'],
    ['no boundary', 'multipart/related; type="application/dicom"', 'x'],
    ['a part that is no instance', TYPE, multipartBody('cut', [Buffer.from('hello')])],
    ['a broken header', TYPE, '--cut\r\nnonsense\r\n\r\n'],
  ])('%s is a bad answer', async (_what, type, body) => {
    server.handle((_request, response) => {
      response.writeHead(200, { 'Content-Type': type });
      response.end(body);
    });
    await expect(fetched()).rejects.toMatchObject({ code: 'ARCHIVE_BAD_ANSWER' });
  });

  it('is refused when it is larger than allowed', async () => {
    const limits = { requestsPerSecond: 1000, instanceBytes: 500, jsonBytes: 500 };
    const small = archiveAt(server.url, { limits });
    server.handle(well);
    await expect(collect(small.retrieveInstances(series))).rejects.toMatchObject({
      code: 'ARCHIVE_BAD_ANSWER',
    });
    server.handle((_request, response) => sendJson(response, [{ a: 'x'.repeat(1000) }]));
    await expect(small.ping()).rejects.toMatchObject({ code: 'ARCHIVE_BAD_ANSWER' });
    await small.close();
  });
});

describe('JSON answers', () => {
  it('that stop in the middle are asked for again', async () => {
    let asked = 0;
    server.handle((_request, response) => {
      asked += 1;
      if (asked === 3) return sendJson(response, []);
      sendUntilClose(response, 'application/dicom+json', Buffer.from('[{"0020000D":{'), 'FIN');
    });
    await expect(archive.ping()).resolves.toBeUndefined();
    asked = -10;
    await expect(archive.ping()).rejects.toMatchObject({ code: 'ARCHIVE_TRUNCATED_ANSWER' });
  });

  it.each([
    ['a sign-in page', 'text/html', '<html></html>'],
    ['text', 'text/plain', 'hello'],
    ['other JSON', 'application/json', '["hello"]'],
    ['nothing', 'application/dicom+json', ''],
  ])('with %s inside are bad answers', async (_what, type, body) => {
    server.handle((_request, response) => {
      response.writeHead(200, { 'Content-Type': type });
      response.end(body);
    });
    await expect(archive.ping()).rejects.toMatchObject({ code: 'ARCHIVE_BAD_ANSWER' });
  });
});
