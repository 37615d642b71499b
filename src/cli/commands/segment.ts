import { availableParallelism } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { loadStructures } from '../../config/index.ts';
import { kserveSettings } from '../../kserve.ts';
import { createModelStore } from '../../models.ts';
import {
  DEFAULT_SETTINGS,
  DEVICES,
  FAST_SETTINGS,
  type Device,
  type FoldChoice,
  type InferenceSettings,
  type SpacingMode,
} from '../../segmentation/index.ts';
import { segmentInput } from '../../segment-input.ts';
import { list, positive } from '../arguments.ts';
import { loadConfig, type ConnectOptions } from '../connect.ts';
import { ctrlC } from '../ctrl-c.ts';
import { wantsJson } from '../json.ts';
import { modelLine } from '../model-card.ts';
import { print } from '../output.ts';
import { createProgress } from '../progress.ts';

interface SegmentFlags extends ConnectOptions {
  readonly model: string;
  readonly out: string;
  readonly folds?: FoldChoice;
  readonly device: Device;
  readonly threads: number;
  readonly structures?: readonly string[];
  readonly series?: string;
  readonly spacingMode: SpacingMode;
  readonly fast?: boolean;
  readonly stepSize?: number;
  readonly mirroring: boolean;
  readonly splitLevel: number;
}

export function register(program: Command): void {
  program
    .command('segment')
    .argument('<INPUT>', 'a folder of DICOM files, or a .nii or .nii.gz file')
    .description('segment one scan; needs no database and no archive')
    .requiredOption('--model <MODEL>', 'name of a model, e.g. demo (npx situs model list)')
    .requiredOption('--out <DIR>', 'where SEG, SR or labels and run.json go')
    .option('--folds <LIST>', 'folds to average: all (default), first, or e.g. 0,1', folds)
    .option('--device <DEVICE>', DEVICES.join(', '), device, 'cpu')
    .option('--threads <N>', 'threads of the CPU engine', positive, availableParallelism())
    .option('--structures <LIST>', 'only these structures, comma separated', list)
    .option('--series <UID>', 'the series to take when the folder holds several')
    .option(
      '--spacing-mode <MODE>',
      'true, or v1.2.3 to repeat how MRSegmentator 1.2.3 read non-axial scans',
      spacingMode,
      'true',
    )
    .option(
      '--fast',
      'first fold alone, no mirroring, step 0.8: quicker and a little less accurate',
    )
    .option('--step-size <N>', 'distance of patches as a share of a patch (default: 0.5)', stepSize)
    .option('--no-mirroring', 'do not average over mirrored copies where the model allows it')
    .option(
      '--split-level <N>',
      'cut the scan into 2^N pieces along body height to save memory, 0 to 4',
      splitLevel,
      DEFAULT_SETTINGS.splitLevel,
    )
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  npx situs segment scan/ --model demo --out results/\n' +
        '  npx situs segment scan.nii.gz --model demo --out results/ --structures liver,spleen',
    )
    .action(async (input: string, flags: SegmentFlags, command: Command) => {
      const config = await loadConfig(flags);
      const model = await createModelStore(config.models.folder).get(flags.model);
      const structures = await loadStructures(config.files.structures, config.files.ownStructures);
      const progress = createProgress();
      const report = await segmentInput({
        input,
        out: flags.out,
        model,
        structures: structures.value,
        only: flags.structures,
        series: flags.series,
        folds: flags.folds ?? (flags.fast === true ? 'first' : 'all'),
        device: flags.device,
        kserve: kserveSettings(config),
        threads: flags.threads,
        spacingMode: flags.spacingMode,
        settings: settingsOf(flags),
        signal: ctrlC(),
        onProgress: (text) => progress.update(text),
      });
      progress.end();
      print(wantsJson(command), report, () => [
        modelLine(report.model),
        `${report.structures} structures in ${report.seconds.toFixed(1)} s`,
        ...report.gate
          .filter((one) => one.level !== 'pass')
          .map((one) => `${one.level}: ${one.message}`),
        ...report.files.map((file) => `wrote ${file}`),
      ]);
    });
}

/** What is asked for one by one wins over what `--fast` stands for. */
function settingsOf(flags: SegmentFlags): InferenceSettings {
  const base = flags.fast === true ? FAST_SETTINGS : DEFAULT_SETTINGS;
  return {
    stepSize: flags.stepSize ?? base.stepSize,
    mirroring: flags.mirroring && base.mirroring,
    splitLevel: flags.splitLevel,
  };
}

function folds(text: string): FoldChoice {
  if (text === 'all' || text === 'first') return text;
  const numbers = text.split(',').map(Number);
  if (numbers.some((one) => !Number.isInteger(one) || one < 0)) {
    throw new InvalidArgumentError('Expected "all", "first" or numbers such as 0,1.');
  }
  return numbers;
}

function device(text: string): Device {
  const found = DEVICES.find((one) => one === text);
  if (found === undefined) throw new InvalidArgumentError(`Known are ${DEVICES.join(', ')}.`);
  return found;
}

function spacingMode(text: string): SpacingMode {
  if (text === 'true' || text === 'v1.2.3') return text;
  throw new InvalidArgumentError('Known are true and v1.2.3.');
}

function stepSize(text: string): number {
  const number = Number(text);
  if (!(number > 0 && number <= 1)) {
    throw new InvalidArgumentError('Expected a number above 0 and at most 1.');
  }
  return number;
}

function splitLevel(text: string): number {
  const number = Number(text);
  if (!/^[0-4]$/.test(text)) throw new InvalidArgumentError('Expected 0, 1, 2, 3 or 4.');
  return number;
}
