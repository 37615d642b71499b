import type { Command } from 'commander';
import { createModelStore } from '../../../models.ts';
import { verifyModel, type Verification } from '../../../segmentation/index.ts';
import { loadConfig, type ConnectOptions } from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { EXIT, print } from '../../output.ts';

export function registerVerify(model: Command): void {
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
