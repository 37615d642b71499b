import { arch, cpus, loadavg, totalmem } from 'node:os';
import { messageOf } from '../../src/contracts/index.ts';
import { benchDicom } from './dicom.ts';
import { benchEvaluation } from './evaluation.ts';
import type { Measurement } from './measure.ts';
import { type BenchCall, type BenchOptions, readOptions } from './options.ts';
import { benchReplay } from './replay.ts';
import { benchSegmentation } from './segmentation.ts';
import { benchSequences } from './sequences.ts';
import { benchTable } from './table.ts';

type Results = readonly Measurement[] | AsyncIterable<Measurement>;

/**
 * `npm run bench -- [AREA…] [--reference PYTHON] [--full] [--only TEXT]`: one JSON line a figure, with the machine it was
 * measured on.
 */
const AREAS: Readonly<Record<string, (options: BenchOptions) => Results | Promise<Results>>> = {
  evaluation: benchEvaluation,
  sequences: benchSequences,
  replay: benchReplay,
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

async function run({ areas, ...options }: BenchCall): Promise<void> {
  for (const area of areas) {
    for await (const measurement of (await AREAS[area]?.(options)) ?? []) {
      const load = Math.round((loadavg()[0] ?? 0) * 10) / 10;
      process.stdout.write(`${JSON.stringify({ area, ...measurement, machine, load })}\n`);
    }
  }
}

let call: BenchCall | null = null;
try {
  call = readOptions(process.argv.slice(2), Object.keys(AREAS));
} catch (error) {
  process.stderr.write(`${messageOf(error)}\n`);
  process.exitCode = 2;
}
if (call !== null) await run(call);
