import { readFile } from 'node:fs/promises';
import { createServer as createHttpServer, type RequestListener, type Server } from 'node:http';
import { createServer as createHttpsServer } from 'node:https';
import { isIP, type AddressInfo } from 'node:net';
import { messageOf, usage } from '../contracts/index.ts';
import type { Logger } from '../telemetry/index.ts';

export interface ListenOptions {
  readonly host: string;
  /** 0 takes a free port. */
  readonly port: number;
  /** PEM files of the server's certificate (chain) and key; plain HTTP when left out. */
  readonly tls?: { readonly certificate: string; readonly key: string } | undefined;
}

export interface Listening {
  readonly url: string;
  /** Ends after the answers under way, or when they take longer than a moment, without them. */
  stop(): Promise<void>;
}

const LAST_ANSWERS_MS = 2_000;

export async function listen(
  handler: RequestListener,
  options: ListenOptions,
  log: Logger,
): Promise<Listening> {
  const { host, tls } = options;
  const server = tls === undefined ? createHttpServer(handler) : await secureServer(handler, tls);
  await listening(server, options);
  if (tls === undefined && !isLoopback(host)) {
    log.warn(
      { host },
      'the API can be reached from other machines without TLS: set api.tls in config/situs.yaml, or put a proxy with TLS before it',
    );
  }
  const { port } = server.address() as AddressInfo;
  const name = host.includes(':') ? `[${host}]` : host;
  return {
    url: `${tls === undefined ? 'http' : 'https'}://${name}:${port}`,
    stop: () => stopped(server),
  };
}

async function secureServer(
  handler: RequestListener,
  { certificate, key }: { readonly certificate: string; readonly key: string },
): Promise<Server> {
  try {
    const [cert, secret] = await Promise.all([readFile(certificate), readFile(key)]);
    return createHttpsServer({ cert, key: secret, minVersion: 'TLSv1.2' }, handler);
  } catch (error) {
    throw usage(
      'API_CERTIFICATE_UNUSABLE',
      `The certificate ${certificate} with the key ${key} cannot be used: ${messageOf(error)}`,
      'Set api.tls in config/situs.yaml to a PEM certificate and its key that Situs may read.',
      {},
      error,
    );
  }
}

function listening(server: Server, { host, port }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      reject(
        usage(
          error.code === 'EADDRINUSE' ? 'API_PORT_TAKEN' : 'API_CANNOT_LISTEN',
          `The API cannot listen on ${host}:${port}: ${error.message}`,
          'Set api.host and api.port in config/situs.yaml, or end what uses the port.',
          {},
          error,
        ),
      );
    });
    server.listen(port, host, () => resolve());
  });
}

function stopped(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const impatient = setTimeout(() => server.closeAllConnections(), LAST_ANSWERS_MS);
    server.close(() => {
      clearTimeout(impatient);
      resolve();
    });
    server.closeIdleConnections();
  });
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'));
}
