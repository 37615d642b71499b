export { createCompute, type Compute } from './compute.ts';
export type { EncodeRequest } from './compute-calls.ts';
export type { SegmentationSettings, WorkerParts } from './context.ts';
export type { ActiveRules } from './active-rules.ts';
export { createDecider, type Decider } from './decide.ts';
export { earlierResults } from './earlier-results.ts';
export { Mutex } from './mutex.ts';
export { openQueue, type Queue } from './queue.ts';
export {
  recall,
  recallable,
  type RecalledStudy,
  type RecallOrder,
  type RecallParts,
} from './recall.ts';
export { STEPS, type StepDefinition, type StepName } from './steps.ts';
export { WorkFolder } from './work-folder.ts';
export { createWorker, type Worker } from './worker.ts';
