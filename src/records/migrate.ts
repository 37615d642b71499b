import { randomUUID } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { messageOf, usage } from '../contracts/index.ts';
import { databaseError } from './errors.ts';
import { sha256 } from './json.ts';
import { MIGRATION_SQL, type MigrationRow } from './sql.ts';

export const MIGRATIONS = join(import.meta.dirname, '..', '..', 'prisma', 'migrations');

export interface MigrateReport {
  /** Names of the migrations that this call applied. */
  readonly applied: readonly string[];
  /** All that the database has now. */
  readonly present: readonly string[];
}

interface MigrationFile {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

/**
 * Applies the files of `prisma/migrations` that the database does not have, in order, each in a
 * transaction of its own, and keeps `_prisma_migrations` as Prisma does. It waits for Prisma's own
 * advisory lock, so that two nodes that start at once, or a `prisma migrate deploy`, take turns.
 *
 * Throws MIGRATION_CHANGED (an applied file was edited), MIGRATION_UNKNOWN (the database is newer
 * than this Situs), MIGRATION_UNFINISHED (Prisma left one half-way) and MIGRATION_FAILED (the
 * script's own error; nothing of it stays).
 */
export async function migrate(url: string, folder: string = MIGRATIONS): Promise<MigrateReport> {
  const files = await readMigrations(folder);
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  // Without a listener a connection that breaks while idle would end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(MIGRATION_SQL.lock);
    await client.query(MIGRATION_SQL.createTable);
    const { rows } = await client.query<MigrationRow>(MIGRATION_SQL.list);
    const present = check(files, rows);
    const applied: string[] = [];
    for (const file of files) {
      if (present.has(file.name)) continue;
      await apply(client, file);
      applied.push(file.name);
    }
    return { applied, present: [...present, ...applied].sort() };
  } catch (error) {
    throw databaseError(error);
  } finally {
    // Ends the session and with it the lock, whatever happened.
    await client.end().catch(() => undefined);
  }
}

async function readMigrations(folder: string): Promise<MigrationFile[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort();
  return Promise.all(
    names.map(async (name) => {
      const sql = await readFile(join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: sha256(sql) };
    }),
  );
}

/** Names that are applied; throws when the database and the files do not agree. */
function check(files: readonly MigrationFile[], rows: readonly MigrationRow[]): Set<string> {
  const byName = new Map(files.map((file) => [file.name, file]));
  const present = new Set<string>();
  for (const row of rows) {
    if (row.rolled_back_at !== null) continue;
    const file = byName.get(row.migration_name);
    if (file === undefined) {
      throw usage(
        'MIGRATION_UNKNOWN',
        `The database has the migration ${row.migration_name}, which this Situs does not know.`,
        'Use the newer Situs that made it, or another database.',
      );
    }
    if (file.checksum !== row.checksum) {
      throw usage(
        'MIGRATION_CHANGED',
        `The migration ${row.migration_name} was applied with another content than its file has now.`,
        'Restore prisma/migrations from the release; changes of the schema go into a new migration.',
      );
    }
    if (row.finished_at === null) {
      throw usage(
        'MIGRATION_UNFINISHED',
        `The migration ${row.migration_name} was begun and never finished.`,
        'Repair the database and run "npx prisma migrate resolve" for this migration.',
      );
    }
    present.add(row.migration_name);
  }
  return present;
}

async function apply(client: pg.Client, file: MigrationFile): Promise<void> {
  const started = new Date();
  try {
    await client.query('BEGIN');
    await client.query(file.sql);
    await client.query(MIGRATION_SQL.insert, [randomUUID(), file.checksum, file.name, started]);
    await client.query('COMMIT');
  } catch (error) {
    const failure = databaseError(error);
    if (failure.errorClass === 'retry') throw failure;
    throw usage(
      'MIGRATION_FAILED',
      `The migration ${file.name} failed and was taken back: ${messageOf(error)}`,
      'Check the rights of the database user (it must own the schema) and the server version (14 or newer).',
      {},
      error,
    );
  }
}
