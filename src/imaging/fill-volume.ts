import { setImmediate as nextTurn } from 'node:timers/promises';

import { cutFrame } from './decode-frame.ts';
import { decodeOnThreads } from './decode-pool.ts';
import { decodeInto } from './frame-task.ts';
import type { FrameAnswer, FrameTask } from './frame-task.ts';
import { placeOfFrames } from './image-frame.ts';
import type { PlacedFrame } from './image-frame.ts';
import { pixelFormatOf } from './pixel-format.ts';
import { refuseSeries } from './refusal.ts';
import { rescaleOf } from './rescale.ts';

export interface FillOptions {
  /** Voxels and padding in shared memory, so that another thread gets them without a copy. */
  readonly shared?: boolean;
  /**
   * Threads that decode compressed frames; needs `shared`. Without it, and for series without a
   * compressed frame, the calling thread decodes: a thread costs more than copying samples does.
   */
  readonly threads?: number;
  /** How long a frame may take on a thread, in ms; longer is taken for a damaged stream. */
  readonly frameMs?: number;
  /** Ends the decoding; its reason is thrown. */
  readonly signal?: AbortSignal;
}

/** What padding becomes on CT: air, as the networks were trained with (dicom-seg-sr §5.3). */
const CT_PADDING = -1024;
/** The event loop gets its turn at least this often while frames are decoded. */
const TURN_MS = 20;

export interface Filled {
  readonly voxels: Float32Array;
  readonly padding: Uint8Array | null;
}

/**
 * Decodes the slices into one volume; the same values whatever the number of threads.
 *
 * @param slices one frame a position, ascending, all of `pixels` pixels.
 * @throws SitusError as `decodeFrame`; EMPTY_IMAGE all padding or all of one value.
 */
export async function fillVolume(
  slices: readonly PlacedFrame[],
  pixels: number,
  modality: 'CT' | 'MR',
  { shared = false, threads, frameMs, signal }: FillOptions,
): Promise<Filled> {
  const size = slices.length * pixels;
  let padding: Uint8Array | null = null;
  let minimum = Number.POSITIVE_INFINITY;
  let maximum = Number.NEGATIVE_INFINITY;
  const take = (index: number, answer: FrameAnswer): void => {
    if (answer.padding !== null) {
      padding ??= new Uint8Array(shared ? new SharedArrayBuffer(size) : new ArrayBuffer(size));
      padding.set(answer.padding, index * pixels);
    }
    minimum = Math.min(minimum, answer.minimum);
    maximum = Math.max(maximum, answer.maximum);
  };
  const tasks = (index: number): FrameTask => taskOf(slices, index, pixels);
  let voxels: Float32Array;
  if (shared && threads !== undefined && slices.some(isCompressed)) {
    const memory = new Float32Array(new SharedArrayBuffer(size * 4));
    voxels = memory;
    await decodeOnThreads(memory, slices.length, tasks, take, {
      threads,
      ...(frameMs === undefined ? {} : { frameMs }),
      ...(signal === undefined ? {} : { signal }),
    });
  } else {
    voxels = new Float32Array(shared ? new SharedArrayBuffer(size * 4) : new ArrayBuffer(size * 4));
    let turn = performance.now();
    for (const index of slices.keys()) {
      signal?.throwIfAborted();
      take(index, await decodeInto(voxels, tasks(index)));
      if (performance.now() - turn <= TURN_MS) continue;
      await nextTurn();
      turn = performance.now();
    }
  }
  if (!(maximum > minimum)) throw empty(slices, maximum === minimum ? minimum : null);
  setPadding(voxels, padding, modality === 'CT' ? CT_PADDING : minimum);
  return { voxels, padding };
}

function isCompressed({ instance }: PlacedFrame): boolean {
  return instance.pixels?.kind === 'encapsulated';
}

function taskOf(slices: readonly PlacedFrame[], index: number, pixels: number): FrameTask {
  const slice = slices[index];
  if (slice === undefined) throw new RangeError(`there is no slice ${index}`);
  const { slope, intercept } = rescaleOf(slice);
  const { instance, record } = slice;
  const place = { ...placeOfFrames([slice]), frameNumber: record.source.frameNumber };
  const frame = cutFrame(instance, pixelFormatOf(instance.dataset, place), record.index);
  return { frame, slope, intercept, offset: index * pixels };
}

function setPadding(voxels: Float32Array, padding: Uint8Array | null, value: number): void {
  if (padding === null) return;
  for (let i = 0; i < voxels.length; i++) if (padding[i] === 1) voxels[i] = value;
}

function empty(slices: readonly PlacedFrame[], value: number | null) {
  return refuseSeries(
    'EMPTY_IMAGE',
    placeOfFrames(slices),
    value === null ? 'every voxel is padding.' : `every voxel has the value ${value}.`,
    'Choose another series: this one holds no picture.',
    { value },
  );
}
