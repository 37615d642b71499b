import { basename } from 'node:path';
import type { Command } from 'commander';
import { loadStructures, loadStructureTable } from '../../../config/index.ts';
import { importModel } from '../../../segmentation/index.ts';
import { loadConfig, type ConnectOptions } from '../../connect.ts';
import { ctrlC } from '../../ctrl-c.ts';
import { wantsJson } from '../../json.ts';
import { print } from '../../output.ts';
import { createProgress } from '../../progress.ts';

interface ImportFlags extends ConnectOptions {
  readonly out: string;
  readonly name?: string;
  readonly modelVersion?: string;
  readonly structures?: string;
  readonly allowUncoded?: boolean;
  readonly acceptTrainer?: string;
  readonly sequences?: string;
  readonly licence?: string;
  readonly intendedUse?: string;
}

export function registerImport(model: Command): void {
  model
    .command('import')
    .argument('<DIR>', 'nnU-Net v2 trained-model folder, or a zip of one')
    .description('turn an nnU-Net model into a model folder; no code of the checkpoint is ever run')
    .requiredOption('--out <MODEL>', 'model folder to make; must not exist yet')
    .option('--name <NAME>', 'name in rules and results (default: the name of the model folder)')
    .option('--model-version <VERSION>', 'version of the weights (default: version.json, else 1)')
    .option('--structures <FILE>', 'table of what the labels stand for (docs/models.md)')
    .option('--allow-uncoded', 'take a model whose structures have no codes; no SEG or SR for it')
    .option('--sequences <LIST>', 'sequences it accepts, comma separated')
    .option('--accept-trainer <LIST>', 'your own trainers that do not change the network')
    .option('--licence <TEXT>', 'licence of the weights')
    .option('--intended-use <TEXT>', 'what the model is for')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .action(async (input: string, flags: ImportFlags, command: Command) => {
      const { files } = await loadConfig(flags);
      const known = (await loadStructures(files.structures, files.ownStructures)).value;
      const labels =
        flags.structures === undefined ? null : await loadStructureTable(flags.structures, known);
      const progress = createProgress();
      const imported = await importModel({
        input,
        out: flags.out,
        name: flags.name ?? basename(flags.out),
        ...(flags.modelVersion === undefined ? {} : { version: flags.modelVersion }),
        ...(labels === null ? {} : { structures: labels.structures, defined: labels.defined }),
        ...(flags.allowUncoded === true ? {} : { known }),
        ...(flags.acceptTrainer === undefined
          ? {}
          : { acceptTrainers: flags.acceptTrainer.split(',') }),
        ...(flags.sequences === undefined ? {} : { sequences: flags.sequences.split(',') }),
        ...(flags.licence === undefined ? {} : { licence: flags.licence }),
        ...(flags.intendedUse === undefined ? {} : { intendedUse: flags.intendedUse }),
        signal: ctrlC(),
        onProgress: ({ phase, done, total }) => progress.update(`${phase} ${done} of ${total}`),
      }).finally(() => progress.end());
      const { name, version, hash, folds, structures } = imported;
      print(wantsJson(command), { name, version, hash, folds, structures }, () => [
        `${name} ${version}: ${folds.length} folds, ${Object.keys(structures).length} structures`,
        `hash ${hash}`,
        `written to ${imported.directory}`,
      ]);
    });
}
