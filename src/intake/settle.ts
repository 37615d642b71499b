/** What intake remembers of a study between two looks. */
export interface Look {
  /** Fingerprint at the last look. */
  readonly fingerprint: string;
  /** When this fingerprint was first seen, ISO 8601. */
  readonly since: string;
  /** Looks that saw this fingerprint without a break. */
  readonly looks: number;
  /**
   * Counts in the archive's study row at the last look, `null` where the archive gives none. A row
   * that has not changed since a decision needs no listing.
   */
  readonly row: string | null;
}

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
