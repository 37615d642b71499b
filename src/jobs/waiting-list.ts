const FIRST_SECONDS = 2;
const LONGEST_SECONDS = 600;

/** Studies that failed for a while: each waits longer than the time before, so that others get their turn. */
export class WaitingList {
  readonly #until = new Map<string, { readonly tries: number; readonly at: number }>();

  get size(): number {
    return this.#until.size;
  }

  /** Notes one more failure and says how many there were. */
  add(key: string, now: Date): number {
    const tries = (this.#until.get(key)?.tries ?? 0) + 1;
    const seconds = Math.min(FIRST_SECONDS * 2 ** (tries - 1), LONGEST_SECONDS);
    this.#until.set(key, { tries, at: now.getTime() + seconds * 1000 });
    return tries;
  }

  isWaiting(key: string, now: Date): boolean {
    const entry = this.#until.get(key);
    return entry !== undefined && entry.at > now.getTime();
  }

  forget(key: string): void {
    this.#until.delete(key);
  }
}
