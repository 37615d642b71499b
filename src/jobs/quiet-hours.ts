import { firstOutside, parseDayHours, SitusError, type Target } from '../contracts/index.ts';

/**
 * Throws QUIET_HOURS, to be tried again when they end, while the rule of a target wants no job begun
 * (`quiet` in rules.yaml; hours by the clock of this host).
 */
export function refuseQuietHours(target: Target, now: Date): void {
  const windows = (target.quiet ?? []).flatMap((text) => parseDayHours(text) ?? []);
  const end = firstOutside(windows, now);
  // The schema refuses hours that leave no time; a target of such hours would wait for ever.
  if (end === null || end <= now) return;
  const clock = `${two(end.getHours())}:${two(end.getMinutes())}`;
  throw new SitusError({
    code: 'QUIET_HOURS',
    message: `The rule "${target.rule}" begins no job at ${(target.quiet ?? []).join(' and ')}.`,
    next: `Nothing to do: the job begins after ${clock}.`,
    errorClass: 'retry',
    origin: 'situs',
    details: { retryAfterSeconds: Math.ceil((end.getTime() - now.getTime()) / 1000) },
  });
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
