import { parentPort, workerData } from 'node:worker_threads';
import { onnxRuntimeEngine } from '../engine/onnx-runtime.ts';
import { runPipeline } from '../pipeline.ts';
import type { WorkMessage, WorkOrder } from './messages.ts';
import { abortedError, packError } from './messages.ts';

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 100;

const order = workerData as WorkOrder;
let lastTold = Number.NEGATIVE_INFINITY;
let lastPhase = '';

function tell(message: WorkMessage, transfer: ArrayBuffer[] = []): void {
  parentPort?.postMessage(message, transfer);
}

function watch(phase: string, done: number, total: number): void {
  if (Atomics.load(order.stop, 0) !== 0) throw abortedError();
  const now = performance.now();
  if (phase === lastPhase && done !== total && now - lastTold < PROGRESS_INTERVAL_MS) return;
  lastTold = now;
  lastPhase = phase;
  tell({ kind: 'progress', progress: { phase, done, total } });
}

async function work(): Promise<void> {
  if (isOrder(order, 'segment')) {
    const { task } = order;
    const outcome = await runPipeline(task, onnxRuntimeEngine(task), watch);
    tell({ kind: 'done', outcome }, [outcome.labels.buffer]);
  } else if (isOrder(order, 'import')) {
    const { runImport } = await import('../model/import.ts');
    tell({ kind: 'done', outcome: await runImport(order.task, watch) });
  }
}

function isOrder<Name extends WorkOrder['name']>(
  candidate: WorkOrder,
  name: Name,
): candidate is WorkOrder<Name> & WorkOrder {
  return candidate.name === name;
}

try {
  await work();
} catch (thrown) {
  tell({ kind: 'failed', error: packError(thrown) });
}
