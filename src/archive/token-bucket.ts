import type { Clock } from './clock.ts';

/** At most `burst` takes at once and `perSecond` a second in the long run, in the order of the calls. */
export class TokenBucket {
  readonly #perSecond: number;
  readonly #burst: number;
  readonly #clock: Clock;
  #tokens: number;
  #countedAt: number;
  #last: Promise<void> = Promise.resolve();

  constructor(perSecond: number, burst: number, clock: Clock) {
    this.#perSecond = perSecond;
    this.#burst = burst;
    this.#clock = clock;
    this.#tokens = burst;
    this.#countedAt = clock.now();
  }

  /** Waits for a token. Rejects with the signal's reason; the token then stays for others. */
  take(signal?: AbortSignal): Promise<void> {
    const mine = this.#last.then(() => this.#next(signal));
    this.#last = mine.catch(() => undefined);
    return mine;
  }

  async #next(signal?: AbortSignal): Promise<void> {
    signal?.throwIfAborted();
    for (;;) {
      const now = this.#clock.now();
      // A clock that was set back must not stop the archive's work.
      const passed = Math.max(0, now - this.#countedAt) / 1000;
      this.#tokens = Math.min(this.#burst, this.#tokens + passed * this.#perSecond);
      this.#countedAt = now;
      if (this.#tokens >= 1) break;
      await this.#clock.sleep(Math.ceil(((1 - this.#tokens) / this.#perSecond) * 1000), signal);
    }
    this.#tokens -= 1;
  }
}
