import { availableParallelism } from 'node:os';
import { InvalidArgumentError, Option, type Command } from 'commander';
import { loadStructures } from '../../config/index.ts';
import { evaluateFolders } from '../../evaluate-folders/index.ts';
import type { Evaluation, InventedCounts } from '../../evaluation/index.ts';
import { VERSION } from '../../version.ts';
import { list, positive } from '../arguments.ts';
import { loadConfig, type ConnectOptions } from '../connect.ts';
import { ctrlC } from '../ctrl-c.ts';
import { wantsJson } from '../json.ts';
import { EXIT, print, table } from '../output.ts';
import { createProgress } from '../progress.ts';

interface EvaluateFlags extends ConnectOptions {
  readonly reference: string;
  readonly prediction: string;
  readonly out: string;
  readonly referenceLabels?: string;
  readonly predictionLabels?: string;
  readonly cases?: string;
  readonly structures?: readonly string[];
  readonly tolerance: number;
  readonly invented: InventedCounts;
  readonly threads: number;
}

/** What TotalSegmentator and most papers on organs take (docs/evaluation.md). */
const TOLERANCE_MM = 3;

export function register(program: Command): void {
  program
    .command('evaluate')
    .description('compare label files with references: Dice, surface Dice, HD95, HD, volumes')
    .requiredOption('--reference <DIR>', 'label files held to be right: .nii, .nii.gz or DICOM SEG')
    .requiredOption('--prediction <DIR>', 'label files to judge, named like the references')
    .requiredOption('--out <DIR>', 'where report.html, metrics.* and summary.* go')
    .option('--reference-labels <NAME|FILE>', 'what the numbers in the references mean')
    .option('--prediction-labels <NAME|FILE>', 'what the numbers in the predictions mean')
    .option('--cases <FILE>', 'CSV with case,scan_type,group; else folders name the scan type')
    .option('--structures <LIST>', 'only these structures, comma separated', list)
    .option('--tolerance <MM>', 'tolerance of surface Dice in mm', millimetres, TOLERANCE_MM)
    .addOption(
      new Option('--invented <HOW>', 'what a structure counts that only the prediction has')
        .choices(['zero', 'nothing'])
        .default('zero'),
    )
    .option('--threads <N>', 'cases compared at once', positive, availableParallelism())
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .addHelpText(
      'after',
      '\nLabel mappings: situs (default), mrsegmentator, totalsegmentator, totalsegmentator_mr,\n' +
        'totalsegmentator_mr_56, amos, or a YAML or JSON file (docs/evaluation.md).\n' +
        '\nExamples:\n' +
        '  npx situs evaluate --reference truth/ --prediction results/ --out report/\n' +
        '  npx situs evaluate --reference amos/labelsVa --reference-labels amos \\\n' +
        '    --prediction results/ --out report/ --cases cases.csv',
    )
    .action(async (flags: EvaluateFlags, command: Command) => {
      const config = await loadConfig(flags);
      const structures = await loadStructures(config.files.structures);
      const progress = createProgress();
      const { evaluation, files } = await evaluateFolders({
        ...flags,
        only: flags.structures,
        structures: structures.value,
        version: VERSION,
        toleranceMm: flags.tolerance,
        signal: ctrlC(),
        onProgress: (text) => progress.update(text),
      });
      progress.end();
      const { cases, ...rest } = evaluation;
      print(wantsJson(command), { ...rest, cases: cases.length, files }, () => [
        ...overview(evaluation),
        ...problems(evaluation),
        ...files.map((file) => `wrote ${file}`),
      ]);
      if (evaluation.refused.length > 0) process.exitCode = EXIT.refused;
    });
}

function overview({ summary }: Evaluation): string[] {
  const figure = (value: number | null, digits: number): string => value?.toFixed(digits) ?? '–';
  return table(
    ['scan type', 'group', 'cases', 'structures', 'Dice', 'surface Dice', 'HD95 mm', 'missed', 'invented'],
    summary.overall.map((one) => [
      one.scanType,
      one.group,
      String(one.cases),
      String(one.structures),
      figure(one.mean.dice, 3),
      figure(one.mean.surfaceDice, 3),
      figure(one.meanOfMedians.hd95, 1),
      String(one.missed),
      String(one.invented),
    ]),
  ); // prettier-ignore
}

function problems({ refused, unpaired, leftOut, notes }: Evaluation): string[] {
  return [
    ...refused.map((one) => `not compared: ${one.case}: ${one.code}: ${one.message}`),
    ...unpaired.map((one) => `no partner: ${one.path} (${one.side})`),
    ...notes.map((note) => `note: ${note}`),
    ...(leftOut.length === 0
      ? []
      : [`left out, known to one side only: ${leftOut.map((one) => one.structure).join(', ')}`]),
  ];
}

function millimetres(text: string): number {
  const number = Number(text);
  if (!(number >= 0 && number < 1000)) throw new InvalidArgumentError('Expected millimetres.');
  return number;
}
