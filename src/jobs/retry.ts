import type { SitusError } from '../contracts/index.ts';

const FIRST_DELAY_SECONDS = 2;
const LONGEST_DELAY_SECONDS = 600;
/** The same bytes are not sent for ever: after these attempts a person has to look (dicomweb-servers §5). */
const ATTEMPTS_FOR_REFUSED_STORE = 5;

/** When a failed step may be tried again: later each time, and never before the archive's Retry-After. */
export function retryAt(error: SitusError, retries: number, now: Date = new Date()): Date {
  const backOff = Math.min(FIRST_DELAY_SECONDS * 2 ** Math.min(retries, 20), LONGEST_DELAY_SECONDS);
  const asked = error.details['retryAfterSeconds'];
  const seconds = Math.max(backOff, typeof asked === 'number' ? asked : 0);
  return new Date(now.getTime() + seconds * 1000);
}

/** Whether a retryable error has come so often in the same step that trying again is pointless. */
export function giveUp(error: SitusError, attempt: number): boolean {
  return error.code === 'STORE_REFUSED' && attempt >= ATTEMPTS_FOR_REFUSED_STORE;
}
