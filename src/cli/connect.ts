import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import type { Command } from 'commander';
import { dataFolder, loadSitusConfig, type SitusConfig } from '../config/index.ts';
import { SitusError, type Actor } from '../contracts/index.ts';
import { findNote } from '../node-note.ts';
import { openRecords, type Records } from '../records/index.ts';
import { createLogger } from '../telemetry/index.ts';

export interface ConnectOptions {
  readonly config?: string;
  readonly data?: string;
}

const SHIPPED_CONFIG = fileURLToPath(new URL('../../config/situs.yaml', import.meta.url));

/** The options that every command on a node's record takes. */
export function withConnection(command: Command): Command {
  return command
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .option('--data <DIR>', 'data folder of a running node, e.g. the demo’s');
}

/** The configuration file that a command means: the one named, else the one of this folder, else ours. */
export function configFile(options: ConnectOptions): string {
  if (options.config !== undefined) return options.config;
  const here = join(process.cwd(), 'config', 'situs.yaml');
  return existsSync(here) ? here : SHIPPED_CONFIG;
}

export async function loadConfig(options: ConnectOptions): Promise<SitusConfig> {
  return (await loadSitusConfig(configFile(options))).value;
}

/** The configuration of the running node that a command means, else that of its file. */
export async function loadNodeConfig(options: ConnectOptions): Promise<SitusConfig> {
  if (options.config === undefined) {
    for (const folder of noteFolders(options)) {
      const note = await findNote(folder);
      if (note !== null && note.configFile !== null) {
        return (await loadSitusConfig(note.configFile)).value;
      }
    }
  }
  return loadConfig(options);
}

/** The database of the node that a command means; throws DATABASE_NOT_NAMED (usage) when there is none. */
export async function databaseUrl(options: ConnectOptions): Promise<string> {
  const named = process.env['SITUS_DATABASE_URL'];
  if (named !== undefined && named !== '') return named;
  if (options.data === undefined && options.config !== undefined) {
    const { database } = await loadConfig(options);
    if (database.url !== undefined) return database.url;
  }
  for (const folder of noteFolders(options)) {
    const note = await findNote(folder);
    if (note !== null) return note.databaseUrl;
  }
  if (options.data === undefined && options.config === undefined) {
    const { database } = await loadConfig(options);
    if (database.url !== undefined) return database.url;
  }
  throw new SitusError({
    code: 'DATABASE_NOT_NAMED',
    message: `No node runs with the data folder ${noteFolders(options).join(' or ')}, and no database is named.`,
    next: 'Start the node (npm run demo, or npx situs serve), or name its database: database.url in config/situs.yaml, or SITUS_DATABASE_URL.',
    errorClass: 'retry',
    origin: 'database',
  });
}

function noteFolders(options: ConnectOptions): string[] {
  const folder = dataFolder(options.data);
  return [folder, join(folder, 'demo')];
}

/** Opens the record for one command and closes it afterwards. */
export async function withRecords<T>(
  options: ConnectOptions,
  work: (records: Records, url: string) => Promise<T>,
): Promise<T> {
  const url = await databaseUrl(options);
  const records = await openRecords(url, { log: createLogger({ level: 'warn', plain: true }) });
  try {
    return await work(records, url);
  } finally {
    await records.close();
  }
}

/** Whoever runs the command, as the record names them. */
export function cliActor(): Actor {
  return { kind: 'user', name: `${userInfo().username} (command line)`, host: hostname() };
}
