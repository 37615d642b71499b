import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { DamageReport } from '../support/damaged/run.ts';

const CASES = 10_000;
const LONGEST_MS = 5_000;
const MOST_BYTES = 2 ** 30;
const RUN = new URL('../support/damaged/run.ts', import.meta.url);

interface Outcome {
  readonly reports: readonly DamageReport[];
  readonly hung: boolean;
  readonly exit: number | string;
  readonly peakBytes: number;
}

/** Runs the cases in another process, which is ended when one takes too long. */
function runDamaged(first: number, count: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const reports: DamageReport[] = [];
    let hung = false;
    let peakBytes = 0;
    const child = fork(RUN, [String(first), String(count)], { execArgv: [] });
    const end = (): void => {
      hung = true;
      child.kill('SIGKILL');
    };
    // The first report also waits for the process to start and to make its inputs.
    let watchdog = setTimeout(end, 12 * LONGEST_MS);
    child.on('message', (report: DamageReport) => {
      reports.push(report);
      if (reports.length % 250 === 0) peakBytes = Math.max(peakBytes, peakOf(child.pid));
      clearTimeout(watchdog);
      watchdog = setTimeout(end, 2 * LONGEST_MS);
    });
    child.on('exit', (code, signal) => {
      clearTimeout(watchdog);
      resolve({ reports, hung, exit: code ?? signal ?? 'unknown', peakBytes });
    });
  });
}

/** Peak resident memory of a process that runs; 0 where the system does not tell. */
function peakOf(pid: number | undefined): number {
  if (process.platform !== 'linux') return 0;
  const status = readFileSync(`/proc/${pid ?? 'self'}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

describe(`${CASES} damaged DICOM series`, () => {
  it('end in a sound volume or a named refusal, quickly, without a crash and in bounded memory', async () => {
    const half = CASES / 2;
    const runs = await Promise.all([runDamaged(0, half), runDamaged(half, half)]);
    const reports = runs.flatMap((run) => run.reports);
    const last = runs.map((run) => run.reports.at(-1)?.what);
    expect(runs.map(({ hung, exit }, index) => [hung, exit, hung ? last[index] : ''])).toEqual([
      [false, 0, ''],
      [false, 0, ''],
    ]);
    expect(reports.filter(({ proper }) => !proper)).toEqual([]);
    expect(reports.filter(({ milliseconds }) => milliseconds > LONGEST_MS)).toEqual([]);
    expect(reports).toHaveLength(CASES);
    expect(Math.max(...runs.map(({ peakBytes }) => peakBytes))).toBeLessThan(MOST_BYTES);
    // A harness that always refuses, or never does, would test nothing.
    const refused = reports.filter(({ outcome }) => outcome !== 'result').length;
    expect(refused).toBeGreaterThan(CASES / 10);
    expect(CASES - refused).toBeGreaterThan(CASES / 10);
    expect(new Set(reports.map(({ outcome }) => outcome)).size).toBeGreaterThan(15);
  }, 300_000);
});
