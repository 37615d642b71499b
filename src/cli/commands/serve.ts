import { InvalidArgumentError, type Command } from 'commander';
import { ALL_ROLES, startNode, type Role } from '../../app.ts';
import { startPostgres } from '../../demo/index.ts';
import { createLogger } from '../../telemetry/index.ts';
import { dataFolder } from '../../config/index.ts';
import { leaveNote, removeNote } from '../../node-note.ts';
import { configFile, databaseUrl, loadConfig, type ConnectOptions } from '../connect.ts';
import { untilStopped } from '../until-stopped.ts';

interface ServeOptions extends ConnectOptions {
  readonly roles: readonly Role[];
}

export function register(program: Command): void {
  program
    .command('serve')
    .description('run the node until it is told to stop (SIGINT or SIGTERM)')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .option('--data <DIR>', 'folder for what the node keeps (default: the XDG data directory)')
    .option('--roles <LIST>', `what this host does: ${ALL_ROLES.join(', ')}`, roles, ALL_ROLES)
    .addHelpText(
      'after',
      '\nA GPU host that only computes:  npx situs serve --roles work\n' +
        'First sign-in:                  npx situs user add NAME --role admin; npx situs user link NAME',
    )
    .action(async (options: ServeOptions) => {
      const config = await loadConfig(options);
      const log = createLogger({ level: config.log.level, plain: process.stderr.isTTY });
      const folder = dataFolder(options.data);
      const embedded = config.database.embedded;
      const named = process.env['SITUS_DATABASE_URL'] ?? '';
      const postgres =
        embedded === undefined || named !== '' ? null : await startPostgres({ stateDir: embedded });
      const configured = postgres?.url ?? config.database.url;
      const url = named !== '' ? named : (configured ?? (await databaseUrl(options)));
      const node = await startNode({ config, databaseUrl: url, roles: options.roles, log });
      await leaveNote(folder, {
        pid: process.pid,
        databaseUrl: url,
        configFile: configFile(options),
        workFolder: config.workFolder,
      });
      log.info({ roles: options.roles.join(','), url: node.url }, 'the node runs');
      await untilStopped();
      log.info('stopping');
      await removeNote(folder);
      await node.stop();
      await postgres?.stop();
    });
}

function roles(text: string): readonly Role[] {
  const named = text.split(',').map((one) => one.trim());
  const unknown = named.find((one) => !ALL_ROLES.some((role) => role === one));
  if (unknown !== undefined) {
    throw new InvalidArgumentError(`"${unknown}" is not one of ${ALL_ROLES.join(', ')}.`);
  }
  return ALL_ROLES.filter((role) => named.includes(role));
}
