import type { Command } from 'commander';
import { loadRules, loadSequences, loadStructures } from '../../../config/index.ts';
import { mergedStructures, planLabels } from '../../../imaging/index.ts';
import { codedStructures } from '../../../segmentation/index.ts';
import { createModelStore } from '../../../models.ts';
import { loadConfig, type ConnectOptions } from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { print } from '../../output.ts';

export function registerCheck(rules: Command): void {
  rules
    .command('check')
    .description(
      'check rules, sequences and structures; names file, line and the nearest known key',
    )
    .argument('[FILE]', 'rules to check, such as a draft (default: those of the configuration)')
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .action(async (file: string | undefined, options: ConnectOptions, command: Command) => {
      const config = await loadConfig(options);
      const files = { ...config.files, rules: file ?? config.files.rules };
      const sequences = await loadSequences(files.sequences);
      const structures = await loadStructures(files.structures, files.ownStructures);
      const store = createModelStore(config.models.folder);
      const models = await store.list();
      const checked = await loadRules(files.rules, {
        sequences: sequences.value.sequences.map((one) => one.name),
        archives: config.archives.map((one) => one.name),
        models: models.flatMap((one) => (one.name === null ? [] : [one.name])),
      });
      for (const rule of checked.value.rules) {
        if (rule.segment === undefined || rule.store === undefined) continue;
        const model = await store.get(rule.segment.model);
        planLabels(model.structures, rule.store);
        mergedStructures(codedStructures(model, structures.value), rule.store);
      }
      const summary = {
        rules: checked.value.rules.length,
        rulesVersion: checked.version,
        sequences: sequences.value.sequences.length,
        sequencesVersion: sequences.version,
        structures: structures.value.length,
      };
      print(wantsJson(command), summary, () => [
        `${files.rules}: ${summary.rules} rules, version ${summary.rulesVersion.slice(0, 12)}`,
        `${files.sequences}: ${summary.sequences} sequences, version ${summary.sequencesVersion.slice(0, 12)}`,
        `${files.structures}: ${summary.structures} structures`,
        'All files are valid.',
      ]);
    });
}
