/**
 * Manners toward one archive (guarantee 6): request rate, parallel transfers, hours of the day,
 * Retry-After, and a breaker that leaves a broken archive alone for longer and longer.
 */
import type { SitusError } from '../contracts/index.ts';
import type { ArchiveSettings, DayWindow } from './config.ts';
import type { Clock } from './clock.ts';
import { archiveError, type Asked } from './errors.ts';
import { Slots } from './slots.ts';
import { TokenBucket } from './token-bucket.ts';

export type RequestKind = 'search' | 'transfer';

export interface Condition {
  /** `open`: asked as usual. `paused`: left alone until `until`. `unauthorized`: an alarm, see `reason`. */
  readonly state: 'open' | 'paused' | 'unauthorized';
  /** ISO 8601; null when open. */
  readonly since: string | null;
  readonly until: string | null;
  readonly reason: string | null;
}

/** A right to send one request; `release` when its answer has been read or given up. */
export interface Admission {
  release(): void;
}

interface Pause {
  readonly state: 'paused' | 'unauthorized';
  readonly since: number;
  readonly until: number;
  readonly error: SitusError;
}

/** Searches in flight; they are small, and read to the end before anything else is asked. */
const PARALLEL_SEARCHES = 4;
/** Failures in a row after which the archive is left alone. */
const BREAKER_FAILURES = 5;
const BREAKER_FIRST_MS = 2_000;
const BREAKER_LONGEST_MS = 300_000;
/** A 403 can be about one study only; so many in a row are about us. */
const FORBIDDEN_IN_A_ROW = 3;
/** A server's wish to be left alone is heard up to here. */
export const LONGEST_RETRY_AFTER_SECONDS = 900;
const BREAKING = new Set(['ARCHIVE_UNREACHABLE', 'ARCHIVE_TIMEOUT', 'ARCHIVE_TLS']);

export class Manners {
  readonly #clock: Clock;
  readonly #hours: readonly DayWindow[];
  readonly #bucket: TokenBucket;
  readonly #searches = new Slots(PARALLEL_SEARCHES);
  readonly #transfers: Slots;
  #failures = 0;
  #forbidden = 0;
  #trips = 0;
  #trial = false;
  #pause: Pause | null = null;

  constructor(settings: ArchiveSettings, clock: Clock) {
    const { requestsPerSecond, parallel, hours } = settings.limits;
    this.#clock = clock;
    this.#hours = hours;
    this.#bucket = new TokenBucket(
      requestsPerSecond,
      Math.max(1, Math.ceil(requestsPerSecond)),
      clock,
    );
    this.#transfers = new Slots(parallel);
  }

  /**
   * Waits for a slot and for the rate. Throws at once while the archive is to be left alone, so that
   * callers go on with other work: the error of the pause, or ARCHIVE_CLOSED outside its hours.
   */
  async admit(asked: Asked, kind: RequestKind, signal?: AbortSignal): Promise<Admission> {
    const isTrial = this.#enter(asked);
    const slots = kind === 'transfer' ? this.#transfers : this.#searches;
    let release: () => void = () => undefined;
    const leave = () => {
      release();
      if (isTrial) this.#trial = false;
    };
    try {
      release = await slots.take(signal);
      await this.#bucket.take(signal);
      if (!isTrial) this.#enter(asked);
      return { release: leave };
    } catch (error) {
      leave();
      throw error;
    }
  }

  /** To be told after every request that was answered, whatever the answer's worth. */
  succeeded(): void {
    this.#failures = 0;
    this.#forbidden = 0;
    this.#trips = 0;
    this.#pause = null;
  }

  /** To be told after every request that failed. */
  failed(error: SitusError): void {
    const { status, retryAfterSeconds: wanted } = error.details;
    if (error.code === 'ARCHIVE_UNAUTHORIZED') {
      this.#forbidden += 1;
      const isAboutUs = status === 401 || this.#forbidden >= FORBIDDEN_IN_A_ROW;
      if (isAboutUs) this.#pauseFor('unauthorized', Number(wanted) * 1000, error);
    } else if (error.code === 'ARCHIVE_BUSY') {
      this.#pauseFor('paused', Number(wanted) * 1000, error);
    } else if (BREAKING.has(error.code) || Number(status) >= 500) {
      this.#failures += 1;
      const isPaused = this.#pause !== null && this.#pause.until > this.#clock.now();
      if (this.#failures >= BREAKER_FAILURES && !isPaused) this.#trip(error);
    } else if (error.code === 'ARCHIVE_REFUSED') {
      this.succeeded();
    }
  }

  /** Forgets every pause: for `doctor`, which asks whatever the state. */
  forgive(): void {
    this.#pause = null;
    this.#failures = 0;
  }

  condition(): Condition {
    const pause = this.#pause;
    if (pause === null || (pause.state === 'paused' && pause.until <= this.#clock.now())) {
      return { state: 'open', since: null, until: null, reason: null };
    }
    return {
      state: pause.state,
      since: new Date(pause.since).toISOString(),
      until: new Date(pause.until).toISOString(),
      reason: `${pause.error.message} ${pause.error.next}`,
    };
  }

  /** Longer after each trip, with half of it left to chance so that hosts do not come back together. */
  #trip(error: SitusError): void {
    const full = Math.min(BREAKER_FIRST_MS * 2 ** this.#trips, BREAKER_LONGEST_MS);
    this.#trips += 1;
    this.#pauseFor('paused', full / 2 + (full / 2) * this.#clock.random(), error);
  }

  #pauseFor(state: Pause['state'], milliseconds: number, error: SitusError): void {
    const now = this.#clock.now();
    const since = this.#pause?.state === state ? this.#pause.since : now;
    this.#pause = { state, since, until: now + milliseconds, error };
  }

  /** True for the one request that tries again after a pause. */
  #enter(asked: Asked): boolean {
    const opening = untilOpen(this.#hours, new Date(this.#clock.now()));
    if (opening > 0) {
      throw archiveError(asked, {
        code: 'ARCHIVE_CLOSED',
        what: 'may not be used at this time of the day',
        next: 'It is asked again by itself when its hours (limits.hours) begin.',
        retryAfterSeconds: opening,
      });
    }
    const pause = this.#pause;
    if (pause === null) return false;
    const left = pause.until - this.#clock.now();
    // After a pause one request tries; the others wait for what it finds.
    if (left <= 0 && !this.#trial) {
      this.#trial = true;
      return true;
    }
    throw archiveError(asked, {
      code: pause.error.code,
      what: `is left alone at the moment, because of this: ${pause.error.message}`,
      next: pause.error.next,
      retryAfterSeconds: Math.max(1, Math.ceil(left / 1000)),
      cause: pause.error,
    });
  }
}

/** Seconds until one of the windows opens; 0 inside one, and always 0 without windows. */
export function untilOpen(windows: readonly DayWindow[], now: Date): number {
  if (windows.length === 0) return 0;
  const minute = now.getHours() * 60 + now.getMinutes();
  const waits = windows.map(({ from, to }) => {
    const begin = minuteOf(from);
    const length = (minuteOf(to) - begin + 1440) % 1440;
    const into = (minute - begin + 1440) % 1440;
    return length === 0 || into < length ? 0 : (1440 - into) * 60 - now.getSeconds();
  });
  return Math.max(0, Math.min(...waits));
}

function minuteOf(time: string): number {
  const [hours = 0, minutes = 0] = time.split(':').map(Number);
  return hours * 60 + minutes;
}

/**
 * Seconds that a Retry-After header asks for (RFC 9110 10.2.3: seconds or an HTTP date), between 1
 * and LONGEST_RETRY_AFTER_SECONDS; null without a readable header.
 */
export function retryAfterSeconds(header: string | null, now: number): number | null {
  if (header === null || header.trim() === '') return null;
  const text = header.trim();
  const seconds = /^\d{1,9}$/.test(text) ? Number(text) : (Date.parse(text) - now) / 1000;
  if (!Number.isFinite(seconds)) return null;
  return Math.min(Math.max(1, Math.ceil(seconds)), LONGEST_RETRY_AFTER_SECONDS);
}

/** Milliseconds before try number `attempt` (from 1): doubling, capped, with jitter down to a half. */
export function backOff(attempt: number, clock: Pick<Clock, 'random'>): number {
  const full = Math.min(500 * 2 ** (attempt - 1), 10_000);
  return full / 2 + (full / 2) * clock.random();
}
