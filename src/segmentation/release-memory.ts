import { setImmediate } from 'node:timers/promises';

/** Bytes that may lie around before they are collected; a collection takes some milliseconds. */
const MOST_GARBAGE = 64 * 2 ** 20;

let garbage = 0;

/**
 * Says that so many bytes of arrays are no longer used. The engine frees arrays only when it feels like it, which does not
 * have the size of what stands behind them in mind: outputs of the runtime are hundreds of megabytes. In a segmentation process,
 * which is started with `--expose-gc`, they are collected at once, so that what a job takes is what it needs;
 * elsewhere the engine is left alone.
 * @param bytes infinite: collect now, whatever it was
 */
export async function releaseMemory(bytes: number): Promise<void> {
  garbage += bytes;
  if (garbage < MOST_GARBAGE) return;
  garbage = 0;
  if (globalThis.gc === undefined) return;
  globalThis.gc();
  // What stands behind arrays of native code is freed when the event loop turns.
  await setImmediate();
}
