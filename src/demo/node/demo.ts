import { createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startNode, type SitusNode } from '../../app.ts';
import { openArchive } from '../../archives.ts';
import { fault } from '../../contracts/index.ts';
import { leaveNote, removeNote } from '../../node-note.ts';
import type { StudyRow } from '../../records/index.ts';
import { createLogger } from '../../telemetry/index.ts';
import { startOrthanc } from '../services/orthanc.ts';
import { startPostgres } from '../services/postgres.ts';
import { demoConfig, type DemoArchive } from './demo-config.ts';
import { demoOutcome, type DemoOutcome } from './outcome.ts';
import { storeSamples } from './samples-note.ts';
import { waitForStudies } from './wait.ts';

export interface DemoOptions {
  /** Keeps everything between runs. */
  readonly folder: string;
  /** A line that stays. */
  readonly say: (line: string) => void;
  /** What goes on right now; replaced by the next. */
  readonly progress: (text: string) => void;
  readonly signal: AbortSignal;
}

export interface RunningDemo {
  readonly outcome: DemoOutcome;
  readonly studies: readonly StudyRow[];
  readonly url: string;
  /** Signs in once. */
  readonly signInLink: string;
  readonly archiveUrl: string;
  readonly configFile: string;
  readonly logFile: string;
  stop(): Promise<void>;
}

const ADMIN = 'admin';
const LINK_SECONDS = 24 * 3600;

/**
 * Everything from nothing: Postgres, Orthanc, three sample studies and a node that finds, matches,
 * routes, segments, stores and records them. Resolves when every study has its outcome; `stop` ends
 * all that was started here.
 */
export async function startDemo(options: DemoOptions): Promise<RunningDemo> {
  const { folder, say, progress, signal } = options;
  const stopping: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const end of stopping.splice(0).reverse()) await end();
  };
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    say(`State is kept in ${folder}`);

    const databaseUrl = await database(folder, say, stopping);
    const where = await demoArchive(folder, say, stopping);
    const { config, path } = await demoConfig(folder, where);
    const [archiveConfig] = config.archives;
    if (archiveConfig === undefined) throw fault('DEMO_CONFIG', 'The demo has no archive.');
    const archive = openArchive(archiveConfig);
    stopping.push(() => archive.close());

    const logFile = join(folder, 'situs.log');
    const log = createLogger({ level: 'info', to: createWriteStream(logFile, { flags: 'a' }) });
    const node = await startNode({ config, databaseUrl, roles: ['intake', 'work', 'api'], log });
    stopping.push(() => node.stop());
    await leaveNote(folder, {
      pid: process.pid,
      databaseUrl,
      configFile: path,
      workFolder: config.workFolder,
    });
    stopping.push(() => removeNote(folder));

    const samples = await storeSamples(archive, folder, say, signal);
    await waitForStudies(node, samples, { say, progress, signal });
    const outcome = await demoOutcome(node.records, archive, samples, signal);
    const { rows } = await node.records.queries.studiesPage({});
    return {
      outcome,
      studies: rows,
      url: addressOf(node),
      signInLink: await signInLink(node),
      archiveUrl: where.orthancUrl ?? where.url,
      configFile: path,
      logFile,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function database(
  folder: string,
  say: (line: string) => void,
  stopping: (() => Promise<void>)[],
): Promise<string> {
  const named = process.env['SITUS_DATABASE_URL'];
  if (named !== undefined && named !== '') {
    say('Using the database of SITUS_DATABASE_URL');
    return named;
  }
  const postgres = await startPostgres({ stateDir: join(folder, 'postgres') });
  stopping.push(() => postgres.stop());
  say(`Postgres runs on port ${postgres.port}`);
  return postgres.url;
}

async function demoArchive(
  folder: string,
  say: (line: string) => void,
  stopping: (() => Promise<void>)[],
): Promise<DemoArchive> {
  const named = process.env['SITUS_ARCHIVE_URL'];
  if (named !== undefined && named !== '') {
    const url = new URL(named);
    const { username, password } = url;
    url.username = '';
    url.password = '';
    say(`Using the archive of SITUS_ARCHIVE_URL: ${url.href}`);
    return {
      url: url.href,
      orthancUrl: null,
      username: username === '' ? null : decodeURIComponent(username),
      password: password === '' ? null : decodeURIComponent(password),
    };
  }
  const orthanc = await startOrthanc({ stateDir: join(folder, 'orthanc'), stableAge: 2, say });
  stopping.push(() => orthanc.stop());
  say(`Orthanc runs at ${orthanc.baseUrl}`);
  return {
    url: orthanc.dicomWebUrl,
    orthancUrl: orthanc.baseUrl,
    username: orthanc.username,
    password: orthanc.password,
  };
}

function addressOf(node: SitusNode): string {
  if (node.url === null) throw fault('DEMO_WITHOUT_API', 'The demo’s node serves no page.');
  return node.url;
}

async function signInLink(node: SitusNode): Promise<string> {
  const { users } = node.records;
  const actor = { kind: 'service', name: 'demo', host: 'localhost' } as const;
  const known = (await users.users()).some((user) => user.name === ADMIN);
  if (!known) await users.createUser(actor, ADMIN, 'admin');
  const { token } = await users.createSignInLink(actor, ADMIN, LINK_SECONDS);
  return `${addressOf(node)}/sign-in?token=${token}`;
}
