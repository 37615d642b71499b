import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Archive } from '../../src/archive/index.ts';
import { archiveAt, instanceRows, sendable } from '../support/archive-under-test.ts';
import { makeSeries } from '../support/dicom.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { sendJson, startFaultServer, type FaultServer } from '../support/fault-server.ts';

/** What an archive says against instances, per instance: answers that Orthanc does not give. */
const instances = sendable(makeSeries({ seed: 'warnings', slices: 3 }));
const [first = '', second = '', third = ''] = instances.map((one) => one.sopInstanceUid);
const ALL = [first, second, third];

const text = (vr: string, ...Value: (string | number)[]) => ({ vr, Value });
const sequence = (...Value: object[]) => ({ vr: 'SQ', Value });
const named = (uid: string, more: object = {}) => ({ '00081155': text('UI', uid), ...more });

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

/** Answers STOW with this, and searches with what is held. */
function answer(
  held: readonly string[],
  body: object,
  { status = 202, headers = {} }: { status?: number; headers?: Record<string, string> } = {},
): void {
  server.handle((request, response) => {
    if (request.method !== 'POST') return sendJson(response, instanceRows(held, request.query));
    for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
    sendJson(response, body, status);
  });
}

async function warnings(): Promise<(string | undefined)[]> {
  return (await archive.store(instances)).instances.map(({ warning }) => warning);
}

describe('a warning is kept with the instance that it names', () => {
  it('with its reason, and the makers’ words on attributes', async () => {
    const comment = (words: string) => ({ '00000902': text('LO', words) });
    answer(ALL, {
      '00081199': sequence(
        named(first),
        named(second, {
          '00081196': text('US', 0xb007),
          '00741048': sequence(comment('PatientAge is no AS'), comment('evil\u001b[2J\nline')),
        }),
        named(third, { '00741048': sequence(comment('x'.repeat(9_000))) }),
      ),
    });
    expect(await warnings()).toEqual([
      undefined,
      'stored though the data set does not match its SOP class (warning reason 45063): PatientAge is no AS, evil [2J line',
      `stored with remarks: ${'x'.repeat(200)}…`,
    ]);
  });

  it('also when it is called a failure though the archive has it', async () => {
    answer(ALL, {
      '00081199': sequence(named(first), named(second)),
      '00081198': sequence(named(third, { '00081197': text('US', 0x0110) })),
    });
    expect(await warnings()).toEqual([
      undefined,
      undefined,
      'there, though called a failure: processing failure, the archive says no more (failure reason 272)',
    ]);
  });
});

describe('a warning that names no instance', () => {
  it('is kept with all of the request: other failures, and the header of the answer', async () => {
    answer(
      ALL,
      {
        '00081199': sequence(...ALL.map((uid) => named(uid))),
        '0008119A': sequence({ '00081197': text('US', 0xc122) }),
      },
      { headers: { Warning: '299 archive: one part was ignored' } },
    );
    const words =
      'a part without a name: this transfer syntax is not supported (failure reason 49442); the answer has the warning 299 archive: one part was ignored';
    expect(await warnings()).toEqual([words, words, words]);
  });

  it('is told with what the archive refused', async () => {
    answer(
      [first, third],
      { '00081199': sequence(named(first), named(third)) },
      { headers: { Warning: '299 archive: quota exceeded' } },
    );
    await expect(archive.store(instances)).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      details: {
        instances: [{ sopInstanceUid: second, reason: expect.stringContaining('quota exceeded') }],
      },
    });
  });
});

describe('a request that is too large (413)', () => {
  it('is halved until the parts are taken, each instance once', async () => {
    const held = new Set<string>();
    server.handle((request, response) => {
      if (request.method !== 'POST')
        return sendJson(response, instanceRows([...held], request.query));
      const sent = instances.filter(({ bytes }) => request.body.includes(Buffer.from(bytes)));
      if (sent.length > 1) return void response.writeHead(413).end('<html>too large</html>');
      for (const { sopInstanceUid } of sent) held.add(sopInstanceUid);
      sendJson(response, { '00081199': sequence(...[...held].map((uid) => named(uid))) }, 200);
    });
    const outcome = await archive.store(instances);
    expect(outcome.instances.map(({ sopInstanceUid, state }) => [sopInstanceUid, state])).toEqual(
      ALL.map((uid) => [uid, 'stored']),
    );
    // 3, then 2 and 1, then the 2 one by one.
    expect(server.received.filter(({ method }) => method === 'POST')).toHaveLength(5);
  });

  it('says what to raise when a single instance is too large', async () => {
    answer([], {}, { status: 413 });
    await expect(archive.store(instances.slice(0, 1))).rejects.toMatchObject({
      code: 'STORE_REFUSED',
      next: expect.stringContaining('Raise its limit for STOW-RS'),
      details: { status: 413 },
    });
  });

  it('is avoided by the limit of the archive’s entry', async () => {
    const size = instances[0]?.bytes.length ?? 0;
    const small = archiveAt(server.url, {
      limits: { requestsPerSecond: 1000, storeBytes: 2 * size + 16 },
    });
    answer(ALL, { '00081199': sequence(...ALL.map((uid) => named(uid))) }, { status: 200 });
    await small.store(instances);
    await small.close();
    const posts = server.received.filter(({ method }) => method === 'POST');
    expect(
      posts.map(
        ({ body }) => instances.filter(({ bytes }) => body.includes(Buffer.from(bytes))).length,
      ),
    ).toEqual([2, 1]);
  });
});
