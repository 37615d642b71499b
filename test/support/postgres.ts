import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { SERVICE, TEMPLATE, databaseUrl } from './postgres-service.ts';

export interface TestDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/**
 * A database of its own for a test file, copied from a migrated template (or `empty`) on the run's
 * one Postgres. Close what is connected to it before `drop`, which ends the connections left over.
 */
export async function testDatabase(kind: 'migrated' | 'empty' = 'migrated'): Promise<TestDatabase> {
  const server = await serverUrl();
  const name = `situs_test_${randomBytes(8).toString('hex')}`;
  const template = kind === 'migrated' ? TEMPLATE : 'template0';
  await onServer(server, `CREATE DATABASE ${name} TEMPLATE ${template}`);
  return {
    url: databaseUrl(server, name),
    drop: () => onServer(server, `DROP DATABASE ${name} WITH (FORCE)`),
  };
}

async function serverUrl(): Promise<string> {
  const service = process.env[SERVICE];
  if (service === undefined) throw new Error(`jest's globalSetup has not set ${SERVICE}`);
  const response = await fetch(service);
  const text = await response.text();
  if (!response.ok) throw new Error(`the test Postgres did not start: ${text}`);
  return text;
}

async function onServer(url: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}
