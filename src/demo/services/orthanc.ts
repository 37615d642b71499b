/** An Orthanc of our own for the demo and the tests: loopback only, its state in one folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { messageOf, SitusError } from '../../contracts/index.ts';
import { ensureOrthanc } from '../../setup/orthanc-program.ts';
import { listenOnce } from './ports.ts';

export interface OrthancOptions {
  /** Folder of the database, the files, the configuration with the password (mode 0600) and the log. */
  readonly stateDir: string;
  /** Seconds without a new instance after which Orthanc calls a study stable. Default 5. */
  readonly stableAge?: number;
  /** False (default): the first copy of an instance is kept, as Orthanc does by itself. */
  readonly overwriteInstances?: boolean;
  /** More keys of Orthanc's configuration file. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Milliseconds until the server must answer. Default 60,000. */
  readonly readyWithinMs?: number;
  /** Told what takes long, e.g. the installation of packages. */
  readonly say?: (line: string) => void;
}

export interface RunningOrthanc {
  /** e.g. `http://127.0.0.1:41234` */
  readonly baseUrl: string;
  readonly dicomWebUrl: string;
  readonly username: string;
  readonly password: string;
  readonly pid: number;
  readonly logFile: string;
  /** Rejects with ORTHANC_ENDED when the server ends without `stop` having been called. */
  readonly ended: Promise<void>;
  /** Ends the server by SIGTERM and waits; by SIGKILL when it does not follow within 20 s. */
  stop(): Promise<void>;
}

interface Identity {
  readonly name: string;
  readonly username: string;
  readonly password: string;
  readonly port: number;
}

const CONFIG_FILE = 'orthanc.json';
const PID_FILE = 'orthanc.pid';
const LOG_FILE = 'orthanc.log';
const ATTEMPTS = 3;
const POLL_MS = 50;
const STOP_WITHIN_MS = 20_000;
const LOG_LINES = 20;

/**
 * Starts Orthanc with DICOMweb on a free loopback port, installing it first when it is missing
 * (`ensureOrthanc`). Started again on the same folder it keeps password and data, and the port where
 * that is still free; an Orthanc that an earlier run left behind on this folder is ended first.
 *
 * Throws ORTHANC_MISSING, or ORTHANC_DID_NOT_START with the last lines of its log.
 */
export async function startOrthanc(options: OrthancOptions): Promise<RunningOrthanc> {
  const { program, dicomWebPlugin } = await ensureOrthanc(options.say);
  mkdirSync(options.stateDir, { recursive: true, mode: 0o700 });
  await endLeftOver(options.stateDir);
  for (let attempt = 1; ; attempt += 1) {
    const identity = await identityFor(options.stateDir);
    const config = configuration(options, identity, dicomWebPlugin);
    const configFile = join(options.stateDir, CONFIG_FILE);
    rmSync(configFile, { force: true });
    writeFileSync(configFile, JSON.stringify(config, null, 2), { mode: 0o600 });
    const server = launchServer(program, options.stateDir, configFile);
    try {
      await becomeReady(server, identity, options.readyWithinMs ?? 60_000);
      return running(server, identity, options.stateDir);
    } catch (error) {
      await endServer(server);
      const log = lastLogLines(options.stateDir);
      if (attempt < ATTEMPTS && /already in use|Address in use|bind/i.test(log)) continue;
      throw new SitusError({
        code: 'ORTHANC_DID_NOT_START',
        message: `Orthanc (${program}) did not start: ${messageOf(error)}. Last lines of ${join(options.stateDir, LOG_FILE)}:\n${log}`,
        next: 'Correct what the log names; delete the state folder to begin with an empty archive.',
        errorClass: 'retry',
        origin: 'archive',
        cause: error,
      });
    }
  }
}

interface Server {
  readonly child: ChildProcess;
  readonly pid: number | undefined;
  /** Resolves with a description when the process has ended. */
  readonly exit: Promise<string>;
  hasEnded: string | null;
}

/** In a process group of its own: Ctrl-C reaches our process only, which then stops Orthanc in order. */
function launchServer(program: string, stateDir: string, configFile: string): Server {
  const log = openSync(join(stateDir, LOG_FILE), 'w', 0o600);
  const child = spawn(program, [configFile], { stdio: ['ignore', log, log], detached: true });
  closeSync(log);
  const server: Server = {
    child,
    pid: child.pid,
    hasEnded: null,
    exit: new Promise((resolve) => {
      const end = (how: string) => {
        server.hasEnded = how;
        resolve(how);
      };
      child.once('error', (error) => end(messageOf(error)));
      child.once('exit', (code, signal) =>
        end(signal === null ? `it ended with exit code ${code}` : `it was ended by ${signal}`),
      );
    }),
  };
  if (child.pid !== undefined) writeFileSync(join(stateDir, PID_FILE), String(child.pid));
  const lastResort = () => child.kill('SIGTERM');
  process.once('exit', lastResort);
  void server.exit.then(() => process.off('exit', lastResort));
  return server;
}

function running(server: Server, identity: Identity, stateDir: string): RunningOrthanc {
  const baseUrl = baseUrlOf(identity);
  let stopping = false;
  const ended = server.exit.then((how) => {
    rmSync(join(stateDir, PID_FILE), { force: true });
    if (stopping) return;
    throw new SitusError({
      code: 'ORTHANC_ENDED',
      message: `Orthanc at ${baseUrl} is gone: ${how}. Last lines of its log:\n${lastLogLines(stateDir)}`,
      next: 'Start the command again; the archive keeps what it has stored.',
      errorClass: 'retry',
      origin: 'archive',
    });
  });
  // Whoever does not look at `ended` must not be ended by it.
  ended.catch(() => undefined);
  return {
    baseUrl,
    dicomWebUrl: `${baseUrl}/dicom-web`,
    username: identity.username,
    password: identity.password,
    pid: server.pid ?? -1,
    logFile: join(stateDir, LOG_FILE),
    ended,
    async stop() {
      stopping = true;
      await endServer(server);
    },
  };
}

async function becomeReady(server: Server, identity: Identity, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  for (;;) {
    if (server.hasEnded !== null) throw new Error(server.hasEnded);
    const seen = await lookAt(identity);
    if (seen === null) break;
    if (performance.now() > deadline) {
      throw new Error(`it was not ready after ${withinMs / 1000} s (${seen})`);
    }
    await delay(POLL_MS);
  }
  const search = await get(identity, '/dicom-web/studies?limit=1');
  if (!search.ok) throw new Error(`its DICOMweb plug-in answers with status ${search.status}`);
}

/** Null when our server answers, else what was seen instead. */
async function lookAt(identity: Identity): Promise<string | null> {
  try {
    const answer = await get(identity, '/system');
    const isOurs = answer.ok && isSystemOf(await answer.json(), identity.name);
    return isOurs ? null : `status ${answer.status} from port ${identity.port}`;
  } catch (error) {
    return messageOf(error);
  }
}

/** The name is drawn anew for each state folder: another server on the port is not taken for ours. */
function isSystemOf(system: unknown, name: string): boolean {
  return typeof system === 'object' && system !== null && 'Name' in system && system.Name === name;
}

function get(identity: Identity, path: string): Promise<Response> {
  return fetch(`${baseUrlOf(identity)}${path}`, {
    headers: { Authorization: basic(identity) },
    signal: AbortSignal.timeout(10_000),
  });
}

async function endServer(server: Server): Promise<void> {
  if (server.hasEnded !== null) return;
  server.child.kill('SIGTERM');
  const waited = new AbortController();
  const late = delay(STOP_WITHIN_MS, 'late', { signal: waited.signal }).catch(() => 'ended');
  if ((await Promise.race([server.exit, late])) === 'late') server.child.kill('SIGKILL');
  waited.abort();
  await server.exit;
}

/** Ends an Orthanc that still runs on this folder, recognised by our configuration in its command line. */
async function endLeftOver(stateDir: string): Promise<void> {
  const pidFile = join(stateDir, PID_FILE);
  if (!existsSync(pidFile)) return;
  const pid = Number(readFileSync(pidFile, 'utf8'));
  rmSync(pidFile, { force: true });
  const isOurs = () => {
    const file = `/proc/${pid}/cmdline`;
    return existsSync(file) && readFileSync(file, 'utf8').includes(join(stateDir, CONFIG_FILE));
  };
  if (!Number.isInteger(pid) || pid <= 1 || !isOurs()) return;
  process.kill(pid, 'SIGTERM');
  const deadline = performance.now() + STOP_WITHIN_MS;
  while (isOurs()) {
    if (performance.now() > deadline) {
      process.kill(pid, 'SIGKILL');
      return;
    }
    await delay(POLL_MS);
  }
}

/** Password and port of the folder's last run, or new ones; a port that is taken is replaced. */
async function identityFor(stateDir: string): Promise<Identity> {
  const previous = previousIdentity(join(stateDir, CONFIG_FILE));
  const port =
    previous !== null && (await isFree(previous.port)) ? previous.port : await freePort();
  return {
    name: previous?.name ?? `SITUS-${randomUUID()}`,
    username: 'situs',
    password: previous?.password ?? randomBytes(24).toString('base64url'),
    port,
  };
}

function previousIdentity(configFile: string): Omit<Identity, 'username'> | null {
  if (!existsSync(configFile)) return null;
  const config: unknown = JSON.parse(readFileSync(configFile, 'utf8'));
  if (typeof config !== 'object' || config === null) return null;
  const { Name, HttpPort, RegisteredUsers } = config as Record<string, unknown>;
  const password = (RegisteredUsers as { situs?: unknown } | undefined)?.situs;
  return typeof Name === 'string' && typeof HttpPort === 'number' && typeof password === 'string'
    ? { name: Name, port: HttpPort, password }
    : null;
}

function configuration(
  options: OrthancOptions,
  identity: Identity,
  dicomWebPlugin: string,
): Readonly<Record<string, unknown>> {
  return {
    StorageDirectory: join(options.stateDir, 'storage'),
    IndexDirectory: join(options.stateDir, 'storage'),
    StorageCompression: false,
    Plugins: [dicomWebPlugin],
    HttpServerEnabled: true,
    RemoteAccessAllowed: false,
    // Known to versions after 1.12.9; older ones listen everywhere and refuse other hosts.
    HttpBindAddresses: ['127.0.0.1'],
    AuthenticationEnabled: true,
    DicomServerEnabled: false,
    UnknownSopClassAccepted: true,
    DefaultEncoding: 'Utf8',
    StableAge: options.stableAge ?? 5,
    OverwriteInstances: options.overwriteInstances ?? false,
    SaveJobs: false,
    ExecuteLuaEnabled: false,
    DicomWeb: { Enable: true, Root: '/dicom-web/', EnableWado: false },
    ...options.settings,
    Name: identity.name,
    HttpPort: identity.port,
    RegisteredUsers: { [identity.username]: identity.password },
  };
}

function baseUrlOf(identity: Identity): string {
  return `http://127.0.0.1:${identity.port}`;
}

function basic(identity: Identity): string {
  const pair = `${identity.username}:${identity.password}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

function lastLogLines(stateDir: string): string {
  const file = join(stateDir, LOG_FILE);
  if (!existsSync(file)) return '(no log was written)';
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LOG_LINES).join('\n');
}

async function isFree(port: number): Promise<boolean> {
  return (await listenOnce(port)) !== null;
}

async function freePort(): Promise<number> {
  const port = await listenOnce(0);
  if (port !== null) return port;
  throw new SitusError({
    code: 'NO_FREE_PORT',
    message: 'No free port was found on 127.0.0.1',
    next: 'End programs that hold many ports, then run the command again.',
    errorClass: 'retry',
    origin: 'device',
  });
}
