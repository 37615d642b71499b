import { parentPort } from 'node:worker_threads';
import { asSitusError, type SitusErrorOptions } from '../contracts/index.ts';

/** What a thread sends back for a task. */
export type TaskAnswer<Answer> =
  { readonly answer: Answer } | { readonly error: SitusErrorOptions };

/** In a thread of `withThreads`: answers every task; what is thrown goes back as an error. */
export function answerTasks<Task, Answer>(answer: (task: Task) => Answer | Promise<Answer>): void {
  parentPort?.on('message', (task: Task) => {
    void answerTo(task, answer).then((said) => parentPort?.postMessage(said));
  });
}

async function answerTo<Task, Answer>(
  task: Task,
  answer: (task: Task) => Answer | Promise<Answer>,
): Promise<TaskAnswer<Answer>> {
  try {
    return { answer: await answer(task) };
  } catch (thrown) {
    return { error: asSitusError(thrown).toJSON() };
  }
}
