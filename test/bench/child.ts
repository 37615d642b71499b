import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const execute = promisify(execFile);

/** What a process that measures one case prints as its last line. */
export interface ChildAnswer {
  /** Of every run, in order. */
  readonly seconds: readonly number[];
  /** Most resident memory of the process, and what it had before the work. */
  readonly peakBytes: number;
  readonly baseBytes: number;
  readonly figures?: Readonly<Record<string, unknown>>;
}

/** Runs a case in a process of its own, so that peaks do not mix. */
export async function runChild(program: string, args: readonly string[]): Promise<ChildAnswer> {
  const { stdout } = await execute(program, args, { maxBuffer: 2 ** 26 });
  return JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ChildAnswer;
}

/** A TypeScript file with this Node. */
export const nodeChild = (file: string, args: readonly string[]): Promise<ChildAnswer> =>
  runChild(process.execPath, [
    '--expose-gc',
    '--disable-warning=ExperimentalWarning',
    file,
    ...args,
  ]);

/** Most resident memory of this process so far (Linux). */
export function peakBytes(): number {
  const match = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  return Number(match?.[1] ?? 0) * 1024;
}
