/**
 * Ships a trained nnU-Net folder as the model `demo`: imports it, judges it on unseen phantoms, and
 * writes the model folder with its card and docs/accuracy.md.
 *
 *   node src/demo/training/ship.ts NNUNET_FOLDER VERSION [FIRST_SEED-LAST_SEED]
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Structure } from '../../contracts/index.ts';
import { importModel, type ImportOptions } from '../../segmentation/index.ts';
import { accuracyOnPhantoms, type Accuracy } from './accuracy.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const MODEL = join(ROOT, 'src', 'demo', 'models', 'demo');
const SEEDS = '9500-9511';

const [input, version, range = SEEDS] = process.argv.slice(2);
if (input === undefined || version === undefined) {
  process.stderr.write(
    'usage: node src/demo/training/ship.ts NNUNET_FOLDER VERSION [FIRST-LAST]\n',
  );
  process.exitCode = 2;
} else {
  await ship(input, version, seedsOf(range));
}

async function ship(input: string, version: string, seeds: readonly number[]): Promise<void> {
  const say = (line: string): void => console.error(line);
  const structures = JSON.parse(
    await readFile(join(ROOT, 'config', 'structures.json'), 'utf8'),
  ) as readonly Structure[];
  const options: Omit<ImportOptions, 'out' | 'card'> = {
    input,
    name: 'demo',
    version,
    sequences: ['t1_in_phase', 'haste', 'ct_abdomen'],
    licence: 'Apache-2.0',
    intendedUse:
      'Demonstration and tests of Situs. Trained on generated phantoms only; not for patients.',
  };
  const scratch = await mkdtemp(join(tmpdir(), 'situs-ship-'));
  try {
    const trial = await importModel({ ...options, out: join(scratch, 'demo') });
    const accuracy = await accuracyOnPhantoms(trial, structures, seeds, say);
    await rm(MODEL, { recursive: true, force: true });
    const shipped = await importModel({ ...options, out: MODEL, card: card(accuracy) });
    await writeFile(
      join(ROOT, 'docs', 'accuracy.md'),
      page(accuracy, shipped.version, shipped.hash),
    );
    say(`shipped ${shipped.name} ${shipped.version}, hash ${shipped.hash}`);
    for (const { sequence, mean } of accuracy.sequences) say(`${sequence}: ${mean.toFixed(3)}`);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
}

function card(accuracy: Accuracy): Record<string, string | number> {
  const figures: Record<string, string | number> = {
    manufacturer: 'The Situs developers',
    training:
      'Generated phantoms of CT, T1 in-phase and HASTE (src/demo/training); no patient data',
    limits: 'Coarse (6 mm); knows healthy adults only; anatomy and contrast of real scans differ',
    'judged on': `${accuracy.seeds.length} unseen phantoms a scan type, seeds ${accuracy.seeds[0] ?? ''} to ${accuracy.seeds.at(-1) ?? ''}`,
  };
  for (const { sequence, mean, structures } of accuracy.sequences) {
    figures[`Dice ${sequence}`] = round(mean);
    for (const { name, dice } of structures) {
      if (dice !== null) figures[`Dice ${sequence} ${name}`] = round(dice);
    }
  }
  return figures;
}

function page(accuracy: Accuracy, version: string, hash: string): string {
  const { sequences, seeds } = accuracy;
  const names = sequences[0]?.structures.map((one) => one.name) ?? [];
  const cell = (dice: number | null | undefined): string =>
    dice === null || dice === undefined ? '–' : dice.toFixed(2);
  const row = (name: string, values: readonly (number | null | undefined)[]): string =>
    `| ${name} | ${values.map(cell).join(' | ')} |`;
  return `${[
    '# Accuracy of the demonstration model',
    '',
    `Model \`demo\` ${version}, hash \`${hash}\`. It was trained on generated phantoms and is judged here on ${seeds.length} phantoms it has never seen`,
    `(seeds ${seeds[0] ?? ''} to ${seeds.at(-1) ?? ''}), each scanned as CT, T1 in-phase and HASTE, through the whole of Situs' segmentation: mean Dice over the phantoms whose scan shows`,
    'the structure. **Nothing follows from this for patients.** Made by `node src/demo/training/ship.ts`; how to train it anew is in',
    '[src/demo/training](../src/demo/training/README.md).',
    '',
    `| structure | ${sequences.map((one) => one.sequence).join(' | ')} |`,
    `|---|${sequences.map(() => '---|').join('')}`,
    row(
      '**mean**',
      sequences.map((one) => one.mean),
    ),
    ...names.map((name, index) =>
      row(
        name.replaceAll('_', ' '),
        sequences.map((one) => one.structures[index]?.dice),
      ),
    ),
  ].join('\n')}\n`;
}

function seedsOf(range: string): number[] {
  const [first = Number.NaN, last = first] = range.split('-').map(Number);
  if (!Number.isInteger(first) || !Number.isInteger(last) || last < first) {
    throw new Error(`"${range}" is no range of seeds such as ${SEEDS}`);
  }
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
