import { SitusError, fault, messageOf } from '../../contracts/index.ts';
import { memoryError } from './messages.ts';

/** How a process ended that gave no answer. */
export interface Death {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of what it wrote to its error output. */
  readonly stderr: string;
}

/**
 * Why a segmentation process died, as an error: signals come from outside or from native code (driver, runtime), where
 * another attempt can help; an exit without an answer is a defect of ours.
 */
export function deathOf({ code, signal, stderr }: Death): SitusError {
  const details = { signal, exitCode: code, stderr: lastLines(stderr) };
  if (/heap out of memory|bad_alloc/i.test(stderr)) return memoryError(details);
  if (signal === 'SIGKILL' || signal === 'SIGTERM') {
    return new SitusError({
      code: 'SEGMENTATION_KILLED',
      message: `The segmentation process was ended from outside (${signal}); a host that runs out of memory does that.`,
      next: 'Look into the system log for "out of memory". It is tried again by itself; when it stays, set a memory limit or give the host more memory.',
      errorClass: 'retry',
      origin: 'device',
      details,
    });
  }
  if (signal !== null) {
    return new SitusError({
      code: 'SEGMENTATION_CRASHED',
      message: `The segmentation process crashed (${signal}): ${details.stderr.at(-1) ?? 'it said nothing'}`,
      next: 'Check the device and its driver. It is tried again by itself; when it stays, use another device (cpu works everywhere) and report it.',
      errorClass: 'retry',
      origin: 'device',
      details,
    });
  }
  return fault(
    'SEGMENTATION_DIED',
    `The segmentation process ended without an answer (exit code ${code}): ${details.stderr.at(-1) ?? 'it said nothing'}`,
    details,
  );
}

/** The system had no room for another process. */
export function notStarted(cause: unknown): SitusError {
  return new SitusError({
    code: 'SEGMENTATION_NOT_STARTED',
    message: `A process for the segmentation can't be started: ${messageOf(cause)}`,
    next: 'Raise the limits on processes, open files or memory. It is tried again by itself.',
    errorClass: 'retry',
    origin: 'device',
    cause,
  });
}

/** Lines kept of the error output. */
const LINES = 10;

function lastLines(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
    .slice(-LINES);
}
