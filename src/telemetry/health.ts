export type HealthLevel = 'ok' | 'degraded' | 'down';

/** What one part of the node says about itself. */
export interface PartHealth {
  readonly level: HealthLevel;
  readonly message: string;
  readonly since: string;
}

/** The last word of every part; the node is as well as its worst part. */
export class Health {
  readonly #parts = new Map<string, PartHealth>();
  readonly #now: () => Date;

  constructor(now: () => Date = () => new Date()) {
    this.#now = now;
  }

  /** `since` changes only with the level, so that it tells how long a part has been unwell. */
  report(part: string, level: HealthLevel, message: string): void {
    const before = this.#parts.get(part);
    const since = before?.level === level ? before.since : this.#now().toISOString();
    this.#parts.set(part, { level, message, since });
  }

  summary(): { level: HealthLevel; parts: Record<string, PartHealth> } {
    const parts = Object.fromEntries(this.#parts);
    const levels = Object.values(parts).map((part) => part.level);
    const level = levels.includes('down')
      ? 'down'
      : levels.includes('degraded')
        ? 'degraded'
        : 'ok';
    return { level, parts };
  }
}
