import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Labels, Volume } from '../../../src/contracts/index.ts';
import { encodeSeg } from '../../../src/results/index.ts';
import { makeResultInput } from '../../support/results.ts';
import { STRUCTURE_NAMES } from '../../support/structures.ts';
import { makeVolume, TEST_RUN } from '../../support/volume.ts';
import { peakBytes, type ChildAnswer } from '../child.ts';

/** `child.ts FOLDER SLICES RUNS ENCODING`: a SEG from the label volume to the bytes; prints a `ChildAnswer`. */
const [folder = '', slices = '0', runs = '3', encoding = 'BINARY'] = process.argv.slice(2);
const shape = [Number(slices), 512, 512] as const;
// Only the grid counts for a SEG; a volume of one voxel a slice has it without the memory.
const small = makeVolume({ shape: [shape[0], 1, 1], modality: 'CT' });
const volume: Volume = { ...small, shape };
const labels: Labels = {
  voxels: new Uint8Array(readFileSync(join(folder, 'labels.u8'))),
  shape,
  structures: STRUCTURE_NAMES,
  run: TEST_RUN,
};
const isMap = encoding !== 'BINARY';
const input = {
  ...makeResultInput(volume, labels),
  encoding: isMap ? ('LABELMAP' as const) : ('BINARY' as const),
  compressed: encoding === 'RLE',
};
const baseBytes = peakBytes();
const seconds: number[] = [];
let size = 0;
for (let run = 0; run < Number(runs); run += 1) {
  globalThis.gc?.();
  const started = performance.now();
  const { bytes } = encodeSeg(input);
  seconds.push((performance.now() - started) / 1000);
  size = bytes.length;
}
const answer: ChildAnswer = {
  seconds,
  peakBytes: peakBytes(),
  baseBytes,
  figures: { mebibytes: Math.round(size / 2 ** 20) },
};
process.stdout.write(`\n${JSON.stringify(answer)}\n`);
