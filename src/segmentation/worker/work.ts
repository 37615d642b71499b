import { readFileSync, readSync, writeFileSync, writeSync } from 'node:fs';
import { messageOf, systemCode } from '../../contracts/index.ts';
import { openEngine } from '../engine/open-engine.ts';
import { runPipeline } from '../pipeline.ts';
import type { WorkMessage, WorkOrder } from './messages.ts';
import { DATA_PIPE, packError } from './messages.ts';

/** Progress is told at most this often. */
const PROGRESS_INTERVAL_MS = 100;

let lastTold = Number.NEGATIVE_INFINITY;
let lastPhase = '';

/** Waits for one order, does it, tells the outcome, and then waits to be ended by the parent. */
export async function work(): Promise<void> {
  preferredVictim();
  const order = await new Promise<WorkOrder>((resolve) => {
    process.once('message', (message) => {
      resolve(message as WorkOrder);
    });
  });
  // Keeps the channel, and so the process, open until the parent has everything.
  process.on('message', () => undefined);
  try {
    await fulfil(order);
  } catch (thrown) {
    tell({ kind: 'failed', error: packError(thrown) });
  }
}

async function fulfil(order: WorkOrder): Promise<void> {
  if (isOrder(order, 'segment')) {
    const task = { ...order.task, voxels: readFloats(order.inputBytes) };
    const { labels, ...outcome } = await runPipeline(task, await openEngine(task), watch);
    writeAll(labels);
    tell({ kind: 'done', outcome, peakBytes: peakBytes() });
  } else if (isOrder(order, 'import')) {
    const { runImport } = await import('../model/import.ts');
    const outcome = await runImport(order.task, watch);
    tell({ kind: 'done', outcome, peakBytes: peakBytes() });
  } else if (isOrder(order, 'probe')) {
    const { openRuntime } = await import('../engine/session.ts');
    const { probeDevice } = await import('../engine/device-probe.ts');
    await probeDevice(openRuntime(order.task));
    tell({ kind: 'done', outcome: null, peakBytes: peakBytes() });
  }
}

function isOrder<Name extends WorkOrder['name']>(
  candidate: WorkOrder,
  name: Name,
): candidate is WorkOrder<Name> & WorkOrder {
  return candidate.name === name;
}

function tell(message: WorkMessage): void {
  process.send?.(message);
}

function watch(phase: string, done: number, total: number): void {
  const now = performance.now();
  if (phase === lastPhase && done !== total && now - lastTold < PROGRESS_INTERVAL_MS) return;
  lastTold = now;
  lastPhase = phase;
  tell({ kind: 'progress', progress: { phase, done, total } });
}

/** Bytes straight into their place. Blocking is right here: without them there is nothing to do. */
function readFloats(bytes: number): Float32Array<ArrayBuffer> {
  const values = new Float32Array(bytes / 4);
  const target = new Uint8Array(values.buffer);
  for (let at = 0; at < target.length;) {
    const count = readSync(DATA_PIPE, target, at, target.length - at, null);
    if (count === 0) throw new Error('the parent stopped sending voxels');
    at += count;
  }
  return values;
}

function writeAll(source: Uint8Array): void {
  for (let at = 0; at < source.length;) {
    at += writeSync(DATA_PIPE, source, at, source.length - at);
  }
}

/**
 * Where the kernel runs out of memory it shall end this process, which can be tried again, before the node or its
 * database. Only Linux knows this; a sandbox may forbid it, and then the kernel chooses as it likes.
 */
function preferredVictim(): void {
  if (process.platform !== 'linux') return;
  try {
    writeFileSync('/proc/self/oom_score_adj', '500');
  } catch (error) {
    if (systemCode(error) === null) throw error;
    process.stderr.write(`The kernel's choice of victims stays as it is: ${messageOf(error)}\n`);
  }
}

/**
 * Most resident memory so far. Linux has it by process; elsewhere `getrusage` has it, on Linux that would count
 * what the parent had when it started this process.
 */
function peakBytes(): number {
  if (process.platform !== 'linux') return process.resourceUsage().maxRSS * 1024;
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return match === null ? process.resourceUsage().maxRSS * 1024 : Number(match[1]) * 1024;
}
