import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { afterAll } from '@jest/globals';

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: Buffer;
}

export interface Reply {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array | string;
  /** The connection is cut after so many bytes of the body. */
  readonly cutAfter?: number;
  /** Nothing is ever answered. */
  readonly hang?: true;
  /** Waits for this before the answer. */
  readonly after?: Promise<unknown>;
}

/** What the server says instead of what a well-behaved one would say; null leaves it at that. */
export type Script = (request: Received, count: number) => Reply | null;

export const CHANNELS = 1;
export const HEADS = 2;
export const PATCH = [2, 3, 4] as const;
const VOXELS = 24;

export interface InferenceServer {
  readonly url: string;
  readonly received: readonly Received[];
  /** Requests whose connection the client gave up. */
  readonly abandoned: () => number;
  /** Connections that were ever opened. */
  readonly connections: () => number;
  /** Most inference requests at the same time. */
  readonly mostAtOnce: () => number;
}

/** A KServe v2 server of a network that answers with the patch and with twice the patch. */
export async function startInferenceServer(
  script: Script = () => null,
  tls?: { readonly key: string; readonly cert: string },
): Promise<InferenceServer> {
  const received: Received[] = [];
  let abandoned = 0;
  let connections = 0;
  let now = 0;
  let most = 0;
  const serve = (request: IncomingMessage, response: ServerResponse): void => {
    void (async () => {
      const asked = await receive(request);
      received.push(asked);
      response.on('close', () => {
        if (!response.writableFinished) abandoned += 1;
      });
      const infers = asked.path.endsWith('/infer');
      if (infers) most = Math.max(most, (now += 1));
      const reply = script(asked, received.length) ?? wellBehaved(asked);
      await reply.after;
      if (infers) now -= 1;
      answer(response, reply);
    })();
  };
  const server = tls === undefined ? createServer(serve) : createSecureServer(tls, serve);
  server.on('connection', () => {
    connections += 1;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  servers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    abandoned: () => abandoned,
    connections: () => connections,
    mostAtOnce: () => most,
  };
}

const servers: (() => void)[] = [];
afterAll(() => {
  for (const close of servers) close();
});

/** The network: heads × voxels. */
export function logitsOf(patch: Float32Array): Float32Array<ArrayBuffer> {
  return Float32Array.from([...patch, ...patch.map((value) => 2 * value)]);
}

/** A binary answer whose parts can be replaced. */
export function binaryAnswer(
  values: Float32Array<ArrayBuffer>,
  changes: Readonly<Record<string, unknown>> = {},
): Reply {
  const tensor = {
    name: 'logits',
    datatype: 'FP32',
    shape: [1, HEADS, ...PATCH],
    parameters: { binary_data_size: values.byteLength },
    ...changes,
  };
  const header = Buffer.from(JSON.stringify({ model_name: 'm', outputs: [tensor] }));
  return {
    headers: {
      'content-type': 'application/octet-stream',
      'inference-header-content-length': String(header.length),
    },
    body: Buffer.concat([header, Buffer.from(values.buffer)]),
  };
}

export function jsonAnswer(content: unknown, status = 200): Reply {
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(content),
  };
}

/** The patch in an inference request, binary or JSON. */
export function patchOf({ headers, body }: Received): Float32Array<ArrayBuffer> {
  const length = headers['inference-header-content-length'];
  if (length === undefined) {
    const content = JSON.parse(body.toString('utf8')) as { inputs: [{ data: number[] }] };
    return Float32Array.from(content.inputs[0].data);
  }
  return new Float32Array(new Uint8Array(body.subarray(Number(length))).buffer);
}

export function modelMetadata(changes: Readonly<Record<string, unknown>> = {}): unknown {
  return {
    name: 'm',
    versions: ['1'],
    platform: 'onnxruntime_onnx',
    inputs: [{ name: 'patch', datatype: 'FP32', shape: [-1, CHANNELS, ...PATCH] }],
    outputs: [{ name: 'logits', datatype: 'FP32', shape: [1, HEADS, ...PATCH] }],
    ...changes,
  };
}

function wellBehaved(request: Received): Reply {
  const { path } = request;
  if (path === '/v2') {
    return jsonAnswer({ name: 'test', version: '9', extensions: ['binary_tensor_data'] });
  }
  if (path.endsWith('/ready')) return {};
  if (path.endsWith('/config')) return jsonAnswer({ error: 'not offered' }, 404);
  if (path.endsWith('/infer')) return binaryAnswer(logitsOf(patchOf(request)));
  return jsonAnswer(modelMetadata());
}

async function receive(request: IncomingMessage): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return {
    method: request.method ?? '',
    path: request.url ?? '',
    headers: request.headers,
    body: Buffer.concat(chunks),
  };
}

function answer(response: ServerResponse, reply: Reply): void {
  if (reply.hang === true) return;
  const body = Buffer.from(reply.body ?? '');
  response.writeHead(reply.status ?? 200, { 'content-length': body.length, ...reply.headers });
  if (reply.cutAfter === undefined) {
    response.end(body);
  } else {
    response.write(body.subarray(0, reply.cutAfter), () => response.destroy());
  }
}

/** Numbers that fit the network's input. */
export function testPatch(seed: number): Float32Array<ArrayBuffer> {
  return Float32Array.from({ length: VOXELS }, (_, i) => Math.fround(Math.sin(seed + i)));
}
