import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { type Server, createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { type RunningPostgres, startPostgres } from '../../src/demo/services/postgres.ts';
import { migrate } from '../../src/records/migrate.ts';

/** Environment variable that tells test files where the service below listens. */
export const SERVICE = 'SITUS_TEST_POSTGRES';
export const TEMPLATE = 'situs_template';

/**
 * One Postgres for a whole jest run. It lives in jest's own process and starts when the first test
 * file asks for it, so runs that need no database pay nothing; test files ask over loopback HTTP,
 * because jest's workers are processes of their own.
 */
export class PostgresService {
  #server: Server | null = null;
  #running: Promise<{ postgres: RunningPostgres; folder: string }> | null = null;

  async listen(): Promise<void> {
    const server = createServer((_request, response) => {
      this.#running ??= start();
      this.#running.then(
        ({ postgres }) => response.end(postgres.url),
        (error: unknown) => {
          response.statusCode = 500;
          response.end(error instanceof Error ? error.message : String(error));
        },
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('no loopback port');
    process.env[SERVICE] = `http://127.0.0.1:${address.port}`;
    this.#server = server;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    this.#server?.close();
    if (this.#running === null) return;
    const { postgres, folder } = await this.#running;
    await postgres.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function start(): Promise<{ postgres: RunningPostgres; folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'situs-test-postgres-'));
  const postgres = await startPostgres({ stateDir: folder, disposable: true });
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`CREATE DATABASE ${TEMPLATE}`);
  await client.end();
  await migrate(databaseUrl(postgres.url, TEMPLATE));
  return { postgres, folder };
}

export function databaseUrl(server: string, database: string): string {
  const url = new URL(server);
  url.pathname = `/${database}`;
  return url.href;
}
