import type { ChildAnswer } from '../child.ts';
import { peakBytes } from '../child.ts';
import { WORK, type CaseParameters } from './work.ts';

/** `child.ts CASE FOLDER PARAMETERS`: one warm-up, then the runs; prints a `ChildAnswer`. */
const [name = '', folder = '', json = '{}'] = process.argv.slice(2);
const parameters = JSON.parse(json) as CaseParameters;
const run = await WORK[name]?.(folder, parameters);
if (run === undefined) throw new Error(`There is no case "${name}".`);
const baseBytes = peakBytes();
const seconds: number[] = [];
let figures: Readonly<Record<string, unknown>> = {};
for (let i = 0; i < parameters.runs; i += 1) {
  const started = performance.now();
  const result = await run();
  seconds.push(result.seconds ?? (performance.now() - started) / 1000);
  figures = result.figures ?? {};
}
const answer: ChildAnswer = { seconds, peakBytes: peakBytes(), baseBytes, figures };
process.stdout.write(`\n${JSON.stringify(answer)}\n`);
process.exit(0);
