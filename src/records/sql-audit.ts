import { Prisma } from './generated/client.ts';

/* The audit chain's SQL. The only names put into text are those of PROTECTED. */

type Tx = Prisma.TransactionClient;

/**
 * Append-only tables and their keys. The migrations "protection" and "withdrawal" have the triggers for
 * these; a table added here needs them in a new migration, or its rows can be changed unnoticed until `audit verify`.
 */
export const PROTECTED = {
  study_revision: 'id',
  revision_headers: 'revision_id',
  config_version: 'id',
  decision: 'id',
  verdict: 'id',
  result: 'id',
  finding: 'id',
  gate_verdict: 'id',
  withdrawal: 'id',
} as const;
export type ProtectedTable = keyof typeof PROTECTED;

/** The last link; locked until the transaction ends, which puts all audited writes in one order. */
export async function lockChainHead(tx: Tx): Promise<{ seq: number; hash: string }> {
  const rows = await tx.$queryRaw<{ seq: bigint; hash: string }[]>`
    SELECT seq, hash FROM audit_head WHERE id = 1 FOR UPDATE`;
  const head = rows[0];
  if (head === undefined) throw new Error('audit_head is empty: the chain has lost its head');
  return { seq: Number(head.seq), hash: head.hash };
}

export async function moveChainHead(tx: Tx, seq: number, hash: string): Promise<void> {
  await tx.$executeRaw`UPDATE audit_head SET seq = ${seq}, hash = ${hash} WHERE id = 1`;
}

/**
 * SHA-256 over the row as JSON. Nulls are left out, so that a column added by a later migration
 * leaves the hashes of older rows as they are. Needs a session in UTC.
 */
function rowHash(alias: string): Prisma.Sql {
  return Prisma.raw(
    `encode(sha256(convert_to(jsonb_strip_nulls(to_jsonb(${alias}))::text, 'UTF8')), 'hex')`,
  );
}

export async function rowHashes(
  tx: Tx,
  table: ProtectedTable,
  ids: readonly bigint[],
): Promise<{ id: bigint; sha256: string }[]> {
  const key = Prisma.raw(PROTECTED[table]);
  return tx.$queryRaw`
    SELECT t.${key} AS id, ${rowHash('t')} AS sha256
    FROM ${Prisma.raw(table)} t WHERE t.${key} = ANY(${ids}::bigint[])`;
}

export interface RowProblem {
  readonly id: string;
  readonly kind: 'changed' | 'removed' | 'inserted';
}

/**
 * Compares every row of a protected table with the hash that the chain carries for it. The join runs
 * in the database and spills to its disk, so a record of any size is checked in constant memory here.
 */
export async function compareRows(
  tx: Tx,
  table: ProtectedTable,
  limit: number,
): Promise<RowProblem[]> {
  const key = Prisma.raw(PROTECTED[table]);
  return tx.$queryRaw`
    WITH written AS (
      SELECT r->>'id' AS id, r->>'sha256' AS sha256
      FROM audit_event e, jsonb_array_elements(e.payload->'rows') r
      WHERE e.payload ? 'rows' AND r->>'table' = ${table}
    ), found AS (
      SELECT t.${key}::text AS id, ${rowHash('t')} AS sha256 FROM ${Prisma.raw(table)} t
    )
    SELECT coalesce(w.id, f.id) AS id,
      CASE WHEN f.id IS NULL THEN 'removed' WHEN w.id IS NULL THEN 'inserted' ELSE 'changed' END AS kind
    FROM written w FULL OUTER JOIN found f ON f.id = w.id
    WHERE w.sha256 IS DISTINCT FROM f.sha256
    ORDER BY 1 LIMIT ${limit}`;
}

export async function countRows(tx: Tx, table: ProtectedTable): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    SELECT count(*) AS n FROM ${Prisma.raw(table)}`;
  return Number(rows[0]?.n ?? 0);
}

/** A row outside the protected tables that the chain tells otherwise. */
export interface StateProblem {
  readonly table: 'job' | 'job_labels';
  readonly id: string;
  readonly message: string;
}

/**
 * Jobs change while they run, so their rows carry no hash; how each ended, and which labels it made,
 * is in the chain all the same. Names the jobs and labels that say something else now.
 */
export async function compareJobs(tx: Tx, limit: number): Promise<StateProblem[]> {
  return tx.$queryRaw`
    SELECT 'job' AS "table", j.id::text AS id, concat('Job ', j.id, ' is ', j.state,
        ', but the chain says ', coalesce(e.action, 'nothing of its end'), '.') AS message
    FROM job j LEFT JOIN LATERAL (
      SELECT a.action FROM audit_event a WHERE a.entity = 'job' AND a.entity_id = j.id::text
        AND a.action IN ('job.stored', 'job.held', 'job.refused', 'job.failed', 'job.cancelled')
      ORDER BY a.seq DESC LIMIT 1
    ) e ON true
    WHERE e.action IS DISTINCT FROM
      CASE WHEN j.state IN ('queued', 'running') THEN NULL ELSE 'job.' || j.state END
    UNION ALL
    SELECT 'job_labels', l.job_id::text,
      concat('The labels of job ', l.job_id, ' are no longer those that were written.')
    FROM job_labels l LEFT JOIN LATERAL (
      SELECT a.payload->'data'->>'sha256' AS sha256 FROM audit_event a
      WHERE a.entity = 'job' AND a.entity_id = l.job_id::text AND a.action = 'labels.saved'
      ORDER BY a.seq DESC LIMIT 1
    ) e ON true
    WHERE encode(sha256(l.bytes), 'hex') IS DISTINCT FROM e.sha256
    LIMIT ${limit}`;
}
