import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Archive } from '../../src/archive/index.ts';
import { batches } from '../../src/archive/store.ts';
import { archiveAt, instanceRows, sendable } from '../support/archive-under-test.ts';
import { makeSeries } from '../support/dicom.ts';
import { fakeClock, type FakeClock } from '../support/fake-clock.ts';
import {
  sendJson,
  startFaultServer,
  type FaultServer,
  type Handler,
} from '../support/fault-server.ts';

const instances = sendable(makeSeries({ seed: 'store', slices: 3 }));
const uids = instances.map((one) => one.sopInstanceUid);
const [first = '', second = '', third = ''] = uids;

let server: FaultServer;
let archive: Archive;
let clock: FakeClock;
/** What the server really holds, whatever it says. */
let held: Set<string>;

beforeEach(async () => {
  server = await startFaultServer();
  clock = fakeClock();
  archive = archiveAt(server.url, {}, clock);
  held = new Set();
});

afterEach(async () => {
  await archive.close();
  await server.close();
});

/** Answers searches truly and STOW as the test says. */
function stow(answer: Handler): void {
  server.handle((request, response) =>
    request.method === 'POST'
      ? answer(request, response)
      : sendJson(response, instanceRows([...held], request.query)),
  );
}

function keep(...kept: readonly string[]): void {
  for (const uid of kept) held.add(uid);
}

function references(stored: readonly string[]) {
  return { vr: 'SQ', Value: stored.map((uid) => ({ '00081155': { vr: 'UI', Value: [uid] } })) };
}

function failures(failed: readonly string[], reason: number) {
  return {
    vr: 'SQ',
    Value: failed.map((uid) => ({
      '00081155': { vr: 'UI', Value: [uid] },
      '00081197': { vr: 'US', Value: [reason] },
    })),
  };
}

const refused = (details: object) => ({ code: 'STORE_REFUSED', errorClass: 'retry', details });

describe('what is sent', () => {
  it('is multipart with CRLF, a type, a closing boundary and a known length', async () => {
    stow((_request, response) => {
      keep(...uids);
      sendJson(response, { '00081199': references(uids) });
    });
    await archive.store(instances);
    const post = server.received.find(({ method }) => method === 'POST');
    const type = post?.headers['content-type'] ?? '';
    const boundary = /^multipart\/related; type="application\/dicom"; boundary="([\w-]+)"$/.exec(
      type,
    )?.[1];
    expect(boundary).toBeDefined();
    expect(post?.headers['content-length']).toBe(String(post?.body.length));
    expect(post?.headers.accept).toBe('application/dicom+json');
    const text = post?.body.toString('latin1') ?? '';
    expect(text.endsWith(`\r\n--${boundary}--`)).toBe(true);
    expect(text.split(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`)).toHaveLength(4);
    for (const { bytes } of instances) expect(post?.body.includes(Buffer.from(bytes))).toBe(true);
  });

  it('goes in batches below the limit, a larger instance alone', () => {
    const sized = (...sizes: number[]) => sizes.map((size) => ({ bytes: new Uint8Array(size) }));
    const sizes = (groups: readonly (readonly { bytes: Uint8Array }[])[]) =>
      groups.map((group) => group.map(({ bytes }) => bytes.length));
    expect(sizes(batches(sized(4, 4, 4, 20, 1, 9), 10))).toEqual([[4, 4], [4], [20], [1, 9]]);
    expect(batches([], 10)).toEqual([]);
  });
});

describe('an answer is not believed', () => {
  it('200 and all listed: stored', async () => {
    stow((_request, response) => {
      keep(...uids);
      sendJson(response, [{ '00081199': references(uids) }]);
    });
    expect(await archive.store(instances)).toEqual({
      status: 200,
      instances: uids.map((sopInstanceUid) => ({ sopInstanceUid, state: 'stored' })),
    });
  });

  it('200 and an empty list: refused', async () => {
    stow((_request, response) => sendJson(response, { '00081199': { vr: 'SQ' } }));
    await expect(archive.store(instances)).rejects.toMatchObject(refused({ status: 200 }));
  });

  it('200 and listed, but never to be found: refused after some looks', async () => {
    stow((_request, response) => sendJson(response, { '00081199': references(uids) }));
    await expect(archive.store(instances)).rejects.toThrow('said to be stored');
    expect(clock.slept.filter((milliseconds) => milliseconds > 100).length).toBe(3);
  });

  it('200 and listed, to be found a little later: stored', async () => {
    let looks = 0;
    stow((_request, response) => sendJson(response, { '00081199': references([first]) }));
    const answer = server;
    answer.handle((request, response) => {
      if (request.method === 'POST') return sendJson(response, { '00081199': references([first]) });
      looks += 1;
      sendJson(response, instanceRows(looks > 2 ? [first] : [], request.query));
    });
    const outcome = await archive.store(instances.slice(0, 1));
    expect(outcome.instances).toEqual([{ sopInstanceUid: first, state: 'stored' }]);
  });

  it('is checked by the list of a series when many of it are sent', async () => {
    const many = sendable(makeSeries({ seed: 'many', slices: 12 }));
    const sent = many.map((one) => one.sopInstanceUid);
    stow((_request, response) => {
      keep(...sent.slice(1));
      sendJson(response, { '00081199': references(sent.slice(1)) });
    });
    await expect(archive.store(many)).rejects.toMatchObject(
      refused({ instances: [{ sopInstanceUid: sent[0] }] }),
    );
    expect(server.received.length).toBeLessThan(4);
  });

  it('409 for duplicates that are there: done', async () => {
    keep(...uids);
    stow((_request, response) => sendJson(response, { '00081198': failures(uids, 272) }, 409));
    const outcome = await archive.store(instances);
    expect(outcome).toEqual({
      status: 409,
      instances: uids.map((sopInstanceUid) => ({
        sopInstanceUid,
        state: 'already-there',
        warning: expect.stringContaining('called a failure: processing failure'),
      })),
    });
  });

  it('400 with one bad part: the others are known to be stored, the bad one has its reason', async () => {
    stow((_request, response) => {
      keep(first, third);
      const body = {
        '00081199': references([first, third]),
        '00081198': failures([second], 0xc000),
      };
      sendJson(response, body, 400);
    });
    await expect(archive.store(instances)).rejects.toMatchObject(
      refused({
        status: 400,
        instances: [
          {
            sopInstanceUid: second,
            reason: 'the data set cannot be understood (failure reason 49152)',
          },
        ],
      }),
    );
  });

  it('202 with an instance in both lists: what the archive shows decides', async () => {
    stow((_request, response) => {
      keep(...uids);
      const body = { '00081199': references(uids), '00081198': failures([first], 272) };
      sendJson(response, body, 202);
    });
    const outcome = await archive.store(instances);
    expect(outcome.instances.map(({ state }) => state)).toEqual([
      'already-there',
      'stored',
      'stored',
    ]);
  });

  it('202 with a warning: stored, and the warning is told', async () => {
    const warned = {
      '00081155': { vr: 'UI', Value: [second] },
      '00081196': { vr: 'US', Value: [0xb000] },
    };
    stow((_request, response) => {
      keep(...uids);
      const plain = references([first, third]);
      sendJson(response, { '00081199': { vr: 'SQ', Value: [...plain.Value, warned] } }, 202);
    });
    const { status, instances: outcomes } = await archive.store(instances);
    expect(status).toBe(202);
    expect(outcomes).toEqual([
      { sopInstanceUid: first, state: 'stored' },
      {
        sopInstanceUid: second,
        state: 'stored',
        warning: 'stored after values were changed (warning reason 45056)',
      },
      { sopInstanceUid: third, state: 'stored' },
    ]);
  });

  it.each([
    ['html', 'text/html', '<html>Internal error</html>'],
    ['nothing', 'text/plain', ''],
  ])('a refusal with %s for a body is a refusal', async (_what, type, body) => {
    stow((_request, response) => {
      response.writeHead(409, { 'Content-Type': type });
      response.end(body);
    });
    await expect(archive.store(instances)).rejects.toMatchObject(refused({ status: 409 }));
  });
});

describe('an answer that is lost', () => {
  it('is no loss when the instances are there', async () => {
    stow((_request, response) => {
      keep(...uids);
      response.socket?.destroy();
    });
    const outcome = await archive.store(instances);
    expect(outcome.status).toBeNull();
    expect(outcome.instances.map(({ state }) => state)).toEqual(Array(3).fill('already-there'));
  });

  it('is the error when they are not', async () => {
    stow((_request, response) => void response.socket?.destroy());
    await expect(archive.store(instances)).rejects.toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
  });

  it('is an error of the server when it says so and holds nothing', async () => {
    stow((_request, response) => void response.writeHead(500).end('database is locked'));
    await expect(archive.store(instances)).rejects.toMatchObject({
      code: 'ARCHIVE_REFUSED',
      details: { status: 500 },
    });
  });

  it('is sent again with the same bytes by a later call', async () => {
    stow((_request, response) => void response.socket?.destroy());
    await expect(archive.store(instances)).rejects.toMatchObject({ code: 'ARCHIVE_UNREACHABLE' });
    stow((_request, response) => {
      keep(...uids);
      sendJson(response, { '00081199': references(uids) });
    });
    await archive.store(instances);
    const posts = server.received.filter(({ method }) => method === 'POST');
    const content = posts.map(({ body }) =>
      instances.map(({ bytes }) => body.includes(Buffer.from(bytes))),
    );
    expect(content.every((found) => found.every((one) => one))).toBe(true);
  });
});

describe('an archive that does not want to', () => {
  it.each([
    [401, 'ARCHIVE_UNAUTHORIZED'],
    [403, 'ARCHIVE_UNAUTHORIZED'],
    [429, 'ARCHIVE_BUSY'],
    [503, 'ARCHIVE_BUSY'],
  ])('%d is %s, and nothing is looked for', async (status, code) => {
    stow((_request, response) => void response.writeHead(status, { 'Retry-After': '40' }).end());
    await expect(archive.store(instances)).rejects.toMatchObject({
      code,
      details: { status, retryAfterSeconds: 40 },
    });
    expect(server.received).toHaveLength(1);
  });
});
