import { refuse, SitusError } from '../contracts/index.ts';

/** The download can go on later: what has arrived stays. */
export function interrupted(
  code: string,
  what: string,
  next: string,
  details: Readonly<Record<string, unknown>>,
  cause?: unknown,
): SitusError {
  return new SitusError({
    code,
    message: what,
    next,
    errorClass: 'retry',
    origin: 'situs',
    details,
    cause,
  });
}

/** Trying again can't help before somebody changes something. */
export function refused(
  code: string,
  address: string,
  what: string,
  next: string,
  details: Readonly<Record<string, unknown>> = {},
): SitusError {
  return refuse(code, `${shown(address)} ${what}.`, next, { address: shown(address), ...details });
}

/** An address for messages: without a user's name, password or a signature in its query. */
export function shown(address: string): string {
  const url = new URL(address);
  return `${url.protocol}//${url.host}${url.pathname}`;
}

export function mebibytes(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(bytes < 10 * 2 ** 20 ? 1 : 0)} MiB`;
}
