import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { startPostgres } from '../../src/demo/services/postgres.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-postgres-'));
});
afterEach(async () => {
  await rm(folder, { recursive: true });
});

async function query(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('startPostgres', () => {
  it('serves on loopback only, with a password that only its owner can read', async () => {
    const postgres = await startPostgres({ stateDir: folder, disposable: true });
    try {
      expect(new URL(postgres.url).hostname).toBe('127.0.0.1');
      expect(await query(postgres.url, 'SHOW listen_addresses')).toEqual([
        { listen_addresses: '127.0.0.1' },
      ]);
      const { mode } = await stat(join(folder, 'postgres-password'));
      expect(mode & 0o777).toBe(0o600);
      // The cluster is below the folder that was asked for, which nobody else may list or enter.
      expect(await stat(join(folder, 'postgres', 'cluster', 'PG_VERSION'))).toBeDefined();
      expect((await stat(folder)).mode & 0o047).toBe(0);
      const wrong = new URL(postgres.url);
      wrong.password = 'guessed';
      await expect(query(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    } finally {
      await postgres.stop();
    }
  });

  it('keeps its data over a restart, and refuses a second server meanwhile', async () => {
    const first = await startPostgres({ stateDir: folder, disposable: true });
    await query(first.url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await expect(startPostgres({ stateDir: folder, disposable: true })).rejects.toMatchObject({
      code: 'POSTGRES_RUNNING',
      errorClass: 'usage',
    });
    await first.stop();
    await first.stop();
    const second = await startPostgres({ stateDir: folder, disposable: true });
    try {
      expect(await query(second.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    } finally {
      await second.stop();
    }
  });

  it('takes over what a killed Situs left running', async () => {
    const script = `
      import { startPostgres } from './src/demo/services/postgres.ts';
      const { url } = await startPostgres({ stateDir: process.env.FOLDER, disposable: true });
      process.stdout.write(url);
      setInterval(() => undefined, 1000);`;
    const killed = spawn(process.execPath, ['--input-type=module-typescript', '-e', script], {
      env: { ...process.env, FOLDER: folder, NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(killed.stdout.setEncoding('utf8'), 'data')) as [string];
    await query(url, 'CREATE TABLE kept AS SELECT 42 AS answer');
    killed.kill('SIGKILL');
    await once(killed, 'exit');
    expect(await query(url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    const next = await startPostgres({ stateDir: folder, disposable: true });
    try {
      await expect(query(url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' });
      expect(await query(next.url, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
    } finally {
      await next.stop();
    }
  });
});
