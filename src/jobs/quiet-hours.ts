import { firstOutside, parseDayHours, SitusError, type Target } from '../contracts/index.ts';
import type { Wait } from '../records/index.ts';

/**
 * Until when a target waits because its rule wants no job begun now (`quiet` in rules.yaml; hours by
 * the clock of this host), and the retryable error QUIET_HOURS that says so; null where it may begin.
 */
export function quietHours(target: Target, now: Date): Wait | null {
  const quiet = target.quiet ?? [];
  const windows = quiet.flatMap((text) => parseDayHours(text) ?? []);
  const until = firstOutside(windows, now);
  // The schema refuses hours that leave no time; a target of such hours would wait for ever.
  if (until === null || until <= now) return null;
  const clock = `${two(until.getHours())}:${two(until.getMinutes())}`;
  const because = new SitusError({
    code: 'QUIET_HOURS',
    message: `The rule "${target.rule}" begins no job at ${quiet.join(' and ')}.`,
    next: `Nothing to do: the job begins after ${clock}.`,
    errorClass: 'retry',
    origin: 'situs',
    details: { retryAfterSeconds: Math.ceil((until.getTime() - now.getTime()) / 1000) },
  });
  return { until, because };
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
