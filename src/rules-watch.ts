import {
  fileOwner,
  loadRules,
  loadSequences,
  watchConfig,
  type ConfigWatch,
  type SitusConfig,
} from './config/index.ts';
import type { Actor, RuleSet, SequenceDefinitions } from './contracts/index.ts';
import type { ActiveRules } from './jobs/index.ts';
import type { ConfigKind, Records } from './records/index.ts';
import type { Health, Logger } from './telemetry/index.ts';

export interface RulesWatch {
  /** The rules and definitions for decisions made from now on. */
  readonly current: () => ActiveRules;
  close(): void;
}

/**
 * Follows the rule and sequence files (design §5): a valid new version becomes active and is
 * recorded; an invalid one is refused loudly, the old one stays, and that is recorded too.
 */
export async function followRules(
  config: SitusConfig,
  records: Records,
  actor: Actor,
  health: Health,
  log: Logger,
): Promise<RulesWatch> {
  const follow = async <Value>(
    kind: ConfigKind,
    path: string,
    load: Parameters<typeof watchConfig<Value>>[1],
  ): Promise<ConfigWatch<Value>> => {
    const part = `${kind} file`;
    const record = (write: Promise<unknown>): void => {
      write.catch((error: unknown) => log.error({ err: error, kind }, 'version not recorded'));
    };
    const activate = async (version: string, text: string): Promise<unknown> => {
      const author = await fileOwner(path);
      return records.config.activate(actor, kind, version, text, author === null ? {} : { author });
    };
    const watch = await watchConfig(path, load, {
      onValid: (loaded) => {
        health.report(part, 'ok', `version ${loaded.version.slice(0, 12)}`);
        log.info({ kind, version: loaded.version }, 'new version active');
        record(activate(loaded.version, loaded.text));
      },
      onInvalid: (error, { version, text }) => {
        health.report(part, 'degraded', `${error.message} The version before stays active.`);
        log.error({ kind, code: error.code, reason: error.message }, 'new version refused');
        record(records.config.refuse(actor, kind, version, text, error));
      },
    });
    const { version, text } = watch.current();
    await activate(version, text);
    health.report(part, 'ok', `version ${version.slice(0, 12)}`);
    return watch;
  };

  const sequences = await follow<SequenceDefinitions>(
    'sequences',
    config.files.sequences,
    loadSequences,
  );
  const archives = config.archives.map((archive) => archive.name);
  const rules = await follow<RuleSet>('rules', config.files.rules, (path) =>
    loadRules(path, {
      archives,
      sequences: sequences.current().value.sequences.map((one) => one.name),
    }),
  );
  return {
    current: () => ({
      rules: rules.current().value,
      rulesVersion: rules.current().version,
      sequences: sequences.current().value,
      sequencesVersion: sequences.current().version,
    }),
    close() {
      rules.close();
      sequences.close();
    },
  };
}
