import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Site } from './site.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** A node as an operator runs it: a process of its own, `situs serve`. */
export interface NodeProcess {
  /** Ends it without a chance to clean up, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop; its exit code. */
  stop(): Promise<number | null>;
  running(): boolean;
  /** What it and the nodes before it have written so far. */
  log(): Promise<string>;
}

/** Starts `situs serve` for a site, without page and API. */
export function startNodeProcess(site: Site): NodeProcess {
  const data = join(site.folder, 'data');
  const order = ['serve', '--config', site.configFile, '--data', data, '--roles', 'intake,work'];
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', MAIN, ...order],
    {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'] },
    },
  );
  const exited = once(child, 'exit');
  const path = join(site.folder, 'node.log');
  const log = createWriteStream(path, { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const running = (): boolean => child.exitCode === null && child.signalCode === null;
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (running()) {
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  };
  return {
    running,
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
    async log() {
      return readFile(path, 'utf8').catch(() => '');
    },
  };
}
