/** Runs a TypeScript file of the clone with the pinned Node 24 after the setup is done. */
import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { join } from 'node:path';
import { pinnedNode } from './commands.mjs';
import { ROOT, ensure } from './ensure.mjs';

const FORWARDED = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
/** Commands of `src/cli/main.ts` that serve the web page; the others do not wait for its build. */
const WITH_PAGE = ['serve', 'demo'];

/**
 * Resolves when the program has ended: `process.exitCode` is then the program's, or this process dies
 * of the signal that ended the program. `file` is relative to the clone, `args` to the caller's folder.
 */
export async function launch(file, args) {
  const page = file.endsWith('setup/test.ts') || WITH_PAGE.some((command) => args[0] === command);
  const steps = ['packages', 'database client', ...(page ? ['web page'] : [])];
  const code = await ensure(steps);
  if (code !== 0) {
    process.exitCode = code;
    return;
  }
  const { exitCode, signal } = await runPinned(join(ROOT, file), args);
  if (signal === null) process.exitCode = exitCode;
  else if (constants.signals[signal] !== undefined) process.kill(process.pid, signal);
}

function runPinned(file, args) {
  return new Promise((resolve, reject) => {
    const child = spawn(
      pinnedNode(ROOT),
      ['--disable-warning=ExperimentalWarning', file, ...args],
      { stdio: 'inherit' },
    );
    const handlers = FORWARDED.map((signal) => [
      signal,
      () => {
        // A terminal sends Ctrl-C and Ctrl-\ to the whole group: the program has it already.
        const fromTerminal = process.stdin.isTTY && ['SIGINT', 'SIGQUIT'].includes(signal);
        if (!fromTerminal) child.kill(signal);
      },
    ]);
    for (const [signal, handler] of handlers) process.on(signal, handler);
    const settle = () => {
      for (const [signal, handler] of handlers) process.off(signal, handler);
    };
    child.on('error', (error) => {
      settle();
      reject(error);
    });
    child.on('exit', (exitCode, signal) => {
      settle();
      resolve({ exitCode, signal });
    });
  });
}
