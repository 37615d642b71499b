import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { createModelStore } from '../../../models.ts';
import { loadModel, modelCard } from '../../../segmentation/index.ts';
import { loadConfig, type ConnectOptions } from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { modelCardLines } from '../../model-card.ts';
import { print } from '../../output.ts';

export function registerShow(model: Command): void {
  model
    .command('show')
    .argument('<MODEL>', 'name or folder of a model')
    .description('the card of a model: what it is for, what it was trained on, how well it does')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .addHelpText('after', '\nExample:\n  npx situs model show demo')
    .action(async (wanted: string, options: ConnectOptions, command: Command) => {
      const config = await loadConfig(options);
      const isFolder = existsSync(join(wanted, 'model.json'));
      const found = isFolder
        ? await loadModel(wanted)
        : await createModelStore(config.models.folder).get(wanted);
      const card = modelCard(found);
      print(wantsJson(command), { ...card, directory: found.directory }, () => [
        ...modelCardLines(card),
        '',
        `in ${found.directory}`,
      ]);
    });
}
