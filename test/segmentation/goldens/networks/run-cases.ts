/**
 * Compares Situs with nnU-Net on what random_cases.py made: node run-cases.ts FOLDER. Prints a line a case and the worst
 * of them; exits with 1 when a case has different labels on more than 1e-4 of its foreground voxels.
 */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openCase, runCase } from '../../support/network-cases.ts';

const LIMIT = 1e-4;
const [folder = '.'] = process.argv.slice(2);
const scratch = mkdtempSync(join(tmpdir(), 'situs-cases-'));
let worst = 0;
let different = 0;
let foreground = 0;
try {
  for (const name of readdirSync(folder).sort()) {
    const result = await runCase(openCase(join(folder, name)), join(scratch, name));
    const share = result.different / Math.max(1, result.foreground);
    worst = Math.max(worst, share);
    different += result.different;
    foreground += result.foreground;
    process.stdout.write(
      `${name}: ${result.different} of ${result.foreground} foreground voxels (${share.toExponential(1)}), lowest Dice ${result.dice.toFixed(6)}\n`,
    );
  }
} finally {
  rmSync(scratch, { recursive: true, force: true });
}
process.stdout.write(`all: ${different} of ${foreground}; worst case ${worst.toExponential(1)}\n`);
process.exitCode = worst > LIMIT ? 1 : 0;
