#!/usr/bin/env node
/**
 * Makes a clone ready: npm packages, database client, web page; nothing is done twice. Progress goes
 * to stderr, so that what a command prints on stdout stays its own.
 */
import { realpathSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone } from './lock.mjs';
import { STEPS, SetupError, takeStep } from './steps.mjs';

const OUTPUT_LINES = 40;

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '../..');

/** Takes every step, or those named in `only`. Resolves to the exit code: 0, or 1 after saying why. */
export async function ensure(only = STEPS.map((step) => step.name)) {
  const say = (line) => process.stderr.write(`situs setup: ${line}\n`);
  try {
    await alone(ROOT, say, async () => {
      for (const step of STEPS) if (only.includes(step.name)) await takeStep(step, ROOT, say);
    });
    return 0;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    const tail = error.output.trimEnd().split('\n').slice(-OUTPUT_LINES).join('\n');
    if (tail !== '') process.stderr.write(`${tail}\n`);
    say(`${error.message}. ${error.next}`);
    return 1;
  }
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === import.meta.filename) {
  process.exitCode = await ensure();
  if (process.exitCode === 0) process.stderr.write('situs setup: everything is in place\n');
}
