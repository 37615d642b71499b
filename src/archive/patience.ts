import { SitusError } from '../contracts/index.ts';
import type { Clock } from './clock.ts';
import { backOff } from './manners.ts';

const TRIES = 3;
/** Longer waits are the caller's business, which has other work meanwhile. */
const LONGEST_WAIT_SECONDS = 10;
const PASSING = new Set(['ARCHIVE_UNREACHABLE', 'ARCHIVE_TRUNCATED_ANSWER', 'ARCHIVE_BUSY']);

/** Repeats a small request over faults that often pass at once; throws what the last try threw. */
export async function patiently<T>(
  clock: Clock,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === TRIES) throw error;
      const wait = waitBeforeNext(error, attempt, clock);
      if (wait === null) throw error;
      await clock.sleep(wait, signal);
    }
  }
}

/** Milliseconds; null when another try soon is no use. */
function waitBeforeNext(error: unknown, attempt: number, clock: Clock): number | null {
  if (!(error instanceof SitusError) || !PASSING.has(error.code)) return null;
  const asked = error.details['retryAfterSeconds'];
  if (typeof asked !== 'number') return backOff(attempt, clock);
  return asked <= LONGEST_WAIT_SECONDS ? asked * 1000 : null;
}
