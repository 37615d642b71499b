import type { Command } from 'commander';
import { loadRules } from '../../../config/index.ts';
import { asSitusError, SitusError } from '../../../contracts/index.ts';
import {
  removeModel,
  requireUnused,
  rulesWith,
  type RemovedModel,
} from '../../../model-removal.ts';
import type { Records } from '../../../records/index.ts';
import {
  cliActor,
  loadConfig,
  withConnection,
  withRecords,
  type ConnectOptions,
} from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { print } from '../../output.ts';

interface RemoveFlags extends ConnectOptions {
  readonly force?: boolean;
}

export function registerRemove(model: Command): void {
  withConnection(model.command('remove'))
    .argument('<NAME>', 'name of a model in the configured folder')
    .description('remove a model that no rule and no unfinished job needs')
    .option('--force', 'also when it is needed, or when the database cannot be asked')
    .addHelpText(
      'after',
      '\nThe removal is recorded in the audit chain. Results that the model made stay as they are.',
    )
    .action(async (name: string, flags: RemoveFlags, command: Command) => {
      const config = await loadConfig(flags);
      const forced = flags.force === true;
      const rules = rulesWith((await loadRules(config.files.rules)).value, name);
      if (!forced) requireUnused(name, { rules, jobs: null });
      const { removed, recorded } = await onRecord(flags, name, forced, (records) =>
        removeModel(config.models.folder, name, async (what) => {
          if (records === null) return;
          const jobs = (await records.jobs.live(name)).length;
          if (!forced) requireUnused(name, { rules: [], jobs });
          await note(records, what, { forced, rules, jobs });
        }),
      );
      print(wantsJson(command), { ...removed, recorded }, () => [
        `${name} ${removed.version ?? '(unreadable)'} was removed from ${removed.directory}; ${(removed.bytes / 2 ** 20).toFixed(1)} MiB are free again.`,
        recorded
          ? 'The removal is recorded in the audit chain.'
          : 'The database was not asked: whether a job still needed the model is unknown, and the removal is not recorded.',
      ]);
    });
}

/** Does the work with the record open; with `forced` also without one that does not answer. */
async function onRecord<T>(
  flags: RemoveFlags,
  name: string,
  forced: boolean,
  work: (records: Records | null) => Promise<T>,
): Promise<{ readonly removed: T; readonly recorded: boolean }> {
  try {
    return await withRecords(flags, async (records) => ({
      removed: await work(records),
      recorded: true,
    }));
  } catch (thrown) {
    const error = asSitusError(thrown);
    if (error.origin !== 'database') throw error;
    if (forced) return { removed: await work(null), recorded: false };
    throw new SitusError({
      code: error.code,
      message: `${error.message} Without it nobody can say whether a job still needs ${name}, and the removal could not be recorded.`,
      next: `${error.next} Or remove it all the same: add --force.`,
      errorClass: error.errorClass,
      origin: error.origin,
      cause: error,
    });
  }
}

function note(
  records: Records,
  { name, version, hash, bytes }: RemovedModel,
  use: { readonly forced: boolean; readonly rules: readonly string[]; readonly jobs: number },
): Promise<void> {
  return records.audit.note(cliActor(), 'model.removed', 'model', name, {
    version,
    hash,
    bytes,
    forced: use.forced,
    rules: [...use.rules],
    unfinishedJobs: use.jobs,
  });
}
