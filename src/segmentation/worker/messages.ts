import type { ErrorClass, ErrorOrigin } from '../../contracts/index.ts';
import { SitusError, asSitusError } from '../../contracts/index.ts';
import type { ImportOutcome, ImportTask } from '../model/import.ts';
import type { SegmentOutcome, SegmentTask } from '../pipeline.ts';

/** The work a worker can do: name → what it gets and what it answers. */
export interface WorkTypes {
  readonly segment: { readonly task: SegmentTask; readonly outcome: SegmentOutcome };
  readonly import: { readonly task: ImportTask; readonly outcome: ImportOutcome };
}
export type WorkName = keyof WorkTypes;

/** What a worker is started with. */
export interface WorkOrder<Name extends WorkName = WorkName> {
  readonly name: Name;
  readonly task: WorkTypes[Name]['task'];
  /** Turns 1 when the work shall stop at the next occasion. */
  readonly stop: Int32Array<SharedArrayBuffer>;
}

export interface Progress {
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

export type WorkMessage =
  | { readonly kind: 'progress'; readonly progress: Progress }
  | { readonly kind: 'done'; readonly outcome: unknown }
  | { readonly kind: 'failed'; readonly error: PackedError };

/** A `SitusError` as it crosses a thread border, where class instances lose their class. */
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
  const error = isOutOfMemory(thrown) ? memoryError(thrown) : asSitusError(thrown);
  const { code, message, next, errorClass, origin, details } = error;
  const { cause } = error;
  const stack = cause instanceof Error ? cause.stack : error.stack;
  return { code, message, next, errorClass, origin, details, stack };
}

function isOutOfMemory(thrown: unknown): boolean {
  return thrown instanceof RangeError && /allocation failed|array length/i.test(thrown.message);
}

function memoryError(cause: unknown): SitusError {
  return new SitusError({
    code: 'MEMORY_EXHAUSTED',
    message: 'The host has not enough free memory for this volume and model.',
    next: 'Set a memory limit below what the host has, run fewer jobs at once, or use a larger host.',
    errorClass: 'retry',
    origin: 'device',
    cause,
  });
}

/** The error again; the other thread's stack is its cause. */
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
