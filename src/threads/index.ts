export { answerTasks } from './answer-tasks.ts';
export { type Ask, withThreads, type ThreadsOptions } from './with-threads.ts';
