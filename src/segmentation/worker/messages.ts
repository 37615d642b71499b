import type { ErrorClass, ErrorOrigin } from '../../contracts/index.ts';
import { SitusError, asSitusError, messageOf } from '../../contracts/index.ts';
import type { EngineOptions } from '../engine/engine.ts';
import type { ImportOutcome, ImportTask } from '../model/import.ts';
import type { SegmentOutcome, SegmentTask } from '../pipeline.ts';

/**
 * The work a process can do: name → what it gets and what it answers. Voxels and labels are not among them: they go
 * through a pipe of their own.
 */
export interface WorkTypes {
  readonly segment: {
    readonly task: Omit<SegmentTask, 'voxels'>;
    readonly outcome: Omit<SegmentOutcome, 'labels'>;
  };
  readonly import: { readonly task: ImportTask; readonly outcome: ImportOutcome };
  /** Whether a device works; fails where it does not. */
  readonly probe: { readonly task: EngineOptions; readonly outcome: null };
}
export type WorkName = keyof WorkTypes;

/** What a process is told first. */
export interface WorkOrder<Name extends WorkName = WorkName> {
  readonly name: Name;
  readonly task: WorkTypes[Name]['task'];
  /** Bytes that come through the pipe. */
  readonly inputBytes: number;
}

export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export type WorkMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly outcome: unknown; readonly peakBytes: number }
  | { readonly kind: 'failed'; readonly error: PackedError };

/** Places of the pipes among the file descriptors of a segmentation process. */
export const DATA_PIPE = 4;
export const LIFELINE_PIPE = 5;

/** A `SitusError` as it crosses a process border, where class instances lose their class. */
export interface PackedError {
  readonly code: string;
  readonly message: string;
  readonly next: string;
  readonly errorClass: ErrorClass;
  readonly origin: ErrorOrigin;
  readonly details: Readonly<Record<string, unknown>>;
  readonly stack: string | undefined;
}

export function packError(thrown: unknown): PackedError {
  const error = isOutOfMemory(thrown) ? memoryError({}, thrown) : asSitusError(thrown);
  const { code, message, next, errorClass, origin, details } = error;
  const { cause } = error;
  const stack = cause instanceof Error ? cause.stack : error.stack;
  return { code, message, next, errorClass, origin, details, stack };
}

/** Of V8 a `RangeError`; of ONNX Runtime any error, perhaps as the cause of one of ours. */
function isOutOfMemory(thrown: unknown): boolean {
  if (thrown instanceof RangeError)
    return /allocation failed|could not allocate|array length/i.test(thrown.message);
  const cause = thrown instanceof SitusError ? thrown.cause : thrown;
  return /bad_alloc|failed to allocate memory/i.test(messageOf(cause));
}

export function memoryError(
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): SitusError {
  return new SitusError({
    code: 'MEMORY_EXHAUSTED',
    message: 'The host has not enough free memory for this volume and model.',
    next: 'Set a memory limit below what the host has, run fewer jobs at once, or use a larger host.',
    errorClass: 'retry',
    origin: 'device',
    details,
    cause,
  });
}

/** The error again; the other process's stack is its cause. */
export function unpackError(packed: PackedError): SitusError {
  const { stack, ...options } = packed;
  return new SitusError(stack === undefined ? options : { ...options, cause: { stack } });
}

export function abortedError(): SitusError {
  return new SitusError({
    code: 'SEGMENTATION_ABORTED',
    message: 'The segmentation was stopped before it was finished.',
    next: 'Start it again when it is wanted.',
    errorClass: 'retry',
    origin: 'situs',
  });
}
