import type { Archive } from '../archive/index.ts';
import type { Actor } from '../contracts/index.ts';
import type { Records } from '../records/index.ts';

export interface IntakeSettings {
  /** Study modalities that are looked for. */
  readonly modalities: readonly string[];
  /** A study must hold still for so long, over at least two looks. */
  readonly settleSeconds: number;
  /** Days of study date that polls and sweeps look back. */
  readonly lookbackDays: number;
}

export interface IntakeParts {
  readonly archive: Archive;
  readonly records: Pick<Records, 'intake' | 'studies'>;
  readonly actor: Actor;
  readonly settings: IntakeSettings;
  readonly now: () => Date;
}
