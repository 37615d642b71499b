/** Hours of every day; over midnight where the end is not after the beginning. */
export interface DayHours {
  /** Minutes after midnight, 0..1439. */
  readonly from: number;
  /** Minutes after midnight, 0..1440; not within the hours any more. */
  readonly to: number;
}

const DAY = 24 * 60;
const HOURS = /^([01]\d|2[0-3]):([0-5]\d)\s*-\s*(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
/** `19:30` or a DICOM TM such as `193000.5` (PS3.5 6.2). */
const TIME = /^([01]\d|2[0-3]):?([0-5]\d)/;

/** Reads `19:00-07:00`; null for anything else. The same time twice is the whole day. */
export function parseDayHours(text: string): DayHours | null {
  const found = HOURS.exec(text.trim());
  if (found === null) return null;
  const [, fromHour, fromMinute, toHour, toMinute] = found;
  return {
    from: Number(fromHour) * 60 + Number(fromMinute),
    to: toHour === undefined ? DAY : Number(toHour) * 60 + Number(toMinute),
  };
}

/** Minutes after midnight of a time of the day; null when the text is none. */
export function minuteOfDay(text: string): number | null {
  const found = TIME.exec(text.trim());
  return found === null ? null : Number(found[1]) * 60 + Number(found[2]);
}

export function isWithinHours(hours: DayHours, minute: number): boolean {
  return minutesLeft(hours, minute) > 0;
}

/** Minutes until the hours end, from a minute within them; 0 outside. */
function minutesLeft({ from, to }: DayHours, minute: number): number {
  const length = (to - from + DAY) % DAY || DAY;
  const into = (minute - from + DAY) % DAY;
  return Math.max(0, length - into);
}

/**
 * The first moment at or after `now`, by the clock of this host, that lies in none of the hours; null
 * when they leave no time of the day over. Seconds are cut where it has to be waited.
 */
export function firstOutside(hours: readonly DayHours[], now: Date): Date | null {
  let moment = now;
  for (let waited = 0; waited <= hours.length; waited += 1) {
    const minute = moment.getHours() * 60 + moment.getMinutes();
    const left = Math.max(0, ...hours.map((one) => minutesLeft(one, minute)));
    if (left === 0) return moment;
    moment = new Date(moment);
    moment.setMinutes(moment.getMinutes() + left, 0, 0);
  }
  return null;
}
