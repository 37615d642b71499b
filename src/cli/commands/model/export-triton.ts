import type { Command } from 'commander';
import { kserveModels } from '../../../kserve.ts';
import { createModelStore } from '../../../models.ts';
import { exportTriton } from '../../../segmentation/index.ts';
import { loadConfig, type ConnectOptions } from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { print, table } from '../../output.ts';

interface ExportFlags extends ConnectOptions {
  readonly out: string;
}

export function registerExportTriton(model: Command): void {
  model
    .command('export-triton')
    .argument('<MODEL>', 'name of a model (npx situs model list)')
    .description('write a model repository from which Triton serves the networks (device kserve)')
    .requiredOption('--out <DIR>', 'model repository; made when missing, other models in it stay')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .addHelpText(
      'after',
      '\nExample:\n' +
        '  npx situs model export-triton demo --out /srv/triton\n' +
        '  tritonserver --model-repository=/srv/triton      (docs/kserve.md)',
    )
    .action(async (name: string, flags: ExportFlags, command: Command) => {
      const config = await loadConfig(flags);
      const networks = await exportTriton({
        model: await createModelStore(config.models.folder).get(name),
        out: flags.out,
        models: kserveModels(config),
      });
      print(wantsJson(command), networks, () =>
        table(
          ['fold', 'name on the server', 'version', 'folder', 'sha256'],
          networks.map(({ fold, name: served, version, folder, sha256 }) => [
            String(fold),
            served,
            version,
            folder,
            sha256,
          ]),
        ),
      );
    });
}
