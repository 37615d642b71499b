import { createHash } from 'node:crypto';
import { cp, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Prisma } from '../../src/records/generated/client.ts';
import { MIGRATIONS, migrate } from '../../src/records/migrate.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { sql } from './fixtures.ts';

const made: TestDatabase[] = [];
const folders: string[] = [];
let database: TestDatabase;

beforeEach(async () => {
  database = await testDatabase('empty');
  made.push(database);
});
afterAll(async () => {
  for (const one of made) await one.drop();
  for (const folder of folders) await rm(folder, { recursive: true });
});

async function copyOfMigrations(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'situs-migrations-'));
  folders.push(folder);
  await cp(MIGRATIONS, folder, { recursive: true });
  return folder;
}

async function names(): Promise<string[]> {
  const entries = await readdir(MIGRATIONS, { withFileTypes: true });
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
}

describe('migrate', () => {
  it('applies every migration to an empty database and none the second time', async () => {
    const first = await migrate(database.url);
    expect(first.applied).toEqual(await names());
    const second = await migrate(database.url);
    expect(second).toEqual({ applied: [], present: await names() });
  });

  it('keeps _prisma_migrations as Prisma would: SHA-256 of the file, times, one step', async () => {
    await migrate(database.url);
    const rows = await sql(database.url, 'SELECT * FROM _prisma_migrations ORDER BY started_at');
    expect(rows).toHaveLength((await names()).length);
    for (const row of rows) {
      const file = join(MIGRATIONS, String(row['migration_name']), 'migration.sql');
      const checksum = createHash('sha256')
        .update(await readFile(file))
        .digest('hex');
      expect(row).toMatchObject({
        checksum,
        applied_steps_count: 1,
        rolled_back_at: null,
        logs: null,
      });
      expect(row['finished_at']).toBeInstanceOf(Date);
      expect(row['id']).toMatch(/^[0-9a-f-]{36}$/);
    }
  });

  it('lets two nodes that start at once take turns', async () => {
    const reports = await Promise.all([migrate(database.url), migrate(database.url)]);
    const applied = reports.flatMap((report) => report.applied);
    expect(applied.sort()).toEqual(await names());
  });

  it('refuses a database that a file was applied to before it was edited', async () => {
    await migrate(database.url);
    const folder = await copyOfMigrations();
    const [first] = await names();
    const file = join(folder, String(first), 'migration.sql');
    await writeFile(file, `${await readFile(file, 'utf8')}\n-- edited\n`);
    await expect(migrate(database.url, folder)).rejects.toMatchObject({
      code: 'MIGRATION_CHANGED',
      message: expect.stringContaining(String(first)),
    });
  });

  it('refuses a database that is newer than this Situs', async () => {
    await migrate(database.url);
    const folder = await copyOfMigrations();
    const last = String((await names()).at(-1));
    await rm(join(folder, last), { recursive: true });
    await expect(migrate(database.url, folder)).rejects.toMatchObject({
      code: 'MIGRATION_UNKNOWN',
      message: expect.stringContaining(last),
    });
  });

  it('leaves nothing of a migration that fails, and says which it was', async () => {
    const folder = await copyOfMigrations();
    const name = '29990101000000_broken';
    await cp(join(folder, String((await names())[0])), join(folder, name), { recursive: true });
    await writeFile(join(folder, name, 'migration.sql'), 'CREATE TABLE half (id int); SELECT 1/0;');
    await expect(migrate(database.url, folder)).rejects.toMatchObject({
      code: 'MIGRATION_FAILED',
      message: expect.stringMatching(/29990101000000_broken.*division by zero/),
    });
    const left = await sql(database.url, `SELECT to_regclass('half') AS half`);
    expect(left).toEqual([{ half: null }]);
    expect((await migrate(database.url)).applied).toEqual([]);
  });

  it('refuses to go on after a migration that Prisma left unfinished', async () => {
    await migrate(database.url);
    await sql(database.url, 'UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(migrate(database.url)).rejects.toMatchObject({ code: 'MIGRATION_UNFINISHED' });
  });

  it('makes the very columns that the Prisma schema names', async () => {
    await migrate(database.url);
    const columns = await sql<{ table: string; column: string }>(
      database.url,
      `SELECT table_name AS table, column_name AS column FROM information_schema.columns
       WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`,
    );
    const models = Object.values(Prisma.ModelName);
    expect(new Set(columns.map((one) => one.table)).size).toBe(models.length);
    const schema = await readFile(join(MIGRATIONS, '..', 'schema.prisma'), 'utf8');
    expect(columns.map((one) => `${one.table}.${one.column}`).sort()).toEqual(
      columnsOf(schema, models),
    );
  });

  it('says that the database does not answer, and that trying again can help', async () => {
    const nowhere = new URL(database.url);
    nowhere.port = '1';
    await expect(migrate(nowhere.href)).rejects.toMatchObject({
      code: 'DATABASE_UNREACHABLE',
      errorClass: 'retry',
      origin: 'database',
    });
  });
});

/** `table.column` of every scalar field of the schema's text. */
function columnsOf(schema: string, models: readonly string[]): string[] {
  const columns: string[] = [];
  for (const [, body] of schema.matchAll(/^model \w+ \{\n([\s\S]*?)^\}/gm)) {
    const table = /@@map\("(\w+)"\)/.exec(String(body))?.[1];
    for (const line of String(body).split('\n')) {
      const [, name, type] = /^ {2}(\w+) +(\w+)/.exec(line) ?? [];
      if (name === undefined || type === undefined || models.includes(type)) continue;
      columns.push(`${table}.${/@map\("(\w+)"\)/.exec(line)?.[1] ?? name}`);
    }
  }
  return columns.sort();
}
