import { createReadStream, createWriteStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import type { Command } from 'commander';
import { loadSequences, loadSitusConfig } from '../../config/index.ts';
import { messageOf, refuse } from '../../contracts/index.ts';
import { classifyLine } from '../../sequences/index.ts';
import { configFile } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { print } from '../output.ts';

interface ClassifyOptions {
  readonly in: string;
  readonly out: string;
  readonly config?: string;
}

export function register(program: Command): void {
  const sequences = program.command('sequences').description('what every series is');
  sequences
    .command('classify')
    .description('classify studies given as JSON lines: one study a line in, one series a line out')
    .requiredOption('--in <FILE>', 'JSON lines, one study each')
    .requiredOption('--out <FILE>', 'where the predictions go')
    .option('--config <FILE>', 'configuration that names the sequence definitions')
    .addHelpText(
      'after',
      '\nEach line out: {"id","sequence","selected","confidence","reason"}.\n\n' +
        'Example:\n  npx situs sequences classify --in dev.jsonl --out predictions.jsonl',
    )
    .action(async (options: ClassifyOptions, command: Command) => {
      const config = await loadSitusConfig(configFile(options));
      const definitions = await loadSequences(config.value.files.sequences);
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
        for (const one of classifyLine(parseLine(line, options.in, number), definitions.value)) {
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
