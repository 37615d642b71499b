import { InvalidArgumentError, type Command } from 'commander';
import { loadRules, loadSequences, type SitusConfig } from '../../../config/index.ts';
import { replay, type ReplayBy, type ReplaySummary } from '../../../replay/index.ts';
import { loadNodeConfig, withConnection, withRecords, type ConnectOptions } from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { EXIT, print, table } from '../../output.ts';
import { createProgress } from '../../progress.ts';
import { moment } from '../../since.ts';

interface ReplayCommandOptions extends ConnectOptions {
  readonly since: Date;
  readonly until: Date;
  readonly against?: string;
  readonly sequences?: string;
  readonly limit: number;
  readonly strict?: true;
}

export function registerReplay(rules: Command): void {
  withConnection(rules.command('replay'))
    .description('what rules would have decided differently for past studies; changes nothing')
    .requiredOption('--since <TIME>', 'studies decided since: 12h, 30d, 4w, or a date', (text) =>
      moment(text),
    )
    .option('--until <TIME>', 'and before (default: now)', (text) => moment(text), new Date())
    .option('--against <FILE>', 'the rules to try (default: those of the configuration)')
    .option('--sequences <FILE>', 'the definitions to try (default: those of the configuration)')
    .option('--limit <N>', 'studies named for each group of changes', count, 3)
    .option('--strict', 'also exit with 10 when only reasons for leaving series alone change')
    .addHelpText(
      'after',
      '\nThe newest decision of each study in that time is compared with what the rules say now, from\n' +
        'the headers in the record. Exit code 0: nothing that is segmented or stored would change;\n' +
        '10: something would.\n\n' +
        'Example:\n  npx situs rules replay --since 30d --against new-rules.yaml',
    )
    .action(async (options: ReplayCommandOptions, command: Command) => {
      const by = await rulesToTry(options, await loadNodeConfig(options));
      const summary = await withRecords(options, async (records) => {
        const progress = createProgress();
        const start = Date.now();
        const result = await replay(records.decisions, {
          window: { from: options.since, until: options.until },
          by,
          examples: options.limit,
          onProgress: (done, all) => progress.update(`${done} of ${all} studies decided again`),
        });
        progress.end();
        return { ...result, seconds: Math.round((Date.now() - start) / 100) / 10 };
      });
      const versions = { rulesVersion: by.rulesVersion, sequencesVersion: by.sequencesVersion };
      print(wantsJson(command), { ...versions, ...summary }, () => [
        ...summaryLines(summary),
        `Decided by rules ${by.rulesVersion.slice(0, 12)}, sequences ${by.sequencesVersion.slice(0, 12)}, in ${summary.seconds} s.`,
      ]);
      const reasons = options.strict === true ? summary.studiesWithOtherReasons : 0;
      if (summary.studiesChanged + reasons > 0) process.exitCode = EXIT.changes;
    });
}

async function rulesToTry(
  options: ReplayCommandOptions,
  { files, archives }: SitusConfig,
): Promise<ReplayBy> {
  const sequences = await loadSequences(options.sequences ?? files.sequences);
  const rules = await loadRules(options.against ?? files.rules, {
    sequences: sequences.value.sequences.map((one) => one.name),
    archives: archives.map((one) => one.name),
  });
  return {
    rules: rules.value,
    rulesVersion: rules.version,
    sequences: sequences.value,
    sequencesVersion: sequences.version,
  };
}

function summaryLines(summary: ReplaySummary): string[] {
  const { studies, series, withoutHeaders, studiesChanged, studiesWithOtherReasons } = summary;
  if (studies === 0) {
    return [
      'No study was decided in that time, so this tells nothing of the rules: choose an earlier --since, or wait for studies.',
    ];
  }
  const lines = [
    `${studies} studies with ${series} series decided again: ${studiesChanged} would change` +
      `, ${studiesWithOtherReasons} only in the reason for leaving series alone.`,
  ];
  if (withoutHeaders > 0)
    lines.push(`${withoutHeaders} of them have no headers in the record and could not be.`);
  if (summary.groups.length === 0) return lines;
  lines.push(
    '',
    ...table(
      ['rule', 'change', 'sequence', 'series', 'studies'],
      summary.groups.map((one) => [
        one.rule ?? '-',
        one.kind,
        one.sequence,
        String(one.series),
        String(one.studies),
      ]),
    ),
    '',
  );
  for (const { rule, kind, sequence, examples } of summary.groups) {
    if (examples.length === 0) continue;
    lines.push(`${kind}, ${sequence}, ${rule === null ? 'no rule' : `rule "${rule}"`}:`);
    for (const one of examples) {
      lines.push(`  study ${one.studyInstanceUid}, series ${one.seriesInstanceUid}`);
      lines.push(`    was:   ${one.before}`, `    would: ${one.after}`);
    }
  }
  lines.push('');
  return lines;
}

function count(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 0)
    throw new InvalidArgumentError('Not a whole number.');
  return number;
}
