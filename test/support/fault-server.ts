import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer, type ServerOptions } from 'node:https';
import type { Socket } from 'node:net';

export interface Received {
  readonly method: string;
  /** Path with query. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage['headers'];
  readonly body: Buffer;
}

export type Handler = (request: Received, response: ServerResponse) => void | Promise<void>;

export interface FaultServer {
  readonly url: string;
  /** Every request so far, in order. */
  readonly received: Received[];
  /** What is answered from now on. */
  handle(handler: Handler): void;
  close(): Promise<void>;
}

/** A server on 127.0.0.1 that answers as a test tells it, rightly or wrongly. */
export async function startFaultServer(tls?: ServerOptions): Promise<FaultServer> {
  const received: Received[] = [];
  const sockets = new Set<Socket>();
  let current: Handler = (_request, response) => void response.writeHead(404).end();
  const answer = (request: IncomingMessage, response: ServerResponse) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const path = request.url ?? '/';
      const one: Received = {
        method: request.method ?? '',
        path,
        query: new URL(path, 'http://127.0.0.1').searchParams,
        headers: request.headers,
        body: Buffer.concat(chunks),
      };
      received.push(one);
      void current(one, response);
    });
  };
  const server: Server = tls === undefined ? createServer(answer) : createTlsServer(tls, answer);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the server has no port');
  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${address.port}`,
    received,
    handle(handler) {
      current = handler;
    },
    close() {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Sends `body` without a length, as Orthanc does: it ends with the connection. */
export function sendUntilClose(
  response: ServerResponse,
  contentType: string,
  body: Uint8Array,
  end: 'FIN' | 'RST',
): void {
  const { socket } = response;
  if (socket === null) throw new Error('the connection is gone');
  socket.write(`HTTP/1.1 200 OK\r\nContent-Type: ${contentType}\r\nConnection: close\r\n\r\n`);
  socket.write(body, () => {
    if (end === 'FIN') socket.end();
    else socket.resetAndDestroy();
  });
}

/** A multipart body of Part 10 files; `closed` false leaves the closing boundary out. */
export function multipartBody(
  boundary: string,
  files: readonly Uint8Array[],
  closed = true,
): Buffer {
  const parts = files.flatMap((file) => [
    Buffer.from(`\r\n--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
    file,
  ]);
  return Buffer.concat([...parts, Buffer.from(closed ? `\r\n--${boundary}--\r\n` : '')]);
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  response.writeHead(status, { 'Content-Type': 'application/dicom+json' });
  response.end(JSON.stringify(value));
}
