import type { Command } from 'commander';
import { basename } from 'node:path';
import { createModelStore } from '../../models.ts';
import { importModel, verifyModel, type Verification } from '../../segmentation/index.ts';
import { loadConfig, type ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { EXIT, print, table } from '../output.ts';
import { createProgress } from '../progress.ts';

interface ImportFlags {
  readonly out: string;
  readonly name?: string;
  readonly modelVersion: string;
  readonly sequences?: string;
  readonly licence?: string;
  readonly intendedUse?: string;
}

export function register(program: Command): void {
  const model = program.command('model').description('the models that segment');

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

  model
    .command('list')
    .description('the models of the configured folder and those that come with Situs')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .action(async (options: ConnectOptions, command: Command) => {
      const config = await loadConfig(options);
      const models = await createModelStore(config.models.folder).list();
      print(wantsJson(command), models, () =>
        table(
          ['name', 'version', 'structures', 'folds', 'licence', 'folder', 'problem'],
          models.map((one) => [
            one.name ?? '?',
            one.version ?? '?',
            String(one.structures),
            String(one.folds),
            one.licence ?? '-',
            one.directory,
            one.problem ?? '',
          ]),
        ),
      );
    });

  model
    .command('verify')
    .argument('[MODEL]', 'name or folder of a model (default: all)')
    .description('compare the hash of every file with the one that was imported')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .action(async (wanted: string | undefined, options: ConnectOptions, command: Command) => {
      const config = await loadConfig(options);
      const models = await createModelStore(config.models.folder).list();
      const chosen = models.filter((one) => wanted === undefined || one.name === wanted);
      const folders =
        chosen.length === 0 && wanted !== undefined ? [wanted] : chosen.map((one) => one.directory);
      const reports: (Verification & { readonly folder: string })[] = [];
      for (const folder of folders) reports.push({ folder, ...(await verifyModel(folder)) });
      print(wantsJson(command), reports, () =>
        reports.flatMap((report) => [
          `${report.folder}: ${report.ok ? `intact, hash ${report.hash}` : 'NOT intact'}`,
          ...report.files
            .filter((file) => !file.ok)
            .map((file) => `  ${file.file}: ${file.actual === null ? 'missing' : 'changed'}`),
        ]),
      );
      process.exitCode = reports.every((report) => report.ok) ? EXIT.done : EXIT.fault;
    });
}
