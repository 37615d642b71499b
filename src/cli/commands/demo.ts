import { join } from 'node:path';
import { InvalidArgumentError, type Command } from 'commander';
import { dataFolder } from '../../config/index.ts';
import { startDemo, type RunningDemo } from '../../demo/index.ts';
import { wantsJson } from '../json.ts';
import { EXIT, print } from '../output.ts';
import { createProgress } from '../progress.ts';
import { studiesTable } from '../studies-table.ts';
import { untilStopped } from '../until-stopped.ts';

interface DemoFlags {
  readonly once?: boolean;
  readonly data?: string;
}

export function register(program: Command): void {
  program
    .command('demo')
    .description('everything from nothing: Postgres, Orthanc, three sample studies and a node')
    .option('--once', 'stop when done; exit 0 only when every expected result was read back')
    .option(
      '--data <DIR>',
      'where state is kept (default: situs/demo in the XDG data directory)',
      folder,
    )
    .addHelpText(
      'after',
      '\nAn archive of your own: SITUS_ARCHIVE_URL=http://user:password@host/dicom-web npm run demo',
    )
    .action(async (flags: DemoFlags, command: Command) => {
      const progress = createProgress();
      const stopping = new AbortController();
      const stopped = untilStopped().then(() => stopping.abort(new Error('stopped by a signal')));
      const say = (line: string): void => {
        progress.end();
        process.stderr.write(`${line}\n`);
      };
      const demo = await startDemo({
        folder: flags.data ?? join(dataFolder(), 'demo'),
        say,
        progress: (text) => progress.update(text),
        signal: stopping.signal,
      });
      progress.end();
      const { outcome, studies } = demo;
      print(wantsJson(command), { outcome, studies, url: demo.url }, () => [
        ...summary(demo),
        ...(flags.once === true ? [] : whileItRuns(demo)),
      ]);
      process.exitCode = outcome.problems.length === 0 ? EXIT.done : EXIT.fault;
      if (flags.once !== true) await stopped;
      say('Stopping what the demo started');
      await demo.stop();
    });
}

function summary(demo: RunningDemo): string[] {
  return [
    '',
    ...studiesTable(demo.studies),
    '',
    ...(demo.outcome.problems.length === 0
      ? [`All ${demo.outcome.stored} expected results were stored and read back.`]
      : ['Not everything was stored:', ...demo.outcome.problems.map((one) => `  ${one}`)]),
  ];
}

function whileItRuns(demo: RunningDemo): string[] {
  return [
    '',
    `Page      ${demo.url}`,
    `Sign in   ${demo.signInLink}   (once)`,
    `Archive   ${demo.archiveUrl}   (user and password are in ${demo.configFile} and beside it)`,
    `Log       ${demo.logFile}`,
    '',
    'It goes on watching the archive until Ctrl-C. Try meanwhile:',
    '  npx situs studies list',
    '  npx situs audit verify',
  ];
}

function folder(text: string): string {
  if (text.trim() === '') throw new InvalidArgumentError('Name a folder.');
  return dataFolder(text);
}
