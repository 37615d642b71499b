import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { EXIT, printError } from './output.ts';
import * as audit from './commands/audit.ts';
import * as demo from './commands/demo.ts';
import * as doctor from './commands/doctor.ts';
import * as model from './commands/model.ts';
import * as rules from './commands/rules.ts';
import * as segment from './commands/segment.ts';
import * as sequences from './commands/sequences.ts';
import * as serve from './commands/serve.ts';
import * as studies from './commands/studies.ts';
import * as user from './commands/user.ts';

const COMMANDS = [
  demo,
  serve,
  segment,
  studies,
  rules,
  sequences,
  model,
  audit,
  user,
  doctor,
] as const;

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
      '4 archive not reachable, 5 database not reachable.\n\nStart with:  npm run demo',
  )
  .exitOverride()
  .showHelpAfterError('(situs COMMAND --help shows the options with examples)');

for (const command of COMMANDS) command.register(program);

try {
  await program.parseAsync();
} catch (thrown) {
  if (thrown instanceof CommanderError) {
    process.exitCode = thrown.exitCode === 0 ? EXIT.done : EXIT.usage;
  } else {
    process.exitCode = printError(thrown, program.opts<{ json?: boolean }>().json === true);
  }
}
