import type { DicomJson } from '../contracts/index.ts';

export interface Paged {
  /** Asks for one page. */
  readonly page: (offset: number, limit: number) => Promise<readonly DicomJson[]>;
  /** What makes a row one of its kind; rows without it are left out. */
  readonly key: (row: DicomJson) => string | null;
  readonly pageSize: number;
  /** Rows that the archive says there are; null when it does not say. */
  readonly said?: number | null;
}

/** A server that invents rows for ever is not followed beyond this. */
const MOST_ROWS = 1_000_000;

/**
 * Each row once, in the order they come. Goes on until a page is empty or brings nothing new: a
 * server may cap `limit`, so that a short page is not the end, or ignore `offset`, so that the first
 * page comes again for ever (dicomweb-servers §2.3). Only when a short page also makes up the number
 * that the archive itself says is the look behind the end saved.
 */
export async function* eachRow(paged: Paged): AsyncGenerator<DicomJson> {
  const seen = new Set<string>();
  let offset = 0;
  while (seen.size < MOST_ROWS) {
    const rows = await paged.page(offset, paged.pageSize);
    const fresh = rows.filter((row) => {
      const key = paged.key(row);
      if (key === null || seen.has(key)) return false;
      seen.add(key);
      return true;
    });
    if (fresh.length === 0) return;
    yield* fresh;
    if (rows.length < paged.pageSize && seen.size === paged.said) return;
    offset += rows.length;
  }
}
