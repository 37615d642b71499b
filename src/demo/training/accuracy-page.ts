import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  ALL,
  boxPlotPicture,
  statisticsOf,
  summarise,
  type Evaluation,
  type StructureSummary,
} from '../../evaluation/index.ts';
import type { LoadedModel } from '../../segmentation/index.ts';
import { VERSION } from '../../version.ts';
import { TOLERANCE_MM, type JudgedScan } from './judge.ts';
import { SCAN_TYPES } from './scanned-phantom.ts';

const BEGIN = '<!-- Figures: made by node src/demo/training/accuracy.ts, do not edit. -->';
const END = '<!-- End of figures. -->';
/** Ends of the shares of a structure that a scan shows, for the table of slivers. */
const SHARES = [0, 0.02, 0.1, 0.5, 0.95, 1.01];
/** Below it a structure's figures need an explanation. */
const LOW_DICE = 0.6;
const WELL_SHOWN = 0.5;

/** The judged scans as an evaluation: only what the truth shows counts, what else was found is listed. */
export function evaluationOf(model: LoadedModel, scans: readonly JudgedScan[]): Evaluation {
  const order = SCAN_TYPES.map(({ sequence }) => sequence as string);
  const cases = [...scans]
    .sort((a, b) => order.indexOf(a.scanType) - order.indexOf(b.scanType))
    // Structures that the model does not know are absent everywhere.
    .map(({ shown: _shown, ...one }) => ({
      ...one,
      structures: one.structures.filter(({ structure }) =>
        Object.values(model.structures).includes(structure),
      ),
    }));
  return {
    situs: VERSION,
    madeAt: new Date().toISOString(),
    parameters: {
      reference: 'generated phantoms',
      prediction: `model ${model.manifest.name} ${model.manifest.version}`,
      referenceLabels: 'situs',
      predictionLabels: 'situs',
      toleranceMm: TOLERANCE_MM,
      invented: 'nothing',
      structures: null,
    },
    cases,
    summary: summarise(cases, 'nothing'),
    unpaired: [],
    refused: [],
    leftOut: [],
    notes: [],
  };
}

/** Rewrites the figures of docs/accuracy.md and its picture; the rest of the page is written by hand. */
export async function writeAccuracyPage(
  root: string,
  model: LoadedModel,
  scans: readonly JudgedScan[],
): Promise<void> {
  const path = join(root, 'docs', 'accuracy.md');
  const page = await readFile(path, 'utf8');
  const [begin, end] = [page.indexOf(BEGIN), page.indexOf(END)];
  if (begin < 0 || end < begin) throw new Error(`${path} has lost the marks around its figures`);
  const evaluation = evaluationOf(model, scans);
  const figures = figuresOf(evaluation, model, scans).join('\n');
  await writeFile(path, `${page.slice(0, begin)}${BEGIN}\n\n${figures}\n\n${page.slice(end)}`);
  await mkdir(join(root, 'docs', 'images'), { recursive: true });
  await writeFile(join(root, 'docs', 'images', 'accuracy.svg'), boxPlotPicture(evaluation, 'dice'));
}

function figuresOf(
  evaluation: Evaluation,
  model: LoadedModel,
  scans: readonly JudgedScan[],
): string[] {
  const types = SCAN_TYPES.map(({ sequence }) => sequence);
  const seeds = [...new Set(scans.map((one) => Number(one.case)))].sort((a, b) => a - b);
  const { overall, structures } = evaluation.summary;
  const of = (name: string, type: string): StructureSummary | undefined =>
    structures.find((one) => one.structure === name && one.scanType === type && one.group === ALL);
  const names = [...new Set(structures.map((one) => one.structure))];
  return [
    `Model \`${model.manifest.name}\` ${model.manifest.version}, hash \`${model.hash}\`, on ${seeds.length} phantoms it has never seen (seeds ${seeds[0] ?? ''} to ${seeds.at(-1) ?? ''}), each`,
    'scanned in every scan type. Means are over structures, each counting once.',
    '',
    '| scan type | phantoms | mean Dice | mean surface Dice | mean of median HD95, mm | missed | invented |',
    '|---|---|---|---|---|---|---|',
    ...types.map((type) => {
      const one = overall.find((each) => each.scanType === type && each.group === ALL);
      return `| \`${type}\` | ${one?.cases ?? 0} | **${digits(one?.mean.dice, 3)}** | ${digits(one?.mean.surfaceDice, 3)} | ${digits(one?.meanOfMedians.hd95, 1)} | ${one?.missed ?? 0} | ${one?.invented ?? 0} |`;
    }),
    '',
    '![Dice by structure and scan type](images/accuracy.svg)',
    '',
    'n: phantoms whose scan shows the structure. Dice: mean over them. HD95: median in mm over those where it was found.',
    '',
    `| structure | ${types.map((type) => `\`${type}\` n | Dice | HD95`).join(' | ')} |`,
    `|---|${types.map(() => '---|---|---|').join('')}`,
    ...names.map((name) => {
      const cells = types.map((type) => {
        const one = of(name, type);
        return `${one?.measures.dice.n ?? 0} | ${digits(one?.measures.dice.mean, 2)} | ${digits(one?.measures.hd95.median, 1)}`;
      });
      return `| ${name.replaceAll('_', ' ')} | ${cells.join(' | ')} |`;
    }),
    '',
    ...slivers(scans, types),
  ];
}

interface Shown {
  readonly structure: string;
  readonly scanType: string;
  /** Share of the structure that the scan shows. */
  readonly share: number;
  readonly ml: number;
  readonly dice: number;
}

/** How the share of a structure that lies in the field of view goes with its Dice. */
function slivers(scans: readonly JudgedScan[], types: readonly string[]): string[] {
  const all: Shown[] = scans.flatMap(({ structures, shown, scanType }) =>
    structures.flatMap(({ structure, dice, referenceMl }, index) =>
      referenceMl === 0
        ? []
        : [{ structure, scanType, share: shown[index] ?? 0, ml: referenceMl, dice: dice ?? 0 }],
    ),
  );
  const within = (from: number, to: number): Shown[] =>
    all.filter(({ share }) => share >= from && share < to);
  const low = types.flatMap((type) =>
    [...new Set(all.map((one) => one.structure))].flatMap((structure) => {
      const own = all.filter((one) => one.structure === structure && one.scanType === type);
      const mean = statisticsOf(own.map((one) => one.dice)).mean ?? 1;
      return mean < LOW_DICE ? [{ structure, type, own, mean }] : [];
    }),
  );
  return [
    '### Slivers at the edge of the field of view',
    '',
    'A scan often shows only an edge of a structure. Dice by the share of its volume that lies in the field of view:',
    '',
    '| share shown | structures | mean Dice | missed altogether |',
    '|---|---|---|---|',
    ...SHARES.slice(1).map((to, index) => {
      const from = SHARES[index] ?? 0;
      const own = within(from, to);
      const missed = own.filter(({ dice }) => dice === 0).length;
      return `| ${Math.round(from * 100)} to ${Math.round(Math.min(1, to) * 100)} % | ${own.length} | ${digits(statisticsOf(own.map((one) => one.dice)).mean, 2)} | ${missed} |`;
    }),
    '',
    `Every structure with a mean Dice below ${LOW_DICE}, and what it is where the scan shows at least half of it:`,
    '',
    '| structure | scan type | n | Dice | median volume shown, mL | median share shown | n of at least half | their Dice |',
    '|---|---|---|---|---|---|---|---|',
    ...low
      .sort((a, b) => a.mean - b.mean)
      .map(({ structure, type, own, mean }) => {
        const well = own.filter(({ share }) => share >= WELL_SHOWN);
        const share = statisticsOf(own.map((one) => one.share)).median ?? 0;
        return `| ${structure.replaceAll('_', ' ')} | \`${type}\` | ${own.length} | ${digits(mean, 2)} | ${digits(statisticsOf(own.map((one) => one.ml)).median, 1)} | ${Math.round(share * 100)} % | ${well.length} | ${digits(statisticsOf(well.map((one) => one.dice)).mean, 2)} |`;
      }),
  ];
}

function digits(value: number | null | undefined, count: number): string {
  return value === null || value === undefined ? '–' : value.toFixed(count);
}
