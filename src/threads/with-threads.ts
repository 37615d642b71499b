import { Worker } from 'node:worker_threads';
import { SitusError } from '../contracts/index.ts';
import type { TaskAnswer } from './answer-tasks.ts';

export interface ThreadsOptions<Task> {
  /** The module that a thread runs; it calls `answerTasks`. */
  readonly file: URL;
  /** What every thread gets as `workerData`. */
  readonly data: unknown;
  readonly count: number;
  /** The error of a thread that ends, with this exit code, before it has answered a task. */
  readonly died: (task: Task, code: number) => SitusError;
  /** Ends the threads. */
  readonly signal?: AbortSignal;
}

/** Gives a thread one task and waits for its answer; rejects with the error that the task ended in. */
export type Ask<Task, Answer> = (task: Task) => Promise<Answer>;

/**
 * Starts threads, runs `work` once for each of them, side by side, and ends them when all are through
 * or one has thrown.
 * @throws what `work` throws; the reason of the signal once it is aborted.
 */
export async function withThreads<Task, Answer>(
  { file, data, count, died, signal }: ThreadsOptions<Task>,
  work: (ask: Ask<Task, Answer>) => Promise<void>,
): Promise<void> {
  const workers: Worker[] = [];
  const stop = (): void => {
    for (const worker of workers) void worker.terminate();
  };
  signal?.addEventListener('abort', stop, { once: true });
  try {
    for (let started = 0; started < count; started += 1) {
      workers.push(new Worker(file, { workerData: data }));
    }
    await Promise.all(workers.map((worker) => work((task) => answerOf(worker, task, died))));
  } finally {
    signal?.removeEventListener('abort', stop);
    await Promise.all(workers.map((worker) => worker.terminate()));
    signal?.throwIfAborted();
  }
}

function answerOf<Task, Answer>(
  worker: Worker,
  task: Task,
  died: ThreadsOptions<Task>['died'],
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const listeners = {
      message: (said: TaskAnswer<Answer>) =>
        settle(() => ('error' in said ? reject(new SitusError(said.error)) : resolve(said.answer))),
      error: (error: Error) => settle(() => reject(error)),
      exit: (code: number) => settle(() => reject(died(task, code))),
    };
    const settle = (then: () => void): void => {
      for (const [event, listener] of Object.entries(listeners)) worker.off(event, listener);
      then();
    };
    for (const [event, listener] of Object.entries(listeners)) worker.on(event, listener);
    worker.postMessage(task);
  });
}
