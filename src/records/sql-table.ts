import { Prisma } from './generated/client.ts';

/* The processed-study table, read by index whatever the filter (design §10). */

export interface TableFilter {
  readonly outcomes: readonly string[];
  readonly sequence: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
  /** Lower case, as `searchText` makes it. */
  readonly text: string | null;
  readonly archive: string | null;
  readonly after: { readonly observedAt: Date; readonly id: bigint } | null;
  readonly limit: number;
}

type Tx = Prisma.TransactionClient;

/** Rows that are looked through in the table's order before the text index is asked: some 20 ms. */
const WINDOW = 5_000;
/** pg_trgm finds parts of words from this length on. */
const TRIGRAM = 3;
/** The beginning of a UID rather than a word of a description. */
const UID_PREFIX = /^\d+\.[\d.]{3,}$/;

/**
 * Ids of a page, newest first. The order (observed_at, id) never changes for a row, so pages neither
 * repeat nor skip rows while studies arrive.
 *
 * Every filter but text has an index in the table's order. For text there is no such index: first a
 * window of that order is looked through, which fills the page when the text is common; otherwise
 * the text is rare, and its own index finds all rows that have it. Postgres cannot make that choice
 * itself, because it takes filters for independent: "knee" and "stored" may both be common and
 * never meet.
 */
export async function pageIds(tx: Tx, filter: TableFilter): Promise<bigint[]> {
  const { text, limit } = filter;
  const ordered = orderedRows(filter);
  if (text === null) {
    const rows = await tx.$queryRaw<{ id: bigint }[]>`${ordered} LIMIT ${limit}`;
    return rows.map((row) => row.id);
  }
  const near = await tx.$queryRaw<{ id: bigint; hit: boolean }[]>`
    WITH near AS MATERIALIZED (${ordered} LIMIT ${WINDOW}),
    hits AS (
      SELECT near.id, near.observed_at FROM near JOIN study s ON s.id = near.id
      WHERE ${textCondition(text)} ORDER BY near.observed_at DESC, near.id DESC LIMIT ${limit}
    )
    SELECT id, true AS hit FROM hits
    UNION ALL SELECT count(*), false FROM near`;
  const hits = near.filter((row) => row.hit).map((row) => row.id);
  const walked = Number(near.find((row) => !row.hit)?.id ?? 0);
  if (hits.length >= limit || walked < WINDOW) return hits;
  const all = await tx.$queryRaw<{ id: bigint }[]>`
    WITH hits AS MATERIALIZED (
      SELECT s.id, s.observed_at, s.outcome, s.archive FROM study s WHERE ${textCondition(text)}
    )
    SELECT s.id FROM hits s WHERE ${Prisma.join(conditions(filter, 's', 'id'), ' AND ')}
    ${sequenceExists(filter)}
    ORDER BY s.observed_at DESC, s.id DESC LIMIT ${limit}`;
  return all.map((row) => row.id);
}

/** `SELECT id, observed_at` of all rows that match everything but the text, newest first, no limit. */
function orderedRows(filter: TableFilter): Prisma.Sql {
  if (filter.sequence === null) {
    return Prisma.sql`SELECT s.id, s.observed_at FROM study s
      WHERE ${Prisma.join(conditions(filter, 's', 'id'), ' AND ')}
      ORDER BY s.observed_at DESC, s.id DESC`;
  }
  const where = [
    Prisma.sql`s.sequence = ${filter.sequence}`,
    ...conditions(filter, 's', 'study_id'),
  ];
  return Prisma.sql`SELECT s.study_id AS id, s.observed_at FROM study_sequence s
    WHERE ${Prisma.join(where, ' AND ')} ORDER BY s.observed_at DESC, s.study_id DESC`;
}

/** What `study` and `study_sequence` both have columns for. */
function conditions(filter: TableFilter, alias: string, key: 'id' | 'study_id'): Prisma.Sql[] {
  const s = Prisma.raw(alias);
  const { outcomes, archive, from, to, after } = filter;
  const where: Prisma.Sql[] = [Prisma.sql`true`];
  if (outcomes.length === 1) where.push(Prisma.sql`${s}.outcome = ${outcomes[0]}`);
  if (outcomes.length > 1) where.push(Prisma.sql`${s}.outcome IN (${Prisma.join([...outcomes])})`);
  if (archive !== null) where.push(Prisma.sql`${s}.archive = ${archive}`);
  if (from !== null) where.push(Prisma.sql`${s}.observed_at >= ${from}`);
  if (to !== null) where.push(Prisma.sql`${s}.observed_at < ${to}`);
  if (after !== null) {
    const id = Prisma.raw(`${alias}.${key}`);
    where.push(Prisma.sql`(${s}.observed_at, ${id}) < (${after.observedAt}, ${after.id})`);
  }
  return where;
}

function sequenceExists({ sequence }: TableFilter): Prisma.Sql {
  if (sequence === null) return Prisma.empty;
  return Prisma.sql`AND EXISTS (
    SELECT 1 FROM study_sequence q WHERE q.study_id = s.id AND q.sequence = ${sequence})`;
}

/** On the alias `s` of study. */
function textCondition(text: string): Prisma.Sql {
  if (UID_PREFIX.test(text)) {
    return Prisma.sql`(s.study_instance_uid LIKE ${`${text}%`}
      OR s.search_text LIKE ${`%${text}%`})`;
  }
  if (text.length < TRIGRAM) {
    return Prisma.sql`s.search_text ~ ${`\\m${text.replace(/[^\p{L}\p{N} ]/gu, '\\$&')}`}`;
  }
  return Prisma.sql`s.search_text LIKE ${`%${text.replace(/[\\%_]/g, '\\$&')}%`}`;
}
