import { asSitusError, type SitusError } from '../contracts/index.ts';

/** Exit codes of every command (design §4). */
export const EXIT = {
  done: 0,
  fault: 1,
  usage: 2,
  refused: 3,
  archive: 4,
  database: 5,
  /** `rules replay` alone: done, and something would change. */
  changes: 10,
} as const;

export function exitCodeOf(error: SitusError): number {
  if (error.errorClass === 'usage') return EXIT.usage;
  if (error.errorClass === 'refuse') return EXIT.refused;
  if (error.origin === 'archive') return EXIT.archive;
  if (error.origin === 'database') return EXIT.database;
  return EXIT.fault;
}

/** Prints a result: one JSON document with `--json`, else the lines a person reads. */
export function print(json: boolean, value: unknown, lines: () => readonly string[]): void {
  const text = json ? JSON.stringify(value, null, 2) : lines().join('\n');
  process.stdout.write(`${text}\n`);
}

/** Prints an error with its code and the next step on standard error and returns the exit code. */
export function printError(thrown: unknown, json: boolean): number {
  const error = asSitusError(thrown);
  if (json) {
    process.stderr.write(`${JSON.stringify({ error }, null, 2)}\n`);
  } else {
    process.stderr.write(`${error.code}: ${error.message}\n`);
    process.stderr.write(`  next: ${error.next}\n`);
    if (error.errorClass === 'fault' && error.cause instanceof Error && error.cause.stack) {
      process.stderr.write(`${error.cause.stack}\n`);
    }
  }
  return exitCodeOf(error);
}

/**
 * A table for a terminal: columns as wide as their longest cell, the header underlined. Rows stay
 * on one line each so that they can be piped into `grep`.
 */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string[] {
  const widths = header.map((name, column) =>
    Math.max(name.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd();
  return [line(header), line(widths.map((width) => '─'.repeat(width))), ...rows.map(line)];
}
