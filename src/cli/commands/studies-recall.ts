import { hostname } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { openArchives } from '../../archives.ts';
import { recall, recallable, type RecalledStudy } from '../../jobs/index.ts';
import type { Recallable, RecallFilter } from '../../records/index.ts';
import { REJECTION_REASONS, type RejectionReason } from '../../results/index.ts';
import { VERSION } from '../../version.ts';
import { cliActor, loadNodeConfig, withConnection, withRecords } from '../connect.ts';
import type { ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { exitCodeOf, print, table } from '../output.ts';
import { createProgress } from '../progress.ts';
import { untilStopped } from '../until-stopped.ts';

interface RecallFlags extends ConnectOptions {
  readonly model?: string;
  readonly modelVersion?: string;
  readonly rule?: string;
  readonly since?: Date;
  readonly until?: Date;
  readonly reason: string;
  readonly because: RejectionReason;
  readonly dryRun: boolean;
}

export function registerRecall(studies: Command): void {
  withConnection(studies.command('recall'))
    .argument('[STUDY...]', 'Study Instance UIDs (default: all that the options name)')
    .description('withdraw stored results: mark the record and send rejection notes (IHE IOCM)')
    .requiredOption('--reason <TEXT>', 'why, in words: kept in the record and in the note')
    .addOption(
      new Option('--because <WORD>', 'kind of reason in the note')
        .choices(REJECTION_REASONS)
        .default('quality'),
    )
    .option('--model <NAME>', 'only results of this model')
    .option('--model-version <VERSION>', 'only results of this version of the model')
    .option('--rule <NAME>', 'only results that this rule ordered')
    .option('--since <DATE>', 'only results stored at or after, e.g. 2026-11-01', date)
    .option('--until <DATE>', 'only results stored before', date)
    .option('--dry-run', 'show what would be withdrawn and change nothing', false)
    .action(async (uids: string[], flags: RecallFlags, command: Command) => {
      await withRecords(flags, async (records) => {
        const filter = filterOf(uids, flags);
        if (flags.dryRun) {
          const found = await recallable({ records }, filter);
          print(wantsJson(command), found, () => foundLines(found));
          return;
        }
        const archives = openArchives(await loadNodeConfig(flags));
        const progress = createProgress();
        const stopping = new AbortController();
        void untilStopped().then(() => stopping.abort(new Error('stopped')));
        try {
          const { reason: text, because: reason } = flags;
          const parts = {
            records,
            archive: archives.get,
            actor: cliActor(),
            node: hostname(),
            version: VERSION,
          };
          const told = await recall(
            parts,
            { filter, reason, text, signal: stopping.signal },
            (done, total) => progress.update(`study ${done} of ${total}`),
          );
          progress.end();
          print(wantsJson(command), told, () => toldLines(told));
          const [failed] = told.flatMap(({ error }) => (error === null ? [] : [error]));
          if (failed !== undefined) process.exitCode = exitCodeOf(failed);
        } finally {
          progress.end();
          await archives.close();
        }
      });
    });
}

function filterOf(uids: readonly string[], flags: RecallFlags): RecallFilter {
  const { model, modelVersion, rule, since, until } = flags;
  return {
    ...(uids.length === 0 ? {} : { studies: uids }),
    ...(model === undefined ? {} : { model }),
    ...(modelVersion === undefined ? {} : { modelVersion }),
    ...(rule === undefined ? {} : { rule }),
    ...(since === undefined ? {} : { from: since }),
    ...(until === undefined ? {} : { to: until }),
  };
}

function foundLines(found: readonly Recallable[]): string[] {
  if (found.length === 0) return ['No stored result matches, or all that match are withdrawn.'];
  return [
    ...table(
      ['study', 'kind', 'stored', 'model', 'rule', 'archive', 'SOP Instance UID'],
      found.map((one) => [
        one.studyInstanceUid,
        one.kind,
        one.storedAt.toISOString(),
        `${one.model} ${one.modelVersion}`,
        one.rule,
        one.archive,
        one.sopInstanceUid,
      ]),
    ),
    '',
    `${found.length} results would be withdrawn; nothing was changed.`,
  ];
}

function toldLines(told: readonly RecalledStudy[]): string[] {
  if (told.length === 0) return ['No stored result matches, or all that match are withdrawn.'];
  const lines = told.flatMap((study) => {
    const kinds = study.results.map(({ kind }) => kind).join(', ');
    const head = `${study.studyInstanceUid}: ${kinds} withdrawn`;
    if (study.error !== null) {
      return [
        `${head} in the record only; archive "${study.archive}" was not told`,
        `  ${study.error.code}: ${study.error.message}`,
        `  next: ${study.error.next}`,
      ];
    }
    if (study.noteUid === null) return [`${head}; archive "${study.archive}" did not show them`];
    const warned = study.warning === null ? '' : `; the archive warned: ${study.warning}`;
    return [`${head}, rejection note ${study.noteUid} in archive "${study.archive}"${warned}`];
  });
  const shown = told.filter(({ stillShown }) => stillShown.length > 0);
  if (shown.length === 0) return lines;
  const names = [...new Set(shown.map(({ archive }) => archive))].join(', ');
  return [
    ...lines,
    '',
    `${names} shows the objects all the same: it stores rejection notes but does not honour them.`,
    'Readers see the note beside the results; hide or delete the results in the archive itself.',
  ];
}

function date(text: string): Date {
  const parsed = new Date(text);
  if (Number.isNaN(parsed.getTime()))
    throw new InvalidArgumentError('Not a date such as 2026-11-01.');
  return parsed;
}
