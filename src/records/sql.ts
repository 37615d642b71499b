import type { Prisma } from './generated/client.ts';
import type { SqlExecutor } from './types.ts';

/*
 * All hand-written SQL of the record (design §8): here, in sql-table.ts (the processed-study table),
 * in sql-replay.ts (decisions to replay) and in sql-audit.ts (the chain). Everything else goes through Prisma's typed client. Values are
 * always parameters.
 */

type Tx = Prisma.TransactionClient;

export interface MigrationRow {
  readonly migration_name: string;
  readonly checksum: string;
  readonly finished_at: Date | null;
  readonly rolled_back_at: Date | null;
}

/** Prisma's own lock number and table, as its schema engine makes them: both ways must agree. */
export const MIGRATION_SQL = {
  lock: 'SELECT pg_advisory_lock(72707369)',
  createTable: `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
  )`,
  list: `SELECT migration_name, checksum, finished_at, rolled_back_at FROM _prisma_migrations
    ORDER BY started_at`,
  insert: `INSERT INTO _prisma_migrations
      (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
    VALUES ($1, $2, $3, $4, clock_timestamp(), 1)`,
} as const;

export async function sessionTimezone(tx: Tx): Promise<string> {
  const rows = await tx.$queryRaw<{ zone: string }[]>`SELECT current_setting('TimeZone') AS zone`;
  return rows[0]?.zone ?? '';
}

/** Lets pg-boss, or anything that sends SQL, work inside a transaction of the record. */
export function executorOf(tx: Tx): SqlExecutor {
  return {
    async executeSql(text, values = []) {
      return { rows: await tx.$queryRawUnsafe<Record<string, unknown>[]>(text, ...values) };
    },
  };
}

/** Locks a study until the transaction ends; everything that changes its outcome begins with this. */
export async function lockStudy(
  tx: Tx,
  archive: string,
  studyInstanceUid: string,
): Promise<bigint | null> {
  const rows = await tx.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM study WHERE archive = ${archive} AND study_instance_uid = ${studyInstanceUid}
    FOR NO KEY UPDATE`;
  return rows[0]?.id ?? null;
}

export interface LockedJob {
  readonly studyId: bigint;
  readonly state: string;
  readonly leaseOwner: string | null;
  readonly leaseUntil: Date | null;
  /** The database's clock. */
  readonly now: Date;
}

/**
 * Locks a job, its study first: a decision locks them in that order too, and the other way round
 * they would wait for each other in a circle.
 */
export async function lockJob(tx: Tx, jobId: string): Promise<LockedJob | null> {
  await tx.$queryRaw`
    SELECT s.id FROM study s JOIN job j ON j.study_id = s.id WHERE j.id = ${jobId}::uuid
    FOR NO KEY UPDATE OF s`;
  const rows = await tx.$queryRaw<LockedJob[]>`
    SELECT study_id AS "studyId", state, lease_owner AS "leaseOwner", lease_until AS "leaseUntil",
      clock_timestamp() AS "now"
    FROM job WHERE id = ${jobId}::uuid FOR NO KEY UPDATE`;
  return rows[0] ?? null;
}

/** Prolongs a lease that is still the owner's; false when it is not. */
export async function prolongJob(
  tx: Tx,
  jobId: string,
  owner: string,
  seconds: number,
  progress: number | null,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    UPDATE job SET heartbeat_at = clock_timestamp(),
      lease_until = clock_timestamp() + make_interval(secs => ${seconds}),
      progress = coalesce(${progress}::float8, progress)
    WHERE id = ${jobId}::uuid AND lease_owner = ${owner} AND state = 'running'`;
  return changed === 1;
}

export interface ListedSeries {
  readonly uid: string;
  readonly modality: string | null;
  readonly number: string | null;
  readonly description: string | null;
  readonly instances: number;
}

/** Makes the series of a study those of a listing; returns how many rows that changed. */
export async function putSeries(
  tx: Tx,
  studyId: bigint,
  series: readonly ListedSeries[],
): Promise<number> {
  const listed = JSON.stringify(series);
  const put = await tx.$executeRaw`
    INSERT INTO series AS s
      (study_id, series_instance_uid, modality, number, description, instance_count, present)
    SELECT ${studyId}, l.uid, l.modality, l.number, l.description, l.instances, true
    FROM jsonb_to_recordset(${listed}::jsonb)
      AS l(uid text, modality text, number text, description text, instances int)
    ON CONFLICT (study_id, series_instance_uid) DO UPDATE SET
      modality = excluded.modality, number = excluded.number, description = excluded.description,
      instance_count = excluded.instance_count, present = true, updated_at = clock_timestamp()
    WHERE (s.modality, s.number, s.description, s.instance_count, s.present)
      IS DISTINCT FROM
      (excluded.modality, excluded.number, excluded.description, excluded.instance_count, true)`;
  const gone = await tx.$executeRaw`
    UPDATE series SET present = false, updated_at = clock_timestamp()
    WHERE study_id = ${studyId} AND present AND series_instance_uid NOT IN (
      SELECT l.uid FROM jsonb_to_recordset(${listed}::jsonb) AS l(uid text))`;
  return put + gone;
}

/** Takes or renews a named lease in one statement, by the database's clock. */
export async function takeLease(
  tx: Tx,
  name: string,
  owner: string,
  seconds: number,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    INSERT INTO lease AS l (name, owner, acquired_at, until)
    VALUES (${name}, ${owner}, clock_timestamp(),
      clock_timestamp() + make_interval(secs => ${seconds}))
    ON CONFLICT (name) DO UPDATE SET owner = excluded.owner, until = excluded.until,
      acquired_at = CASE WHEN l.owner = excluded.owner THEN l.acquired_at ELSE excluded.acquired_at END
    WHERE l.owner = excluded.owner OR l.until <= clock_timestamp()`;
  return changed === 1;
}

export async function renewLease(
  tx: Tx,
  name: string,
  owner: string,
  seconds: number,
): Promise<boolean> {
  const changed = await tx.$executeRaw`
    UPDATE lease SET until = clock_timestamp() + make_interval(secs => ${seconds})
    WHERE name = ${name} AND owner = ${owner}`;
  return changed === 1;
}

/** Revisions that are their study's newest, have no decision and were not refused; oldest first. */
export async function undecidedRevisions(tx: Tx, limit: number): Promise<{ id: bigint }[]> {
  return tx.$queryRaw`
    SELECT r.id FROM study s JOIN study_revision r ON r.study_id = s.id AND r.revision = s.revision
    WHERE s.outcome = 'running' AND s.refusal IS NULL
      AND NOT EXISTS (SELECT 1 FROM decision d WHERE d.revision_id = r.id)
    ORDER BY r.id LIMIT ${limit}`;
}

export interface PredecessorRow {
  readonly resultId: bigint;
  readonly studyInstanceUid: string;
}

/** The last recorded, verified object of each other run for the same series, stack and model. */
export async function predecessorResults(
  tx: Tx,
  jobId: string,
  kind: string,
): Promise<PredecessorRow[]> {
  return tx.$queryRaw`
    SELECT * FROM (
      SELECT DISTINCT ON (o.id) r.id AS "resultId", s.study_instance_uid AS "studyInstanceUid"
      FROM job j
      JOIN job o ON o.study_id = j.study_id AND o.series_instance_uid = j.series_instance_uid
        AND o.stack_id = j.stack_id AND o.model = j.model AND o.id <> j.id
        AND o.created_at <= j.created_at
      JOIN study s ON s.id = o.study_id
      JOIN result r ON r.job_id = o.id AND r.kind = ${kind} AND r.verified
      WHERE j.id = ${jobId}::uuid
      ORDER BY o.id, r.id DESC
    ) latest ORDER BY "resultId" DESC`;
}

export interface ServerFacts {
  readonly server: string;
  readonly database: string;
  readonly user: string;
  readonly bytes: bigint;
  readonly studies: bigint;
  readonly now: Date;
}

export async function serverFacts(tx: Tx): Promise<ServerFacts | null> {
  const rows = await tx.$queryRaw<ServerFacts[]>`
    SELECT current_setting('server_version') AS server, current_database()::text AS database,
      current_user::text AS "user", pg_database_size(current_database()) AS bytes,
      (SELECT count(*) FROM study) AS studies, clock_timestamp() AS now`;
  return rows[0] ?? null;
}

export async function appliedMigrations(tx: Tx): Promise<string[]> {
  const rows = await tx.$queryRaw<{ name: string }[]>`
    SELECT migration_name AS name FROM _prisma_migrations
    WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL ORDER BY migration_name`;
  return rows.map((row) => row.name);
}
