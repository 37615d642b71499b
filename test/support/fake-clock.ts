import type { Clock } from '../../src/archive/index.ts';

export interface FakeClock extends Clock {
  /** Milliseconds that were slept, in order. */
  readonly slept: number[];
  advance(milliseconds: number): void;
}

/** A clock on which sleeping takes no time but moves the clock. `random` is always a half. */
export function fakeClock(start = Date.UTC(2026, 0, 1, 12)): FakeClock {
  let now = start;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    random: () => 0.5,
    advance(milliseconds) {
      now += milliseconds;
    },
    sleep(milliseconds, signal) {
      signal?.throwIfAborted();
      slept.push(milliseconds);
      now += milliseconds;
      return Promise.resolve();
    },
  };
}
