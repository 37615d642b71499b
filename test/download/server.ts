import type { ServerResponse } from 'node:http';
import { SitusError } from '../../src/contracts/index.ts';
import type { Handler, Received } from '../support/fault-server.ts';

export interface Served {
  readonly bytes: Uint8Array;
  readonly etag?: string | null;
  readonly lastModified?: string | null;
  /** Whether it answers Range; true when left out. */
  readonly ranges?: boolean;
  /** Ends the connection after so many bytes of the body, once the client has them. */
  readonly cutAfter?: number;
  readonly arrival?: Arrival;
  /** Content-Length that is not true. */
  readonly claims?: number;
}

/** What has arrived at the client, so that a server can wait for it before it cuts the connection. */
export class Arrival {
  private done = 0;
  private readonly waiting: { readonly bytes: number; readonly resolve: () => void }[] = [];

  /** For the client's `onProgress`. */
  readonly told = ({ done }: { readonly done: number }): void => {
    this.done = Math.max(this.done, done);
    for (const { bytes, resolve } of this.waiting) if (this.done >= bytes) resolve();
  };

  of(bytes: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ bytes, resolve });
      if (this.done >= bytes) resolve();
    });
  }
}

/** Answers as a file server does (RFC 9110 §13.1.5, §14.2), or nearly. */
export function serveFile(served: Served): Handler {
  return (request, response) => {
    sendFile(request, response, served);
  };
}

export function sendFile(request: Received, response: ServerResponse, served: Served): void {
  const { bytes, etag = '"v1"', lastModified = null, ranges = true } = served;
  const known = request.headers['if-range'];
  const asked = /^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1];
  const same = known === undefined || known === etag || known === lastModified;
  const from = ranges && asked !== undefined && same ? Number(asked) : 0;
  const headers: Record<string, string | number> = {
    ...(etag === null ? {} : { etag }),
    ...(lastModified === null ? {} : { 'last-modified': lastModified }),
  };
  if (from > 0 && from >= bytes.byteLength) {
    response.writeHead(416, { ...headers, 'content-range': `bytes */${bytes.byteLength}` }).end();
    return;
  }
  const rest = bytes.subarray(from);
  response.writeHead(from > 0 ? 206 : 200, {
    ...headers,
    'content-length': served.claims ?? rest.byteLength,
    ...(from > 0
      ? { 'content-range': `bytes ${from}-${bytes.byteLength - 1}/${bytes.byteLength}` }
      : {}),
  });
  if (served.cutAfter !== undefined && served.cutAfter < rest.byteLength) {
    response.write(rest.subarray(0, served.cutAfter));
    const { arrival = new Arrival() } = served;
    void arrival.of(from + served.cutAfter).then(() => response.socket?.end());
    return;
  }
  if (served.claims !== undefined) response.write(rest, () => response.socket?.end());
  else response.end(rest);
}

/** The SitusError that a promise ends with. */
export async function failureOf(work: Promise<unknown>): Promise<SitusError> {
  const thrown = await work.then(
    () => null,
    (error: unknown) => error,
  );
  if (thrown instanceof SitusError) return thrown;
  throw new Error(`no SitusError: ${String(thrown)}`);
}
