import { Prisma } from './generated/client.ts';

/* The processed-study table: one query, read by index whatever the filter (design §10). */

export interface TableFilter {
  readonly outcomes: readonly string[];
  readonly sequence: string | null;
  readonly from: Date | null;
  readonly to: Date | null;
  /** Lower case; matched anywhere in the search text. */
  readonly text: string | null;
  readonly archive: string | null;
  readonly after: { readonly observedAt: Date; readonly id: bigint } | null;
  readonly limit: number;
}

/**
 * Ids of a page, newest first. The order (observed_at, id) never changes for a row, so pages neither
 * repeat nor skip rows while studies arrive. Common values are found by walking that order and rare
 * ones by their own index; Postgres chooses from its statistics.
 */
export async function pageIds(
  tx: Prisma.TransactionClient,
  filter: TableFilter,
): Promise<bigint[]> {
  const where: Prisma.Sql[] = [Prisma.sql`true`];
  if (filter.outcomes.length === 1) where.push(Prisma.sql`outcome = ${filter.outcomes[0]}`);
  if (filter.outcomes.length > 1)
    where.push(Prisma.sql`outcome IN (${Prisma.join([...filter.outcomes])})`);
  if (filter.archive !== null) where.push(Prisma.sql`archive = ${filter.archive}`);
  if (filter.sequence !== null)
    where.push(Prisma.sql`sequences @> ARRAY[${filter.sequence}]::text[]`);
  if (filter.from !== null) where.push(Prisma.sql`observed_at >= ${filter.from}`);
  if (filter.to !== null) where.push(Prisma.sql`observed_at < ${filter.to}`);
  if (filter.text !== null) where.push(Prisma.sql`search_text LIKE ${likePattern(filter.text)}`);
  if (filter.after !== null) {
    where.push(Prisma.sql`(observed_at, id) < (${filter.after.observedAt}, ${filter.after.id})`);
  }
  const rows = await tx.$queryRaw<{ id: bigint }[]>`
    SELECT id FROM study WHERE ${Prisma.join(where, ' AND ')}
    ORDER BY observed_at DESC, id DESC LIMIT ${filter.limit}`;
  return rows.map((row) => row.id);
}

function likePattern(text: string): string {
  return `%${text.replace(/[\\%_]/g, '\\$&')}%`;
}
