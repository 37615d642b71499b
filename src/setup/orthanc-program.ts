/** Finds Orthanc and its DICOMweb plug-in, and installs both on Debian-like systems. */
import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { SitusError } from '../contracts/index.ts';

export interface OrthancProgram {
  /** Absolute path of the server. */
  readonly program: string;
  /** Absolute path of libOrthancDicomWeb. */
  readonly dicomWebPlugin: string;
}

const PROGRAM_NAMES = ['Orthanc', 'orthanc'];
const PROGRAM_FOLDERS = [
  '/usr/sbin',
  '/usr/local/sbin',
  '/usr/bin',
  '/usr/local/bin',
  '/opt/orthanc',
];
const PLUGIN_NAMES = ['libOrthancDicomWeb.so', 'libOrthancDicomWeb.dylib'];
const PLUGIN_FOLDERS = [
  '/usr/share/orthanc/plugins',
  '/usr/local/share/orthanc/plugins',
  '/usr/lib/orthanc/plugins',
  '/usr/share/orthanc/plugins-available',
  '/opt/orthanc/plugins',
];
const PACKAGES = ['orthanc', 'orthanc-dicomweb'];
const OUTPUT_LINES = 15;

/** Null for what is not there. */
export function findOrthanc(): { readonly [part in keyof OrthancProgram]: string | null } {
  const onPath = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return {
    program: firstUsable([...onPath, ...PROGRAM_FOLDERS], PROGRAM_NAMES, constants.X_OK),
    dicomWebPlugin: firstUsable(PLUGIN_FOLDERS, PLUGIN_NAMES, constants.R_OK),
  };
}

/**
 * Orthanc with its DICOMweb plug-in, installed first where apt-get may be used (root, or sudo that
 * asks for no password). A service that the installation started is stopped and disabled again.
 *
 * Throws ORTHANC_MISSING naming what to install.
 */
export async function ensureOrthanc(
  say: (line: string) => void = () => undefined,
): Promise<OrthancProgram> {
  const found = findOrthanc();
  if (isComplete(found)) return found;
  const prefix = await rightToInstall();
  if (prefix === null)
    throw missing(found, 'it could not be installed automatically on this system');
  say('Orthanc: installing the packages orthanc and orthanc-dicomweb (apt-get) …');
  const wasActive = await serviceIsActive();
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const update = await runCommand([...prefix, 'apt-get', 'update', '-qq'], env);
  const install = await runCommand(
    [...prefix, 'apt-get', 'install', '-y', '-qq', '--no-install-recommends', ...PACKAGES],
    env,
  );
  if (!wasActive && (await serviceIsActive())) await stopService(prefix);
  const installed = findOrthanc();
  if (isComplete(installed)) return installed;
  const output = lastLines(install.code === 0 ? install.output : update.output + install.output);
  throw missing(installed, `apt-get did not install it:\n${output}`);
}

function isComplete(found: ReturnType<typeof findOrthanc>): found is OrthancProgram {
  return found.program !== null && found.dicomWebPlugin !== null;
}

function missing(found: ReturnType<typeof findOrthanc>, why: string): SitusError {
  const what =
    found.program === null ? 'Orthanc' : "Orthanc's DICOMweb plug-in (libOrthancDicomWeb)";
  return new SitusError({
    code: 'ORTHANC_MISSING',
    message: `${what} is not installed, and ${why}`,
    next: 'Install the packages orthanc and orthanc-dicomweb (Debian, Ubuntu: sudo apt-get install orthanc orthanc-dicomweb) and run the command again.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { ...found },
  });
}

function firstUsable(
  folders: readonly string[],
  names: readonly string[],
  mode: number,
): string | null {
  const paths = folders.flatMap((folder) => names.map((name) => join(folder, name)));
  return paths.find((path) => isUsable(path, mode)) ?? null;
}

function isUsable(path: string, mode: number): boolean {
  if (!existsSync(path)) return false;
  try {
    accessSync(path, mode);
    return true;
  } catch {
    return false;
  }
}

/** The words before `apt-get`: none for root, sudo where it asks for nothing; null without the right. */
async function rightToInstall(): Promise<readonly string[] | null> {
  if ((await runCommand(['apt-get', '--version'])).code !== 0) return null;
  if (process.getuid?.() === 0) return ['env'];
  const sudo = ['sudo', '-n', '--preserve-env=DEBIAN_FRONTEND'];
  return (await runCommand([...sudo, 'true'])).code === 0 ? sudo : null;
}

async function serviceIsActive(): Promise<boolean> {
  if ((await runCommand(['systemctl', 'is-active', '--quiet', 'orthanc'])).code === 0) return true;
  return (
    existsSync('/etc/init.d/orthanc') &&
    (await runCommand(['/etc/init.d/orthanc', 'status'])).code === 0
  );
}

async function stopService(prefix: readonly string[]): Promise<void> {
  const systemd = await runCommand([...prefix, 'systemctl', 'disable', '--now', 'orthanc']);
  if (systemd.code !== 0) await runCommand([...prefix, '/etc/init.d/orthanc', 'stop']);
}

/** Runs a command without input; a command that does not exist counts as exit code 127. */
function runCommand(
  words: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly output: string }> {
  return new Promise((resolve) => {
    const [command = '', ...args] = words;
    const child = spawn(command, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, ...env },
    });
    let output = '';
    const add = (chunk: Buffer) => {
      output += chunk.toString();
    };
    child.stdout.on('data', add);
    child.stderr.on('data', add);
    child.on('error', (error) => resolve({ code: 127, output: `${output}${error.message}\n` }));
    child.on('close', (code) => resolve({ code: code ?? 1, output }));
  });
}

function lastLines(text: string): string {
  return text.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n');
}
