import { SitusError, asSitusError, messageOf } from '../contracts/index.ts';

/** Codes of node, Postgres and Prisma that say: the database is not there now, later it may be. */
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EPIPE',
  'EHOSTUNREACH',
  'ENETUNREACH',
  '53300', // too_many_connections
  '57P01', // admin_shutdown
  '57P02', // crash_shutdown
  '57P03', // cannot_connect_now
  '08000',
  '08001',
  '08003',
  '08004',
  '08006',
  'P1001', // Prisma: cannot reach
  'P1002', // Prisma: reached, timed out
  'P1008', // Prisma: operation timed out
  'P1017', // Prisma: connection closed
  'P2024', // Prisma: no connection from the pool in time
  'P2028', // Prisma: transaction could not begin or was closed
  'P2037', // Prisma: too many connections
]);
const REFUSED = new Set(['28000', '28P01', '3D000', '42501', 'P1000', 'P1003', 'P1010']);
const FULL = new Set(['53100', '53400']);
/** Somebody else won a race: the same work done again sees what they wrote. */
const RACED = new Set(['40001', '40P01', '23505', 'P2034', 'P2002']);
/** node-postgres gives these no code. */
const CLOSED =
  /Connection terminated|timeout exceeded when trying to connect|Connection ended|ConnectionClosed|Server has closed the connection/i;

const MAX_DEPTH = 6;

/** Every code on the error and on what caused it. */
function codesOf(thrown: unknown, depth = 0): string[] {
  if (typeof thrown !== 'object' || thrown === null || depth > MAX_DEPTH) return [];
  const codes: string[] = [];
  for (const key of ['code', 'originalCode', 'kind'] as const) {
    const value = (thrown as Record<string, unknown>)[key];
    if (typeof value === 'string') codes.push(value);
  }
  for (const key of ['cause', 'meta', 'driverAdapterError', 'errors'] as const) {
    const inner = (thrown as Record<string, unknown>)[key];
    for (const one of Array.isArray(inner) ? (inner as unknown[]) : [inner]) {
      codes.push(...codesOf(one, depth + 1));
    }
  }
  return codes;
}

export function isRace(thrown: unknown): boolean {
  return codesOf(thrown).some((code) => RACED.has(code));
}

/** Gives whatever the driver or Prisma threw a code, a class and a next step (design §7). */
export function databaseError(thrown: unknown): SitusError {
  if (thrown instanceof SitusError) return thrown;
  const codes = codesOf(thrown);
  const has = (set: ReadonlySet<string>): boolean => codes.some((code) => set.has(code));
  if (
    has(UNREACHABLE) ||
    codes.includes('DatabaseNotReachable') ||
    CLOSED.test(deepMessage(thrown))
  ) {
    return new SitusError({
      code: 'DATABASE_UNREACHABLE',
      message: `The database does not answer: ${firstLine(thrown)}`,
      next: 'Start Postgres, or correct database.url in config/situs.yaml; work goes on by itself once it answers.',
      errorClass: 'retry',
      origin: 'database',
      cause: thrown,
    });
  }
  if (has(REFUSED)) {
    return new SitusError({
      code: 'DATABASE_REFUSED',
      message: `The database refuses Situs: ${firstLine(thrown)}`,
      next: 'Check user, password, database name and rights in database.url of config/situs.yaml.',
      errorClass: 'usage',
      origin: 'database',
      cause: thrown,
    });
  }
  if (has(FULL)) {
    return new SitusError({
      code: 'DATABASE_FULL',
      message: `The database has no room left: ${firstLine(thrown)}`,
      next: "Free space on the database server's disk; work goes on by itself afterwards.",
      errorClass: 'retry',
      origin: 'database',
      cause: thrown,
    });
  }
  return asSitusError(thrown);
}

function deepMessage(thrown: unknown, depth = 0): string {
  if (typeof thrown !== 'object' || thrown === null || depth > MAX_DEPTH) return '';
  const { message, cause } = thrown as { message?: unknown; cause?: unknown };
  return `${typeof message === 'string' ? message : ''}\n${deepMessage(cause, depth + 1)}`;
}

/** Prisma's messages begin with the call and a code frame; the last line says what happened. */
function firstLine(thrown: unknown): string {
  const lines = messageOf(thrown)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  const own = lines.at(-1);
  if (own !== undefined) return own.slice(0, 300);
  if (thrown instanceof AggregateError) return firstLine(thrown.errors[0]);
  return 'no further details';
}
