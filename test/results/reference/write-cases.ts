import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { encodeSeg, encodeSr } from '../../../src/results/index.ts';
import { randomLabels, randomSeries, readRandomSeries } from '../../support/random-geometry.ts';
import { makeFindings, makeResultInput } from '../../support/results.ts';

/**
 * Writes the results of random series for `read_back.py`: SEG (BINARY and label map), SR, the labels and
 * what the readers must find. Arguments: folder, count, seed.
 */
const [folder = 'cases', count = '200', seed = '1'] = process.argv.slice(2);

const drawn = fc.sample(randomSeries, { numRuns: Number(count), seed: Number(seed) });
let written = 0;
for (const series of drawn) {
  if (series.lost !== null) continue;
  const volume = await readRandomSeries(series);
  const labels = randomLabels(volume, series);
  const input = makeResultInput(volume, labels);
  const findings = makeFindings(volume, labels);
  const seg = encodeSeg(input);
  const into = join(folder, String(written).padStart(4, '0'));
  mkdirSync(into, { recursive: true });
  writeFileSync(join(into, 'seg.dcm'), seg.bytes);
  writeFileSync(
    join(into, 'map.dcm'),
    encodeSeg({ ...input, encoding: 'LABELMAP', compressed: true }).bytes,
  );
  writeFileSync(join(into, 'sr.dcm'), encodeSr({ ...input, findings, segmentation: seg }).bytes);
  writeFileSync(join(into, 'labels.raw'), labels.voxels);
  writeFileSync(
    join(into, 'expected.json'),
    JSON.stringify({ shape: volume.shape, affine: volume.affine, findings }),
  );
  written += 1;
}
process.stdout.write(`${written} cases in ${folder}\n`);
