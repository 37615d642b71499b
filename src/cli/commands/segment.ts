import { availableParallelism } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { loadStructures } from '../../config/index.ts';
import { createModelStore } from '../../models.ts';
import { DEVICES, type Device, type SpacingMode } from '../../segmentation/index.ts';
import { segmentInput } from '../../segment-input.ts';
import { loadConfig, type ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { print } from '../output.ts';
import { createProgress } from '../progress.ts';

interface SegmentFlags extends ConnectOptions {
  readonly model: string;
  readonly out: string;
  readonly folds: 'all' | readonly number[];
  readonly device: Device;
  readonly threads: number;
  readonly structures?: readonly string[];
  readonly series?: string;
  readonly spacingMode: SpacingMode;
}

export function register(program: Command): void {
  program
    .command('segment')
    .argument('<INPUT>', 'a folder of DICOM files, or a .nii or .nii.gz file')
    .description('segment one scan; needs no database and no archive')
    .requiredOption('--model <MODEL>', 'name of a model, e.g. demo (npx situs model list)')
    .requiredOption('--out <DIR>', 'where SEG, SR or labels and run.json go')
    .option('--folds <LIST>', 'folds to average, e.g. 0,1', folds, 'all' as const)
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
      const structures = await loadStructures(config.files.structures);
      const progress = createProgress();
      const stopping = new AbortController();
      process.once('SIGINT', () => stopping.abort(new Error('stopped by Ctrl-C')));
      const report = await segmentInput({
        input,
        out: flags.out,
        model,
        structures: structures.value,
        only: flags.structures,
        series: flags.series,
        folds: flags.folds,
        device: flags.device,
        threads: flags.threads,
        spacingMode: flags.spacingMode,
        signal: stopping.signal,
        onProgress: (text) => progress.update(text),
      });
      progress.end();
      print(wantsJson(command), report, () => [
        `${report.structures} structures in ${report.seconds.toFixed(1)} s`,
        ...report.gate
          .filter((one) => one.level !== 'pass')
          .map((one) => `${one.level}: ${one.message}`),
        ...report.files.map((file) => `wrote ${file}`),
      ]);
    });
}

function folds(text: string): 'all' | readonly number[] {
  if (text === 'all') return 'all';
  const numbers = text.split(',').map(Number);
  if (numbers.some((one) => !Number.isInteger(one) || one < 0)) {
    throw new InvalidArgumentError('Expected "all" or numbers such as 0,1.');
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

function list(text: string): readonly string[] {
  return text.split(',').map((one) => one.trim());
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isInteger(number) || number < 1)
    throw new InvalidArgumentError('Not a whole number.');
  return number;
}
