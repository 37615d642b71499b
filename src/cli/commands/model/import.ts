import { basename } from 'node:path';
import type { Command } from 'commander';
import { importModel } from '../../../segmentation/index.ts';
import { wantsJson } from '../../json.ts';
import { print } from '../../output.ts';
import { createProgress } from '../../progress.ts';

interface ImportFlags {
  readonly out: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly sequences?: string;
  readonly licence?: string;
  readonly intendedUse?: string;
  readonly acceptTrainer?: string;
}

export function registerImport(model: Command): void {
  model
    .command('import')
    .argument('<DIR>', 'nnU-Net v2 trained-model folder, or a zip of one')
    .description('turn an nnU-Net model into a model folder; no code of the checkpoint is ever run')
    .requiredOption('--out <MODEL>', 'model folder to make; must not exist yet')
    .option('--name <NAME>', 'name in rules and results (default: the name of the model folder)')
    .option('--model-version <VERSION>', 'version of the weights', '1')
    .option('--sequences <LIST>', 'sequences it accepts, comma separated')
    .option('--licence <TEXT>', 'licence of the weights')
    .option('--intended-use <TEXT>', 'what the model is for')
    .option('--accept-trainer <LIST>', 'your own trainers that do not change the network')
    .action(async (input: string, flags: ImportFlags, command: Command) => {
      const progress = createProgress();
      const imported = await importModel({
        input,
        out: flags.out,
        name: flags.name ?? basename(flags.out),
        version: flags.modelVersion,
        ...(flags.sequences === undefined ? {} : { sequences: flags.sequences.split(',') }),
        ...(flags.licence === undefined ? {} : { licence: flags.licence }),
        ...(flags.intendedUse === undefined ? {} : { intendedUse: flags.intendedUse }),
        ...(flags.acceptTrainer === undefined
          ? {}
          : { acceptTrainers: flags.acceptTrainer.split(',') }),
        onProgress: ({ phase, done, total }) => progress.update(`${phase} ${done} of ${total}`),
      });
      progress.end();
      const { name, version, hash, folds, structures } = imported;
      print(wantsJson(command), { name, version, hash, folds, structures }, () => [
        `${name} ${version}: ${folds.length} folds, ${Object.keys(structures).length} structures`,
        `hash ${hash}`,
        `written to ${imported.directory}`,
      ]);
    });
}
