import { createHash } from 'node:crypto';
import type { SeriesListing } from '../contracts/index.ts';

/**
 * What a study holds, as one value: SHA-256 over the sorted series and SOP Instance UIDs. Our own
 * results must be left out by the caller, or storing them would reopen the study for ever.
 */
export function fingerprint(series: readonly SeriesListing[]): string {
  const hash = createHash('sha256');
  const lines = series
    .map((one) => `${one.seriesInstanceUid} ${[...one.sopInstanceUids].sort().join(' ')}\n`)
    .sort();
  for (const line of lines) hash.update(line);
  return hash.digest('hex');
}
