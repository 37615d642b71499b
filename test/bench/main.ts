import { arch, cpus, totalmem } from 'node:os';
import { benchDicom } from './dicom.ts';
import { benchSegmentation } from './segmentation.ts';
import { benchSequences } from './sequences.ts';
import { benchTable } from './table.ts';
import type { Measurement } from './measure.ts';

/** `npm run bench -- [AREA…]`: one JSON line a figure, with the machine it was measured on. */
const AREAS: Readonly<Record<string, () => Promise<Measurement[]> | Measurement[]>> = {
  sequences: benchSequences,
  dicom: benchDicom,
  table: benchTable,
  segmentation: benchSegmentation,
};

const machine = {
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  memoryGiB: Math.round(totalmem() / 2 ** 30),
  arch: arch(),
  node: process.versions.node,
};

const named = process.argv.slice(2);
const unknown = named.find((area) => AREAS[area] === undefined);
if (unknown !== undefined) {
  process.stderr.write(
    `There is no area "${unknown}"; known are ${Object.keys(AREAS).join(', ')}.\n`,
  );
  process.exitCode = 2;
} else {
  for (const [area, bench] of Object.entries(AREAS)) {
    if (named.length > 0 && !named.includes(area)) continue;
    for (const measurement of await bench()) {
      process.stdout.write(`${JSON.stringify({ area, ...measurement, machine })}\n`);
    }
  }
}
