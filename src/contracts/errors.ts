/**
 * What a caller may do about an error (design §7, "Errors are …"):
 * `retry` the archive, database, disk or device was not there: trying later can help;
 * `refuse` the input can never be processed as it is;
 * `usage` the command line or configuration is wrong;
 * `fault` a defect of Situs itself.
 */
export type ErrorClass = 'retry' | 'refuse' | 'usage' | 'fault';

/** The part of the world an error comes from; decides the exit code of the command line. */
export type ErrorOrigin =
  'archive' | 'database' | 'disk' | 'device' | 'input' | 'configuration' | 'situs';

export interface SitusErrorOptions {
  /** Stable code in upper snake case, e.g. `MISSING_SLICES`. */
  readonly code: string;
  /** What happened and where, in words a radiology admin understands. */
  readonly message: string;
  /** What the reader can do next. */
  readonly next: string;
  readonly errorClass: ErrorClass;
  readonly origin: ErrorOrigin;
  /** Machine-readable facts (series, instances, attribute, figures); never patient data. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** The one error type that crosses room borders. */
export class SitusError extends Error {
  readonly code: string;
  readonly next: string;
  readonly errorClass: ErrorClass;
  readonly origin: ErrorOrigin;
  readonly details: Readonly<Record<string, unknown>>;

  constructor(options: SitusErrorOptions) {
    super(options.message, options.cause === undefined ? {} : { cause: options.cause });
    this.name = 'SitusError';
    this.code = options.code;
    this.next = options.next;
    this.errorClass = options.errorClass;
    this.origin = options.origin;
    this.details = options.details ?? {};
  }

  /** The error as plain data, which threads can pass on: `new SitusError` makes it one again, without its cause. */
  toJSON(): SitusErrorOptions {
    return {
      code: this.code,
      message: this.message,
      next: this.next,
      errorClass: this.errorClass,
      origin: this.origin,
      details: this.details,
    };
  }
}

/** The input (a series, a file, a checkpoint) can never be processed as it is. */
export const refuse = told('refuse', 'input');

/** The command line or the configuration is wrong. */
export const usage = told('usage', 'configuration');

/** Makes errors of one class that say what to do next. */
function told(errorClass: ErrorClass, origin: ErrorOrigin) {
  return (
    code: string,
    message: string,
    next: string,
    details: Readonly<Record<string, unknown>> = {},
    cause?: unknown,
  ): SitusError => new SitusError({ code, message, next, errorClass, origin, details, cause });
}

/** A defect of Situs: something that must never happen did. */
export function fault(
  code: string,
  message: string,
  details: Readonly<Record<string, unknown>> = {},
  cause?: unknown,
): SitusError {
  return new SitusError({
    code,
    message,
    next: 'This is a defect of Situs; please report it with the code, the version and the job.',
    errorClass: 'fault',
    origin: 'situs',
    details,
    cause,
  });
}

/** Wraps whatever was thrown, so that every error has a code, a class and a next step. */
export function asSitusError(thrown: unknown): SitusError {
  if (thrown instanceof SitusError) return thrown;
  const disk = diskCode(thrown);
  if (disk !== null) {
    return new SitusError({
      code: disk === 'ENOSPC' ? 'DISK_FULL' : 'DISK_UNUSABLE',
      message: `The disk refused to write or read (${disk}): ${messageOf(thrown)}`,
      next: 'Free space or repair the disk of the work folder; the work goes on by itself afterwards.',
      errorClass: 'retry',
      origin: 'disk',
      cause: thrown,
    });
  }
  return fault('INTERNAL', messageOf(thrown), {}, thrown);
}

export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

/**
 * The code of an error of the operating system, e.g. `ENOENT`; null for anything else. Not by
 * `instanceof`: errors of Node are made in another realm than code that runs under jest.
 */
export function systemCode(thrown: unknown): string | null {
  if (typeof thrown !== 'object' || thrown === null || !('code' in thrown)) return null;
  return typeof thrown.code === 'string' ? thrown.code : null;
}

/** Whether a file or folder was not there. */
export function isMissing(thrown: unknown): boolean {
  return systemCode(thrown) === 'ENOENT';
}

const DISK_CODES = new Set(['ENOSPC', 'EDQUOT', 'EIO', 'EROFS']);

function diskCode(thrown: unknown): string | null {
  const code = systemCode(thrown);
  return code !== null && DISK_CODES.has(code) ? code : null;
}
