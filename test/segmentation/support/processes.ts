import { readFileSync, readdirSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { isMissing, systemCode } from '../../../src/contracts/index.ts';

/** Processes can be looked at from outside. */
export const HAS_PROC = process.platform === 'linux';

/** Ids of the segmentation processes that `parent` has started. */
export function segmentationProcesses(parent = process.pid): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      const command = read(pid, 'cmdline');
      return command.includes('segmentation/worker/entry.mjs') && fields(pid)[1] === String(parent);
    });
}

/** Whether the process is there; one that only waits to be collected has no memory and no threads. */
export function isThere(pid: number): boolean {
  const [state] = fields(pid);
  return state !== undefined && state !== 'Z' && state !== 'X';
}

/** Seconds of processor time that the process has used so far. */
export function processorSeconds(pid: number): number {
  const all = fields(pid);
  return (Number(all[11] ?? 0) + Number(all[12] ?? 0)) / 100;
}

/** Waits until `condition` holds; a test that waits for ever is ended by its own time limit. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await setTimeout(5);
}

/** Of `/proc/PID/stat`, from the state on. */
function fields(pid: number): string[] {
  const stat = read(pid, 'stat');
  return stat === '' ? [] : stat.slice(stat.lastIndexOf(')') + 2).split(' ');
}

function read(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'utf8');
  } catch (thrown) {
    if (isMissing(thrown) || systemCode(thrown) === 'ESRCH') return '';
    throw thrown;
  }
}
