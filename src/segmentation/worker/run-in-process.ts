import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { Duplex } from 'node:stream';
import type { SitusError } from '../../contracts/index.ts';
import { deathOf } from './death.ts';
import type { Progress, WorkMessage, WorkName, WorkOrder, WorkTypes } from './messages.ts';
import { abortedError, unpackError } from './messages.ts';
import { startProcess } from './start-process.ts';

export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Sent as raw bytes beside the task, without a copy here. */
  readonly input?: Float32Array;
  /** Size of the raw answer; default none. */
  readonly answerBytes?: number;
}

export interface WorkResult<Name extends WorkName> {
  readonly outcome: WorkTypes[Name]['outcome'];
  /** In shared memory, so that threads can have it without a copy. */
  readonly answer: Uint8Array;
  /** Most resident memory that the process had. */
  readonly peakBytes: number;
}

/** A process that was told to end is gone at once, unless a driver's call holds it; that is not waited for longer. */
const END_LIMIT_MS = 5000;
/** Bytes handed to the pipe before the event loop gets its turn. */
const PIECE = 2 ** 20;

/**
 * Does the work in a process of its own: the event loop here stays free, a crash of native code ends only the work, and
 * ending the process frees memory, threads and device at once, also in the middle of a network run. Errors arrive as
 * the `SitusError` that was thrown there. When the signal aborts, the promise rejects with `SEGMENTATION_ABORTED` as soon
 * as the process is gone. A process whose parent dies ends itself.
 * @throws SitusError `SEGMENTATION_KILLED`, `SEGMENTATION_CRASHED`, `SEGMENTATION_NOT_STARTED`, `MEMORY_EXHAUSTED`
 *   (retry), `SEGMENTATION_DIED` (fault).
 */
export async function runInProcess<Name extends WorkName>(
  name: Name,
  task: WorkTypes[Name]['task'],
  options: WorkOptions = {},
): Promise<WorkResult<Name>> {
  const { signal, onProgress, input } = options;
  if (isAborted(signal)) throw abortedError();
  const { child, data, stderr } = await startProcess();
  const reply = new Reply<Name>(options.answerBytes ?? 0);
  let failure: SitusError | null = null;
  const end = (): void => {
    child.kill('SIGKILL');
  };
  const onAbort = (): void => {
    failure ??= abortedError();
    end();
  };
  const closed = closing(child, signal);
  signal?.addEventListener('abort', onAbort, { once: true });
  child.on('message', (message: WorkMessage) => {
    if (message.kind === 'progress') {
      onProgress?.(message.progress);
      return;
    }
    if (message.kind === 'failed') failure ??= unpackError(message.error);
    else reply.done(message.outcome as WorkTypes[Name]['outcome'], message.peakBytes);
    if (failure !== null || reply.whole() !== null) end();
  });
  data.on('data', (piece: Uint8Array) => {
    if (reply.take(piece) && reply.whole() !== null) end();
  });
  try {
    if (isAborted(signal)) onAbort();
    const order: WorkOrder<Name> = { name, task, inputBytes: input?.byteLength ?? 0 };
    child.send(order, () => undefined);
    if (input !== undefined) await sendPieces(data, input, closed);
    const { code, signal: deadly } = await closed;
    if (failure !== null) throw failure as SitusError;
    const whole = reply.whole();
    if (whole === null) throw deathOf({ code, signal: deadly, stderr: stderr() });
    return whole;
  } finally {
    signal?.removeEventListener('abort', onAbort);
  }
}

/** Asked anew each time: it changes while something is waited for. */
const isAborted = (signal: AbortSignal | undefined): boolean => signal?.aborted === true;

interface Closed {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Resolves when the process and its pipes are gone; after an abort at the latest when the limit has passed. */
function closing(child: ChildProcess, signal: AbortSignal | undefined): Promise<Closed> {
  return new Promise((resolve) => {
    let limit: NodeJS.Timeout | undefined;
    const onAbort = (): void => {
      limit = setTimeout(resolve, END_LIMIT_MS, { code: null, signal: null });
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    child.once('close', (code: number | null, deadly: NodeJS.Signals | null) => {
      clearTimeout(limit);
      signal?.removeEventListener('abort', onAbort);
      resolve({ code, signal: deadly });
    });
  });
}

/** Writes the bytes as fast as the process takes them; stops when it is gone. */
async function sendPieces(
  pipe: Duplex,
  { buffer, byteOffset, byteLength }: Float32Array,
  closed: Promise<unknown>,
): Promise<void> {
  let open = true;
  const gone = closed.then(() => {
    open = false;
  });
  for (let at = 0; at < byteLength && open; at += PIECE) {
    const piece = Buffer.from(buffer, byteOffset + at, Math.min(PIECE, byteLength - at));
    // A pipe that breaks belongs to a process that is about to be gone.
    if (!pipe.write(piece)) await Promise.race([once(pipe, 'drain').catch(() => gone), gone]);
  }
}

/** Collects what a process answers: the outcome by message, labels by the pipe, in either order. */
class Reply<Name extends WorkName> {
  private readonly answer: Uint8Array;
  private length = 0;
  private message: Omit<WorkResult<Name>, 'answer'> | null = null;

  constructor(answerBytes: number) {
    this.answer = new Uint8Array(new SharedArrayBuffer(answerBytes));
  }

  done(outcome: WorkTypes[Name]['outcome'], peakBytes: number): void {
    this.message = { outcome, peakBytes };
  }

  /** @returns whether the bytes were of the answer; more than were announced are left out */
  take(piece: Uint8Array): boolean {
    const rest = piece.subarray(0, this.answer.length - this.length);
    this.answer.set(rest, this.length);
    this.length += rest.length;
    return rest.length > 0;
  }

  /** null while something is missing. */
  whole(): WorkResult<Name> | null {
    if (this.message === null || this.length < this.answer.length) return null;
    return { ...this.message, answer: this.answer };
  }
}
