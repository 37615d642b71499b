import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { fileURLToPath } from 'node:url';
import { loadRules, loadSequences } from '../../config/index.ts';
import { messageOf, refuse, type SequenceMatch, type StudyHeaders } from '../../contracts/index.ts';
import { decide } from '../../routing/index.ts';
import { classifyLine } from '../../sequences/index.ts';
import { registerVersions } from '../config-versions.ts';
import { wantsJson } from '../json.ts';
import { print } from '../output.ts';

interface ClassifyOptions {
  readonly in: string;
  readonly out: string;
  readonly definitions: string;
  readonly rules: string;
}

export function register(program: Command): void {
  const sequences = program.command('sequences').description('what every series is');
  registerVersions(sequences, 'sequences');
  sequences
    .command('classify')
    .description('classify studies given as JSON lines: one study a line in, one series a line out')
    .requiredOption('--in <FILE>', 'JSON lines, one study each')
    .requiredOption('--out <FILE>', 'where the predictions go')
    .option('--definitions <FILE>', 'what speaks for which sequence', shipped('sequences.yaml'))
    .option('--rules <FILE>', 'rules that say which series are selected', shipped('rules.yaml'))
    .addHelpText(
      'after',
      '\nEach line out: {"id","sequence","selected","confidence","reason"}.\n\n' +
        'Example:\n  npx situs sequences classify --in dev.jsonl --out predictions.jsonl',
    )
    .action(async (options: ClassifyOptions, command: Command) => {
      const definitions = await loadSequences(options.definitions);
      const rules = await loadRules(options.rules);
      const select = (study: StudyHeaders, matches: readonly SequenceMatch[]) => {
        const { targets } = decide(study, matches, rules.value, {
          ruleSetVersion: rules.version,
          sequencesVersion: definitions.version,
        });
        return new Set(targets.map((target) => target.seriesInstanceUid));
      };
      const out = createWriteStream(options.out);
      const input = createReadStream(options.in, 'utf8');
      const lines = createInterface({ input, crlfDelay: Infinity });
      let studies = 0;
      let series = 0;
      let number = 0;
      for await (const line of lines) {
        number += 1;
        if (line.trim() === '') continue;
        studies += 1;
        const study = parseLine(line, options.in, number);
        for (const one of classifyLine(study, definitions.value, select)) {
          series += 1;
          out.write(`${JSON.stringify(one)}\n`);
        }
      }
      out.end();
      await finished(out);
      print(wantsJson(command), { studies, series, out: options.out }, () => [
        `${series} series of ${studies} studies classified into ${options.out}`,
      ]);
    });
}

function shipped(file: string): string {
  return fileURLToPath(new URL(`../../../config/${file}`, import.meta.url));
}

function parseLine(line: string, file: string, number: number): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw refuse(
      'LINE_NOT_JSON',
      `${file}, line ${number}: ${messageOf(error)}`,
      'Each line must be one study as a JSON object.',
      { file, line: number },
      error,
    );
  }
}
