import { Worker } from 'node:worker_threads';
import { fault, SitusError, type SitusErrorOptions } from '../contracts/index.ts';
import type { CallName, ComputeCalls } from './compute-calls.ts';

/** What the thread answers: the call's number and either its answer or an error. */
export type ThreadAnswer =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: SitusErrorOptions };

type Call<Name extends CallName> = (
  request: ComputeCalls[Name]['request'],
  signal: AbortSignal,
) => Promise<ComputeCalls[Name]['answer']>;

/** CPU work of the steps outside the network, off the main thread (design §9). */
export type Compute = { readonly [Name in CallName]: Call<Name> } & {
  stop(): Promise<void>;
};

interface Waiting {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: Error) => void;
}

/**
 * Starts the compute thread. Calls run one after the other; an aborted call is no longer waited for,
 * and the thread ends it where it reads or decodes, or leaves it where it has not begun.
 * A thread that dies fails what was under way (COMPUTE_DIED, a fault) and the next call starts another.
 */
export function createCompute(): Compute {
  const waiting = new Map<number, Waiting>();
  let worker: Worker | null = null;
  let lastId = 0;

  const failAll = (reason: string, cause: unknown): void => {
    worker = null;
    for (const { reject } of waiting.values()) {
      reject(fault('COMPUTE_DIED', `The compute thread ended: ${reason}.`, {}, cause));
    }
    waiting.clear();
  };

  const thread = (): Worker => {
    if (worker !== null) return worker;
    const started = new Worker(new URL('./compute-thread.ts', import.meta.url));
    started.unref();
    started.on('message', (message: ThreadAnswer) => {
      const call = waiting.get(message.id);
      waiting.delete(message.id);
      if ('error' in message) call?.reject(new SitusError(message.error));
      else call?.resolve(message.answer as never);
      if (waiting.size === 0) started.unref();
    });
    started.on('error', (error: Error) => {
      if (worker === started) failAll(error.message, error);
    });
    started.on('exit', (code) => {
      if (worker === started) failAll(`exit code ${code}`, null);
    });
    worker = started;
    return started;
  };

  const call =
    <Name extends CallName>(name: Name): Call<Name> =>
    (request, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        lastId += 1;
        const id = lastId;
        const running = thread();
        const abort = (): void => {
          waiting.delete(id);
          running.postMessage({ abort: id });
          if (waiting.size === 0) running.unref();
          reject(signal.reason as Error);
        };
        const settled =
          <T>(settle: (value: T) => void) =>
          (value: T) => {
            signal.removeEventListener('abort', abort);
            settle(value);
          };
        running.postMessage({ id, name, request });
        running.ref();
        signal.addEventListener('abort', abort, { once: true });
        waiting.set(id, { resolve: settled(resolve), reject: settled(reject) });
      });

  return {
    readVolume: call('readVolume'),
    measure: call('measure'),
    encode: call('encode'),
    compareContent: call('compareContent'),
    async stop() {
      const ending = worker;
      failAll('the node is stopping', null);
      await ending?.terminate();
    },
  };
}
