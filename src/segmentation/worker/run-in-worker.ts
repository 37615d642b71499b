import { Worker } from 'node:worker_threads';
import { fault, messageOf } from '../../contracts/index.ts';
import type { Progress, WorkMessage, WorkName, WorkOrder, WorkTypes } from './messages.ts';
import { abortedError, unpackError } from './messages.ts';

export interface WorkOptions {
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: Progress) => void) | undefined;
  /** Buffers of the task that move to the worker instead of being copied. */
  readonly transfer?: readonly ArrayBuffer[];
}

/** How long a worker may take to stop by itself, closing its network, before it is ended. */
const STOP_GRACE_MS = 1000;
/** A network run can't be interrupted; the caller is not kept waiting for it longer than this. */
const STOP_LIMIT_MS = 5000;

/**
 * Does the work in a thread of its own, so that the event loop here stays free. Errors arrive as the `SitusError`
 * that was thrown there. When the signal aborts, the promise rejects with `SEGMENTATION_ABORTED` as soon as the thread
 * has ended, at the latest after five seconds; a patch that is running then ends on its own.
 */
export function runInWorker<Name extends WorkName>(
  name: Name,
  task: WorkTypes[Name]['task'],
  options: WorkOptions = {},
): Promise<WorkTypes[Name]['outcome']> {
  const { signal, onProgress } = options;
  if (signal?.aborted === true) return Promise.reject(abortedError());
  return new Promise((resolve, reject) => {
    const stop = new Int32Array(new SharedArrayBuffer(4));
    const order: WorkOrder<Name> = { name, task, stop };
    const worker = new Worker(new URL('./worker.ts', import.meta.url), {
      workerData: order,
      transferList: [...(options.transfer ?? [])],
      execArgv: ['--disable-warning=ExperimentalWarning'],
    });
    const timers: NodeJS.Timeout[] = [];
    let outcome: { readonly value: WorkTypes[Name]['outcome'] } | null = null;
    let failure: Error | null = null;

    const onAbort = (): void => {
      failure ??= abortedError();
      Atomics.store(stop, 0, 1);
      timers.push(
        setTimeout(() => void worker.terminate(), STOP_GRACE_MS),
        setTimeout(settle, STOP_LIMIT_MS),
      );
    };
    function settle(): void {
      signal?.removeEventListener('abort', onAbort);
      for (const timer of timers) clearTimeout(timer);
      if (failure !== null) reject(failure);
      else if (outcome !== null) resolve(outcome.value);
      else reject(fault('WORKER_DIED', 'The segmentation thread ended without an answer.'));
    }

    signal?.addEventListener('abort', onAbort, { once: true });
    worker.on('message', (message: WorkMessage) => {
      if (message.kind === 'progress') onProgress?.(message.progress);
      else if (message.kind === 'failed') failure ??= unpackError(message.error);
      else outcome = { value: message.outcome as WorkTypes[Name]['outcome'] };
    });
    worker.on('error', (error: unknown) => {
      failure ??= fault(
        'WORKER_DIED',
        `The segmentation thread failed: ${messageOf(error)}`,
        {},
        error,
      );
    });
    worker.on('exit', settle);
  });
}
