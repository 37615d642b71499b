import type { Actor, SitusError } from '../contracts/index.ts';
import type { Records } from '../records/index.ts';
import type { LoadedModel } from '../segmentation/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { ActiveRules } from './active-rules.ts';

export interface ReopenerParts {
  readonly actor: Actor;
  readonly records: Pick<Records, 'studies'>;
  readonly active: () => ActiveRules;
  readonly model: (name: string) => Promise<LoadedModel>;
  readonly log: Logger;
}

/** Refusals whose cause is a file of ours: a changed rule set or a model that appears can end it. */
const CONFIGURATION = [
  'MODEL_NOT_FOUND',
  'MODEL_DAMAGED',
  'MODEL_FOLDER_INVALID',
  'MODEL_FOLD_MISSING',
  'ARCHIVE_UNKNOWN',
];
/** Refusals that only time can end: the archive failed for this study again and again. */
const ARCHIVE = [
  'ARCHIVE_TIMEOUT',
  'ARCHIVE_REFUSED',
  'ARCHIVE_BAD_ANSWER',
  'ARCHIVE_TRUNCATED_ANSWER',
];
const ARCHIVE_AGAIN_MS = 10 * 60_000;
const MODELS_AGAIN_MS = 10_000;

/**
 * Lets studies that could not be decided be decided again when the cause may be gone: after a start
 * and after every change of the rules those with a configuration error, as soon as a missing model
 * is there those that asked for it, and every ten minutes those whose archive failed.
 */
export class Reopener {
  readonly #parts: ReopenerParts;
  readonly #now: () => Date;
  #versions = '';
  #missing = new Set<string>();
  #archiveAt = 0;
  #modelsAt = 0;

  constructor(parts: ReopenerParts, now: () => Date) {
    this.#parts = parts;
    this.#now = now;
  }

  /** To be told of every study that was refused. */
  refused({ code, details }: SitusError): void {
    const { model } = details;
    if (CONFIGURATION.includes(code) && typeof model === 'string') this.#missing.add(model);
  }

  async run(): Promise<void> {
    const { rulesVersion, sequencesVersion } = this.#parts.active();
    const versions = `${rulesVersion} ${sequencesVersion}`;
    if (versions !== this.#versions || (await this.#modelCame())) {
      await this.#reopen(CONFIGURATION);
      this.#versions = versions;
      this.#missing = new Set();
    }
    const now = this.#now().getTime();
    if (now - this.#archiveAt >= ARCHIVE_AGAIN_MS) {
      await this.#reopen(ARCHIVE, new Date(now - ARCHIVE_AGAIN_MS));
      this.#archiveAt = now;
    }
  }

  /** Whether a model can be loaded now that could not be when a study asked for it. */
  async #modelCame(): Promise<boolean> {
    const now = this.#now().getTime();
    if (this.#missing.size === 0 || now - this.#modelsAt < MODELS_AGAIN_MS) return false;
    this.#modelsAt = now;
    for (const name of this.#missing) {
      const there = await this.#parts.model(name).then(
        () => true,
        () => false,
      );
      if (there) return true;
    }
    return false;
  }

  async #reopen(codes: readonly string[], before?: Date): Promise<void> {
    const { records, actor, log } = this.#parts;
    const count = await records.studies.reopen(actor, {
      codes,
      ...(before === undefined ? {} : { before }),
    });
    if (count > 0) log.info({ studies: count, codes }, 'studies are decided again');
  }
}
