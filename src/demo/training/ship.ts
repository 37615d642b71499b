/**
 * Ships a trained nnU-Net folder as the model `demo`: imports it, judges it on unseen phantoms, and
 * writes the model folder with its card, docs/accuracy.md and its picture.
 *
 *   node src/demo/training/ship.ts NNUNET_FOLDER VERSION [--seeds 9500-9559] [--out DIR] [--threads N]
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Structure } from '../../contracts/index.ts';
import type { Evaluation } from '../../evaluation/index.ts';
import { importModel, type ImportOptions } from '../../segmentation/index.ts';
import { evaluationOf, writeAccuracyPage } from './accuracy-page.ts';
import { judgeOnPhantoms } from './judge.ts';
import { seedsOf, SEEDS } from './seeds.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MODEL = join(ROOT, 'src', 'demo', 'models', 'demo');

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string', default: SEEDS },
    out: { type: 'string', default: join(tmpdir(), 'situs-accuracy') },
    threads: { type: 'string', default: String(availableParallelism()) },
  },
});
const [input, version] = positionals;
if (input === undefined || version === undefined) {
  process.stderr.write(
    'usage: node src/demo/training/ship.ts NNUNET_FOLDER VERSION [--seeds FIRST-LAST]\n',
  );
  process.exitCode = 2;
} else {
  await ship(input, version);
}

async function ship(folder: string, asVersion: string): Promise<void> {
  const structures = JSON.parse(
    await readFile(join(ROOT, 'config', 'structures.json'), 'utf8'),
  ) as readonly Structure[];
  const options: Omit<ImportOptions, 'out' | 'card'> = {
    input: folder,
    name: 'demo',
    version: asVersion,
    sequences: ['t1_in_phase', 'haste', 'ct_abdomen'],
    licence: 'Apache-2.0',
    intendedUse:
      'Demonstration and tests of Situs. Trained on generated phantoms only; not for patients.',
  };
  const scratch = await mkdtemp(join(tmpdir(), 'situs-ship-'));
  try {
    const trial = await importModel({ ...options, out: join(scratch, 'demo') });
    const scans = await judgeOnPhantoms({
      model: trial,
      structures,
      seeds: seedsOf(values.seeds),
      cache: values.out,
      threads: Number(values.threads),
      say: console.error,
    });
    const evaluation = evaluationOf(trial, scans);
    await rm(MODEL, { recursive: true, force: true });
    const shipped = await importModel({ ...options, out: MODEL, card: card(evaluation) });
    await writeAccuracyPage(ROOT, shipped, scans);
    console.error(`shipped ${shipped.name} ${shipped.version}, hash ${shipped.hash}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

/** Figures of the model's card: mean Dice by scan type, and by structure. */
function card({ cases, summary }: Evaluation): Record<string, string | number> {
  const seeds = [...new Set(cases.map((one) => one.case))];
  const figures: Record<string, string | number> = {
    manufacturer: 'The Situs developers',
    training:
      'Generated phantoms of CT, T1 in-phase and HASTE (src/demo/training); no patient data',
    limits: 'Coarse (6 mm); knows healthy adults only; anatomy and contrast of real scans differ',
    'judged on': `${seeds.length} unseen phantoms a scan type, seeds ${values.seeds}`,
  };
  for (const { scanType, mean } of summary.overall) {
    figures[`Dice ${scanType}`] = round(mean.dice ?? 0);
    for (const one of summary.structures) {
      const { mean: dice } = one.measures.dice;
      if (one.scanType !== scanType || dice === null || scanType === 'all') continue;
      figures[`Dice ${scanType} ${one.structure}`] = round(dice);
    }
  }
  return figures;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
