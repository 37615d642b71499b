import { InvalidArgumentError } from 'commander';

const HOURS: Readonly<Record<string, number>> = { h: 1, d: 24, w: 7 * 24 };

/**
 * A moment as people write it: so long ago (`12h`, `30d`, `4w`), a day (`2026-11-01`, its beginning
 * in the local time of this machine) or a time in ISO 8601.
 */
export function moment(text: string, now = new Date()): Date {
  const ago = /^(\d{1,5})([hdw])$/.exec(text);
  if (ago !== null) {
    const hours = Number(ago[1]) * (HOURS[ago[2] ?? ''] ?? 0);
    return new Date(now.getTime() - hours * 3_600_000);
  }
  const written = /^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T00:00:00` : text;
  const at = /^\d{4}-\d{2}-\d{2}T/.test(written) ? new Date(written) : null;
  if (at === null || Number.isNaN(at.getTime())) {
    throw new InvalidArgumentError(
      'Write so long ago (12h, 30d, 4w), a day (2026-11-01) or a time (2026-11-01T08:00).',
    );
  }
  return at;
}
