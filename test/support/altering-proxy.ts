import { createServer, type IncomingMessage } from 'node:http';
import { multipartBody } from './fault-server.ts';

/** What the proxy does to the answers of the archive behind it; each as it came when left out. */
export interface Alterations {
  /** A retrieved instance, a Part 10 file. */
  readonly instance?: (bytes: Uint8Array) => Uint8Array;
  /** The answer to a STOW-RS request, as JSON. */
  readonly stored?: (answer: Record<string, unknown>) => object;
}

export interface AlteringProxy {
  /** The address of `target` behind the proxy. */
  readonly url: string;
  /** What is altered from now on. */
  alter(alterations: Alterations): void;
  close(): Promise<void>;
}

/** A DICOMweb server on 127.0.0.1 that passes everything on to another and alters what comes back. */
export async function startAlteringProxy(target: string): Promise<AlteringProxy> {
  const { origin, pathname } = new URL(target);
  let alterations: Alterations = {};
  const server = createServer((request, response) => {
    void (async () => {
      const { 'content-type': type, authorization, accept } = request.headers;
      const given = await bodyOf(request);
      const answer = await fetch(`${origin}${request.url ?? '/'}`, {
        method: request.method ?? 'GET',
        headers: Object.entries({ 'content-type': type, authorization, accept }).flatMap(
          ([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]]),
        ),
        ...(given.length === 0 ? {} : { body: new Uint8Array(given) }),
      });
      const came = Buffer.from(await answer.arrayBuffer());
      const isInstance = /\/instances\/[\d.]+$/.test(request.url ?? '') && answer.ok;
      const body =
        request.method === 'POST'
          ? alteredStore(came, alterations)
          : isInstance
            ? alteredInstance(came, answer.headers.get('content-type') ?? '', alterations)
            : came;
      response.writeHead(answer.status, {
        'Content-Type': answer.headers.get('content-type') ?? 'application/octet-stream',
        'Content-Length': body.length,
      });
      response.end(body);
    })().catch((error: unknown) => response.writeHead(500).end(String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the proxy has no port');
  return {
    url: `http://127.0.0.1:${address.port}${pathname}`,
    alter(next) {
      alterations = next;
    },
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

function alteredStore(body: Buffer, { stored }: Alterations): Buffer {
  if (stored === undefined) return body;
  const answer = JSON.parse(body.toString('utf8')) as Record<string, unknown>;
  return Buffer.from(JSON.stringify(stored(answer)));
}

/** The one file of a multipart answer, altered, in an answer with the same boundary. */
function alteredInstance(body: Buffer, type: string, { instance }: Alterations): Buffer {
  const [, boundary = ''] = /boundary="?([^";]+)/.exec(type) ?? [];
  const begin = body.indexOf('\r\n\r\n') + 4;
  const end = body.lastIndexOf(`\r\n--${boundary}`);
  if (instance === undefined || begin < 4 || end < begin) return body;
  return multipartBody(boundary, [instance(new Uint8Array(body.subarray(begin, end)))]);
}
