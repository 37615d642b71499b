import type { Look } from '../records/index.ts';

export interface Settling {
  readonly look: Look;
  readonly settled: boolean;
}

const LOOKS_NEEDED = 2;

/**
 * Judges one more look at a study: it is settled when the same instances were there in at least
 * two looks that are `settleSeconds` apart (dicomweb-servers §7).
 */
export function settle(
  before: Look | null,
  fingerprint: string,
  row: string | null,
  now: Date,
  settleSeconds: number,
): Settling {
  const same = before !== null && before.fingerprint === fingerprint;
  const look: Look = {
    fingerprint,
    since: same ? before.since : now.toISOString(),
    looks: same ? before.looks + 1 : 1,
    row,
  };
  const heldSeconds = (now.getTime() - Date.parse(look.since)) / 1000;
  return { look, settled: look.looks >= LOOKS_NEEDED && heldSeconds >= settleSeconds };
}
