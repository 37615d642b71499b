import { describe, expect, it } from '@jest/globals';
import {
  binaryAnswer,
  jsonAnswer,
  logitsOf,
  modelMetadata,
  patchOf,
  startInferenceServer,
  testPatch,
  type InferenceServer,
  type Received,
  type Reply,
} from '../support/inference-server.ts';
import { rejection } from '../support/errors.ts';
import { connectTo, FILE } from '../support/remote.ts';

/** A server that behaves until the probe patch is through, and then says this to each patch. */
async function spoiled(reply: (request: Received, patches: number) => Reply | null) {
  let patches = -1;
  const server = await startInferenceServer((request) => {
    if (!request.path.endsWith('/infer')) return null;
    patches += 1;
    return patches === 0 ? null : reply(request, patches);
  });
  return server;
}

async function runOn(server: InferenceServer, settings = {}) {
  const engine = await connectTo(server.url, settings);
  const network = await engine.open(FILE, 1, [2, 3, 4]);
  try {
    return await network.run(testPatch(1));
  } finally {
    await engine.close();
  }
}

const good = (
  request: Received,
): { readonly body: Buffer; readonly headers: Record<string, string> } => {
  const { body, headers } = binaryAnswer(logitsOf(patchOf(request)));
  return { body: Buffer.from(body ?? ''), headers: { ...headers } };
};

describe('faults that pass by themselves', () => {
  it.each<[string, Reply]>([
    ['is busy', { status: 503 }],
    ['asks for fewer requests', { status: 429, headers: { 'retry-after': '0' } }],
    ['fails once', { status: 500, body: '{"error":"CUDA out of memory"}' }],
    ['is away behind its proxy', { status: 502 }],
    ['cuts the body', { headers: { 'content-length': '400' }, body: 'x'.repeat(400), cutAfter: 9 }],
    ['cuts the connection before an answer', { body: 'xx', cutAfter: 0 }],
  ])('asks again when the server %s', async (_, reply) => {
    const server = await spoiled((__, patches) => (patches === 1 ? reply : null));
    expect(await runOn(server)).toEqual(logitsOf(testPatch(1)));
  });

  it('asks again when an answer without a length is cut', async () => {
    const server = await spoiled((request, patches) => {
      if (patches > 1) return null;
      const { body, headers } = good(request);
      const cut = { ...headers, 'transfer-encoding': 'chunked', connection: 'close' };
      return { headers: cut, body: body.subarray(0, 90) };
    });
    expect(await runOn(server)).toEqual(logitsOf(testPatch(1)));
  });

  it.each<[string, Reply, string]>([
    ['stays busy', { status: 503 }, 'KSERVE_BUSY'],
    ['keeps failing', { status: 500, body: '{"error":"CUDA out of memory"}' }, 'KSERVE_FAILED'],
    ['always cuts the body', { body: 'x'.repeat(400), cutAfter: 9 }, 'KSERVE_UNREACHABLE'],
  ])(
    'gives up after three attempts when the server %s, to be tried later',
    async (_, reply, code) => {
      const server = await spoiled(() => reply);
      const error = await rejection(runOn(server));
      expect(error).toMatchObject({ code, errorClass: 'retry', origin: 'device' });
      expect(server.received.filter(({ path }) => path.endsWith('/infer'))).toHaveLength(4);
    },
  );

  it('names what the server said', async () => {
    const server = await spoiled(() => jsonAnswer({ error: 'CUDA\nout of memory' }, 500));
    const error = await rejection(runOn(server));
    expect(error?.message).toContain('CUDA out of memory');
  });

  it('does not wait longer than the time limit for a server that falls silent', async () => {
    const server = await spoiled(() => ({ hang: true }));
    const error = await rejection(runOn(server, { timeoutSeconds: 0.2 }));
    expect(error).toMatchObject({ code: 'KSERVE_TIMEOUT', errorClass: 'retry' });
  });

  it('says that nobody listens', async () => {
    const error = await rejection(connectTo('http://127.0.0.1:1'));
    expect(error).toMatchObject({ code: 'KSERVE_UNREACHABLE', errorClass: 'retry' });
  });

  it('waits for a server that is not ready yet', async () => {
    const server = await startInferenceServer(({ path }, count) =>
      path === '/v2/health/ready' && count < 3 ? { status: 503 } : null,
    );
    await (await connectTo(server.url)).close();
    expect(server.received.slice(0, 4).map(({ path }) => path)).toEqual([
      '/v2/health/ready',
      '/v2/health/ready',
      '/v2/health/ready',
      '/v2',
    ]);
  });
});

describe('answers that break the protocol', () => {
  const changed =
    (changes: Readonly<Record<string, unknown>>, values = 48) =>
    (): Reply =>
      binaryAnswer(new Float32Array(values), changes);

  it.each<[string, (request: Received) => Reply]>([
    ['fewer bytes than the tensor', changed({ parameters: { binary_data_size: 192 } }, 47)],
    ['more bytes than the tensor', changed({ parameters: { binary_data_size: 192 } }, 49)],
    ['another announced size', changed({ parameters: { binary_data_size: 188 } })],
    ['no announced size', changed({ parameters: {} })],
    ['another type', changed({ datatype: 'FP16' })],
    ['another shape', changed({ shape: [1, 2, 3, 2, 4] })],
    ['another output', changed({ name: 'other' })],
    ['numbers that are none', () => binaryAnswer(new Float32Array(48).fill(Number.NaN))],
    ['infinity', () => binaryAnswer(new Float32Array(48).fill(Infinity, 40, 41))],
    ['no JSON', () => ({ body: '<html>', headers: { 'content-type': 'text/html' } })],
    ['JSON without outputs', () => jsonAnswer({ result: 1 })],
    ['too few numbers in JSON', () => jsonOutput([1, 2, 3])],
    ['too many numbers in JSON', () => jsonOutput(Array(49).fill(1))],
    ['text among numbers in JSON', () => jsonOutput([...Array<number>(47).fill(1), 'x'])],
    ['numbers nested without end in JSON', () => jsonOutput(nested(500))],
    [
      'a header length beyond the answer',
      (request) => withHeader(request, { 'inference-header-content-length': '500' }),
    ],
    [
      'a header length that is none',
      (request) => withHeader(request, { 'inference-header-content-length': '-1' }),
    ],
    [
      'a header length of gigabytes',
      (request) => withHeader(request, { 'inference-header-content-length': '999999999' }),
    ],
    [
      'a header length in the middle of the JSON',
      (request) => withHeader(request, { 'inference-header-content-length': '20' }),
    ],
  ])('refuses %s at once, without asking again', async (_, reply) => {
    const server = await spoiled(reply);
    const error = await rejection(runOn(server));
    expect(error).toMatchObject({ code: 'KSERVE_BAD_ANSWER', errorClass: 'fault' });
    expect(server.received.filter(({ path }) => path.endsWith('/infer'))).toHaveLength(2);
  });

  it('reads no more of an answer than it may have', async () => {
    const server = await spoiled(() => ({
      headers: { 'content-type': 'application/json' },
      body: ' '.repeat(4 * 2 ** 20),
    }));
    const error = await rejection(runOn(server));
    expect(error?.message).toMatch(/more than \d+ bytes/);
  });

  it.each<[string, string, Reply]>([
    ['metadata of another kind of server', '/v2', jsonAnswer({ hello: 'world' })],
    ['metadata of no model', '/v2/models/m-fold-0', jsonAnswer([])],
    ['an answer that is no JSON', '/v2', { body: 'hello' }],
  ])('refuses %s', async (_, where, reply) => {
    const server = await startInferenceServer(({ path }) => (path === where ? reply : null));
    const error = await rejection(connectTo(server.url));
    expect(error).toMatchObject({ code: 'KSERVE_BAD_ANSWER', errorClass: 'fault' });
  });
});

describe('requests that the server refuses', () => {
  it.each<[string, string, Reply, string]>([
    [
      'a missing model',
      '/v2/models/m-fold-0',
      jsonAnswer({ error: 'unknown' }, 404),
      'KSERVE_MODEL_MISSING',
    ],
    ['missing rights', '/v2', { status: 403 }, 'KSERVE_UNAUTHORIZED'],
    ['wrong credentials', '/v2', { status: 401 }, 'KSERVE_UNAUTHORIZED'],
    [
      'another address',
      '/v2',
      { status: 302, headers: { location: 'http://127.0.0.1:1' } },
      'KSERVE_REFUSED',
    ],
    ['the patch', '/v2/models/m-fold-0/infer', jsonAnswer({ detail: 'no' }, 400), 'KSERVE_REFUSED'],
  ])('calls %s a matter of configuration', async (_, where, reply, code) => {
    const server = await startInferenceServer(({ path }) => (path === where ? reply : null));
    const error = await rejection(connectTo(server.url));
    expect(error).toMatchObject({ code, errorClass: 'usage', origin: 'configuration' });
    expect(server.received.filter(({ path }) => path === where)).toHaveLength(1);
  });

  it('calls a model that is still loading a matter of time', async () => {
    const server = await startInferenceServer(({ path }) =>
      path.endsWith('/m-fold-0/ready') ? jsonAnswer({ error: 'not ready' }, 400) : null,
    );
    const error = await rejection(connectTo(server.url));
    expect(error).toMatchObject({ code: 'KSERVE_MODEL_NOT_READY', errorClass: 'retry' });
  });

  it.each<[string, Readonly<Record<string, unknown>>]>([
    [
      'another patch size',
      { inputs: [{ name: 'patch', datatype: 'FP32', shape: [1, 1, 2, 3, 5] }] },
    ],
    ['an axis too few', { inputs: [{ name: 'patch', datatype: 'FP32', shape: [1, 2, 3, 4] }] }],
    ['another type', { inputs: [{ name: 'patch', datatype: 'FP16', shape: [1, 1, 2, 3, 4] }] }],
    ['another name', { inputs: [{ name: 'x', datatype: 'FP32', shape: [1, 1, 2, 3, 4] }] }],
    ['no input', { inputs: [] }],
    ['more heads', { outputs: [{ name: 'logits', datatype: 'FP32', shape: [1, 3, 2, 3, 4] }] }],
    ['another output', { outputs: [{ name: 'labels', datatype: 'UINT8', shape: [1, 2, 3, 4] }] }],
  ])('refuses a network with %s before the first patch', async (_, metadata) => {
    const server = await startInferenceServer(({ path }) =>
      path.endsWith('/m-fold-0') ? jsonAnswer(modelMetadata(metadata)) : null,
    );
    const error = await rejection(connectTo(server.url));
    expect(error).toMatchObject({ code: 'KSERVE_MODEL_MISMATCH', errorClass: 'usage' });
    expect(server.received.some(({ path }) => path.endsWith('/infer'))).toBe(false);
  });
});

describe('closing the engine', () => {
  it('ends what is under way', async () => {
    const server = await spoiled(() => ({ hang: true }));
    const engine = await connectTo(server.url);
    const network = await engine.open(FILE, 1, [2, 3, 4]);
    const run = rejection(network.run(testPatch(1)));
    while (server.received.filter(({ path }) => path.endsWith('/infer')).length < 2) {
      await new Promise(setImmediate);
    }
    await engine.close();
    expect((await run)?.code).toBe('SEGMENTATION_ABORTED');
    while (server.abandoned() === 0) await new Promise(setImmediate);
  });
});

function jsonOutput(data: unknown): Reply {
  return jsonAnswer({
    outputs: [{ name: 'logits', datatype: 'FP32', shape: [1, 2, 2, 3, 4], data }],
  });
}

function nested(depth: number): unknown {
  let value: unknown = 1;
  for (let i = 0; i < depth; i += 1) value = [value];
  return value;
}

function withHeader(request: Received, headers: Readonly<Record<string, string>>): Reply {
  const answer = good(request);
  return { body: answer.body, headers: { ...answer.headers, ...headers } };
}
