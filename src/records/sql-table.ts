import { Prisma } from './generated/client.ts';

/* The processed-study table, read by index whatever the filter (design §10). */

export interface TableFilter {
  readonly outcomes: readonly string[];
  readonly sequence: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
  /** Lower case, as `searchText` makes it. */
  readonly text: string | null;
  /** Whether the text may be found in what tells of the patient. */
  readonly textIn: 'everything' | 'study';
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
  if (text === null) {
    const rows = await tx.$queryRaw<{ id: bigint }[]>`${orderedRows(filter)} LIMIT ${limit}`;
    return rows.map((row) => row.id);
  }
  const where = textCondition(text, filter.textIn);
  const near = await tx.$queryRaw<{ id: bigint; hit: boolean }[]>`
    WITH near AS MATERIALIZED (${orderedRowsWithText(filter)} LIMIT ${WINDOW}),
    hits AS (
      SELECT s.id, s.observed_at FROM near s WHERE ${where}
      ORDER BY s.observed_at DESC, s.id DESC LIMIT ${limit}
    )
    SELECT id, true AS hit, observed_at FROM hits
    UNION ALL SELECT count(*), false, NULL FROM near
    ORDER BY observed_at DESC NULLS LAST, id DESC`;
  const hits = near.filter((row) => row.hit).map((row) => row.id);
  const walked = Number(near.find((row) => !row.hit)?.id ?? 0);
  if (hits.length >= limit || walked < WINDOW) return hits;
  const all = await tx.$queryRaw<{ id: bigint }[]>`
    WITH hits AS MATERIALIZED (
      SELECT s.id, s.observed_at, s.outcome, s.archive FROM study s WHERE ${where}
    )
    SELECT s.id FROM hits s WHERE ${Prisma.join(conditions(filter, 's', 'id'), ' AND ')}
    ${sequenceExists(filter)}
    ORDER BY s.observed_at DESC, s.id DESC LIMIT ${limit}`;
  return all.map((row) => row.id);
}

/** Ids of all rows that match everything but the text, newest first, without a limit. */
function orderedRows(filter: TableFilter): Prisma.Sql {
  if (filter.sequence === null) {
    return Prisma.sql`SELECT s.id FROM study s
      WHERE ${Prisma.join(conditions(filter, 's', 'id'), ' AND ')}
      ORDER BY s.observed_at DESC, s.id DESC`;
  }
  return Prisma.sql`SELECT q.study_id AS id FROM study_sequence q
    WHERE ${Prisma.join(sequenceConditions(filter), ' AND ')}
    ORDER BY q.observed_at DESC, q.study_id DESC`;
}

/** The same with the columns that `textCondition` reads. */
function orderedRowsWithText(filter: TableFilter): Prisma.Sql {
  const columns = Prisma.sql`s.id, s.observed_at, s.search_text, s.description, s.study_instance_uid`;
  if (filter.sequence === null) {
    return Prisma.sql`SELECT ${columns} FROM study s
      WHERE ${Prisma.join(conditions(filter, 's', 'id'), ' AND ')}
      ORDER BY s.observed_at DESC, s.id DESC`;
  }
  return Prisma.sql`SELECT ${columns} FROM study_sequence q JOIN study s ON s.id = q.study_id
    WHERE ${Prisma.join(sequenceConditions(filter), ' AND ')}
    ORDER BY q.observed_at DESC, q.study_id DESC`;
}

function sequenceConditions(filter: TableFilter): Prisma.Sql[] {
  return [Prisma.sql`q.sequence = ${filter.sequence}`, ...conditions(filter, 'q', 'study_id')];
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
function textCondition(text: string, textIn: TableFilter['textIn']): Prisma.Sql {
  const literal = text.replace(/[\\%_]/g, '\\$&');
  const uid = UID_PREFIX.test(text)
    ? Prisma.sql`s.study_instance_uid LIKE ${`${literal}%`}`
    : Prisma.sql`false`;
  const all = contains(Prisma.sql`s.search_text`, literal);
  if (textIn === 'everything') return Prisma.sql`(${uid} OR ${all})`;
  // The search text has the index; only the description itself decides.
  const description = contains(Prisma.sql`lower(s.description)`, literal);
  return Prisma.sql`(${uid} OR (${all} AND ${description}))`;
}

function contains(column: Prisma.Sql, literal: string): Prisma.Sql {
  if (literal.length >= TRIGRAM) return Prisma.sql`${column} LIKE ${`%${literal}%`}`;
  // With the space before it there is a trigram to look up, without there is none.
  return Prisma.sql`(${column} LIKE ${`${literal}%`} OR ${column} LIKE ${`% ${literal}%`})`;
}
