import type { Command } from 'commander';
import { loadRules, loadSequences, loadStructures } from '../../config/index.ts';
import { refuse } from '../../contracts/index.ts';
import { mergedStructures, planLabels } from '../../imaging/index.ts';
import { codedStructures } from '../../segmentation/index.ts';
import { matchStudy } from '../../sequences/index.ts';
import { decide, explain, seriesNames } from '../../routing/index.ts';
import { createModelStore } from '../../models.ts';
import { loadConfig, withConnection, withRecords, type ConnectOptions } from '../connect.ts';
import { wantsJson } from '../json.ts';
import { print } from '../output.ts';

export function register(program: Command): void {
  const rules = program.command('rules').description('the routing rules in config/');

  rules
    .command('check')
    .description(
      'check rules, sequences and structures; names file, line and the nearest known key',
    )
    .option('--config <FILE>', 'configuration of the node (default: config/situs.yaml)')
    .action(async (options: ConnectOptions, command: Command) => {
      const config = await loadConfig(options);
      const { files } = config;
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

  withConnection(rules.command('explain'))
    .argument('<STUDY>', 'Study Instance UID')
    .description('why each series of a study is taken or left by the rules as they are now')
    .action(async (uid: string, options: ConnectOptions, command: Command) => {
      const { files } = await loadConfig(options);
      const active = await loadRules(files.rules);
      const definitions = await loadSequences(files.sequences);
      await withRecords(options, async (records) => {
        const study = await records.queries.studyDetail(uid);
        const headers =
          study && (await records.studies.headersOf(uid, study.archive, study.revision));
        if (headers === null) {
          throw refuse(
            'STUDY_NOT_DECIDED',
            `Study ${uid} is not in the record or has not been decided on yet.`,
            'See "npx situs studies list"; a study is decided on once it has settled.',
            { studyInstanceUid: uid },
          );
        }
        const matches = matchStudy(headers, definitions.value);
        const decision = decide(headers, matches, active.value, {
          ruleSetVersion: active.version,
          sequencesVersion: definitions.version,
        });
        const explained = explain(decision, seriesNames(headers, matches));
        print(wantsJson(command), explained, () =>
          explained.flatMap((one) => [one.summary, ...one.rules.map((rule) => `  ${rule}`), '']),
        );
      });
    });
}
