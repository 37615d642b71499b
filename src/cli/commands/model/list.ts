import type { Command } from 'commander';
import { createModelStore } from '../../../models.ts';
import { loadConfig, type ConnectOptions } from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { print, table } from '../../output.ts';

export function registerList(model: Command): void {
  model
    .command('list')
    .description('the models of the configured folder and those that come with Situs')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .action(async (options: ConnectOptions, command: Command) => {
      const config = await loadConfig(options);
      const models = await createModelStore(config.models.folder).list();
      print(wantsJson(command), models, () => [
        ...table(
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
        '',
        ...models.flatMap((one) =>
          one.problem === null ? [`${one.name}: ${one.intendedUse}`] : [],
        ),
        'The whole card: npx situs model show NAME',
      ]);
    });
}
