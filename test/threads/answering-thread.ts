/** Thread of a test: adds to a number; some numbers are refused, some end it. */
import { workerData } from 'node:worker_threads';
import { refuse } from '../../src/contracts/index.ts';
import { answerTasks } from '../../src/threads/index.ts';

const added = workerData as number;

answerTasks((task: number) => {
  if (task < 0) throw refuse('NEGATIVE', 'The number is negative.', 'Give another.', { task });
  if (task === 0) process.exit(3);
  return task + added;
});
