import pino from 'pino';

export type Logger = pino.Logger;

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'silent';
  /** Plain lines for a person on a terminal instead of JSON lines. */
  readonly plain?: boolean;
  /** Where the lines go; standard error when left out. */
  readonly to?: NodeJS.WritableStream;
}

/** Keys that may hold secrets or patient data and never reach the log. */
const REDACTED = ['password', 'token', 'authorization', 'patientName', '*.password', '*.token'];

/** The log of a node: JSON lines on standard error, so that standard output stays for results. */
export function createLogger(options: LogOptions): Logger {
  const base = {
    level: options.level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    redact: { paths: REDACTED, censor: '[redacted]' },
    serializers: { err: pino.stdSerializers.err },
  };
  if (options.to !== undefined) return pino(base, options.to);
  if (options.plain === true) return pino(base, plainStream());
  return pino(base, pino.destination({ dest: 2, sync: true }));
}

const LEVEL_NAMES: Readonly<Record<number, string>> = {
  20: 'debug',
  30: 'info',
  40: 'warn',
  50: 'error',
  60: 'fatal',
};

function plainStream(): { write(line: string): void } {
  return {
    write(line: string): void {
      const { level, time, msg, ...rest } = JSON.parse(line) as {
        level: number;
        time: string;
        msg?: string;
      } & Record<string, unknown>;
      const facts = Object.entries(rest)
        .map(
          ([key, value]) => `${key}=${typeof value === 'string' ? value : JSON.stringify(value)}`,
        )
        .join(' ');
      const name = (LEVEL_NAMES[level] ?? String(level)).padEnd(5);
      process.stderr.write(`${time.slice(11, 19)} ${name} ${msg ?? ''}${facts && `  ${facts}`}\n`);
    },
  };
}
