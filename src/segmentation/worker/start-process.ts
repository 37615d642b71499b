import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { notStarted } from './death.ts';
import { DATA_PIPE, LIFELINE_PIPE } from './messages.ts';

const ENTRY = fileURLToPath(new URL('./entry.mjs', import.meta.url));
/** Of what a process writes to its error output the end is kept. */
const STDERR_BYTES = 4096;

/**
 * For glibc: blocks from this size on go back to the system when they are freed, instead of lying between others in the heap.
 * Left to itself it raises the size to 32 MB, and a network's tensors then leave holes of hundreds of megabytes.
 */
const SEPARATE_BYTES = String(2 * 2 ** 20);

export interface StartedProcess {
  readonly child: ChildProcess;
  /** Raw bytes both ways. */
  readonly data: Duplex;
  /** The end of its error output so far. */
  readonly stderr: () => string;
}

/**
 * Starts a segmentation process, with Node's flags of its own: those of this process (a debugger, a test runner's) are
 * not its business.
 * @throws SitusError `SEGMENTATION_NOT_STARTED`.
 */
export async function startProcess(): Promise<StartedProcess> {
  const child = forked();
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error').catch((thrown: unknown) => [thrown])) as unknown[];
    throw notStarted(error);
  }
  // What goes wrong with pipes and messages of a dying process shows in how it ends.
  child.on('error', () => undefined);
  for (const stream of child.stdio) stream?.on('error', () => undefined);
  const pipes: readonly unknown[] = child.stdio;
  (pipes[LIFELINE_PIPE] as Duplex).resume();
  let tail = Buffer.alloc(0);
  child.stderr?.on('data', (piece: Buffer) => {
    tail = Buffer.concat([tail, piece]).subarray(-STDERR_BYTES);
  });
  return {
    child,
    data: pipes[DATA_PIPE] as Duplex,
    stderr: () => tail.toString('utf8'),
  };
}

function forked(): ChildProcess {
  const env: NodeJS.ProcessEnv = { MALLOC_MMAP_THRESHOLD_: SEPARATE_BYTES, ...process.env };
  delete env['NODE_OPTIONS'];
  try {
    return fork(ENTRY, [], {
      execArgv: ['--disable-warning=ExperimentalWarning', '--expose-gc'],
      env,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc', 'pipe', 'pipe'],
    });
  } catch (cause) {
    throw notStarted(cause);
  }
}
