import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildVolume, readInstance } from '../../../src/imaging/index.ts';
import { peakBytes, type ChildAnswer } from '../child.ts';

/** `read-child.ts FOLDER [THREADS]`: a series from its files to the volume, as the compute thread reads it; prints a `ChildAnswer`. */
const [folder = '', threads = ''] = process.argv.slice(2);
const baseBytes = peakBytes();
const started = performance.now();
const instances = [];
for (const name of readdirSync(folder)) {
  instances.push(readInstance(await readFile(join(folder, name))));
}
const { shape } = await buildVolume(instances, null, {
  shared: true,
  ...(threads === '' ? {} : { threads: Number(threads) }),
});
const answer: ChildAnswer = {
  seconds: [(performance.now() - started) / 1000],
  peakBytes: peakBytes(),
  baseBytes,
  figures: { shape },
};
process.stdout.write(`\n${JSON.stringify(answer)}\n`);
