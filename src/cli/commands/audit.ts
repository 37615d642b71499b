import type { Command } from 'commander';
import { withConnection, withRecords, type ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { EXIT, print } from '../output.ts';
import { createProgress } from '../progress.ts';

export function register(program: Command): void {
  const audit = program.command('audit').description('the audit chain over the record');
  withConnection(audit.command('verify'))
    .description('recompute the chain and compare every protected row with what was written')
    .addHelpText(
      'after',
      '\nKeep the printed head (number and hash) elsewhere: it proves later that nothing before it\n' +
        'was changed. Exit code 1 when the record is not intact.',
    )
    .action(async (options: ConnectOptions, command: Command) => {
      await withRecords(options, async (records) => {
        const progress = createProgress();
        const report = await records.audit.verify((events) =>
          progress.update(`${events} events checked`),
        );
        progress.end();
        print(wantsJson(command), report, () => [
          report.intact ? 'The record is intact.' : 'The record is NOT intact:',
          ...report.problems.map(
            (problem) => `  ${problem.kind} ${problem.table} ${problem.id}: ${problem.message}`,
          ),
          `${report.events} events and ${report.rows} rows checked; head ${report.head.seq} ${report.head.hash}`,
        ]);
        process.exitCode = report.intact ? EXIT.done : EXIT.fault;
      });
    });
  withConnection(audit.command('export'))
    .description('print every event as a JSON line, oldest first')
    .action(async (options: ConnectOptions) => {
      await withRecords(options, async (records) => {
        await records.audit.export((event) => {
          process.stdout.write(`${JSON.stringify(event)}\n`);
        });
      });
    });
}
