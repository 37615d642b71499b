import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, printError } from './output.ts';
interface CommandFile {
  readonly register: (program: Command) => void;
}

/** A file a command. Loaded only when it is meant: some of them bring the database or the networks. */
const COMMANDS: Readonly<Record<string, () => Promise<CommandFile>>> = {
  demo: () => import('./commands/demo.ts'),
  serve: () => import('./commands/serve.ts'),
  segment: () => import('./commands/segment.ts'),
  evaluate: () => import('./commands/evaluate.ts'),
  studies: () => import('./commands/studies.ts'),
  rules: () => import('./commands/rules/index.ts'),
  sequences: () => import('./commands/sequences.ts'),
  model: () => import('./commands/model/index.ts'),
  audit: () => import('./commands/audit.ts'),
  user: () => import('./commands/user.ts'),
  doctor: () => import('./commands/doctor.ts'),
};

function version(): string {
  const path = new URL('../../package.json', import.meta.url);
  const { version } = JSON.parse(readFileSync(path, 'utf8')) as { version: string };
  return version;
}

const program = new Command('situs')
  .description(
    'Segments abdominal MR and CT as they are acquired: watches a DICOMweb archive, chooses the\n' +
      'right series by rules you can read, stores DICOM SEG and structured reports beside them.',
  )
  .version(version())
  .option('--json', 'print machine-readable JSON instead of text')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 fault in Situs, 2 wrong usage or configuration, 3 input refused,\n' +
      '4 archive not reachable, 5 database not reachable; rules replay: 10 something would change.\n\nStart with:  npm run demo',
  )
  .exitOverride()
  .showHelpAfterError('(situs COMMAND --help shows the options with examples)');

const named = process.argv.slice(2).find((word) => !word.startsWith('-'));
const meant = named === undefined ? undefined : COMMANDS[named];
for (const load of meant === undefined ? Object.values(COMMANDS) : [meant]) {
  (await load()).register(program);
}

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else {
    process.exitCode = printError(thrown, program.opts<{ json?: boolean }>().json === true);
  }
}
