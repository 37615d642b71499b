import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Site } from './site.ts';

const MAIN = fileURLToPath(new URL('../../src/cli/main.ts', import.meta.url));

/** A node as an operator runs it: a process of its own, `situs serve`. */
export interface NodeProcess {
  readonly pid: number | undefined;
  /** Ends it without a chance to clean up, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to stop; its exit code. */
  stop(): Promise<number | null>;
}

/** Starts `situs serve` for a site. Its log goes to `node.log` in the site's folder. */
export function startNodeProcess(site: Site): NodeProcess {
  const arguments_ = ['serve', '--config', site.configFile, '--data', join(site.folder, 'data')];
  const child: ChildProcess = spawn(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', MAIN, ...arguments_, '--roles', 'intake,work'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] } },
  );
  const exited = once(child, 'exit');
  const log = createWriteStream(join(site.folder, 'node.log'), { flags: 'a' });
  child.stdout?.pipe(log, { end: false });
  child.stderr?.pipe(log, { end: false });
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (child.exitCode === null && child.signalCode === null) {
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  };
  return {
    pid: child.pid,
    async kill() {
      await end('SIGKILL');
    },
    stop: () => end('SIGTERM'),
  };
}
