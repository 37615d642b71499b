import { withThreads } from '../threads/index.ts';
import type { Ask } from '../threads/index.ts';

import type { FrameAnswer, FrameTask } from './frame-task.ts';
import { refuseSeries } from './refusal.ts';
import type { Place } from './refusal.ts';

export interface DecodePoolOptions {
  /** At least 1. */
  readonly threads: number;
  /** How long a frame may take; longer is taken for a damaged stream. Default 30 s. */
  readonly frameMs?: number;
  /** Ends the threads. */
  readonly signal?: AbortSignal;
}

const DEFAULT_FRAME_MS = 30_000;

/**
 * Decodes frames into a shared volume on several threads, a frame at a time on each, so that no more
 * frames are in flight than there are threads. The threads have ended when this returns or throws.
 *
 * @param count number of frames.
 * @param taskOf what is to be done for frame `index`; called in order, when a thread is free.
 * @param take gets the answers in the order in which they arrive.
 * @throws SitusError what `decodeFrame` throws for the first damaged frame, whatever the number of
 *   threads; DECODE_FAILED for a frame that takes too long or ends its thread; the reason of the signal.
 */
export async function decodeOnThreads(
  voxels: Float32Array<SharedArrayBuffer>,
  count: number,
  taskOf: (index: number) => FrameTask,
  take: (index: number, answer: FrameAnswer) => void,
  { threads, frameMs = DEFAULT_FRAME_MS, signal }: DecodePoolOptions,
): Promise<void> {
  signal?.throwIfAborted();
  const overtime = new AbortController();
  const failures: { readonly index: number; readonly error: unknown }[] = [];
  let next = 0;

  const work = async (ask: Ask<FrameTask, FrameAnswer>): Promise<void> => {
    while (next < count && failures.length === 0) {
      const index = next++;
      try {
        const task = ownBytes(taskOf(index));
        const timer = setTimeout(() => {
          overtime.abort(tooSlow(task.frame.place, frameMs));
        }, frameMs);
        try {
          take(index, await ask(task));
        } finally {
          clearTimeout(timer);
        }
      } catch (error) {
        // Frames before this one are with other threads; theirs is told if they fail as well.
        failures.push({ index, error });
      }
    }
  };

  await withThreads<FrameTask, FrameAnswer>(
    {
      file: new URL('./decode-thread.ts', import.meta.url),
      data: voxels.buffer,
      count: Math.min(threads, count),
      died: ({ frame }, code) => died(frame.place, code),
      signal: signal === undefined ? overtime.signal : AbortSignal.any([signal, overtime.signal]),
    },
    work,
  );
  const [first] = failures.sort((a, b) => a.index - b.index);
  if (first !== undefined) throw first.error;
}

/** Sending a view sends all of the memory it looks at: the whole file. */
function ownBytes(task: FrameTask): FrameTask {
  return { ...task, frame: { ...task.frame, bytes: new Uint8Array(task.frame.bytes) } };
}

function tooSlow(place: Place, frameMs: number) {
  return refuseSeries(
    'DECODE_FAILED',
    place,
    `the pixel data cannot be decoded within ${frameMs / 1000} s.`,
    'Fetch the instance again, or ask the archive for Explicit VR Little Endian.',
    { frameMs },
  );
}

function died(place: Place, code: number) {
  return refuseSeries(
    'DECODE_FAILED',
    place,
    `the decoder ended (code ${code}).`,
    'Fetch the instance again, or ask the archive for Explicit VR Little Endian.',
    { exitCode: code },
  );
}
