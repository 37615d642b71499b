import type { Command } from 'commander';
import { loadRules, loadSequences } from '../../../config/index.ts';
import { refuse } from '../../../contracts/index.ts';
import { earlierResults } from '../../../jobs/index.ts';
import { matchStudy } from '../../../sequences/index.ts';
import { decide, explain, seriesNames } from '../../../routing/index.ts';
import { loadConfig, withConnection, withRecords, type ConnectOptions } from '../../connect.ts';
import { wantsJson } from '../../json.ts';
import { print } from '../../output.ts';

export function registerExplain(rules: Command): void {
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
        if (study === null || headers === null) {
          throw refuse(
            'STUDY_NOT_DECIDED',
            `Study ${uid} is not in the record or has not been decided on yet.`,
            'See "npx situs studies list"; a study is decided on once it has settled.',
            { studyInstanceUid: uid },
          );
        }
        const matches = matchStudy(headers, definitions.value);
        const place = { studyInstanceUid: uid, archive: study.archive };
        const earlier = await earlierResults(records, place, active.value);
        const versions = {
          ruleSetVersion: active.version,
          sequencesVersion: definitions.version,
        };
        const decision = decide(headers, matches, active.value, versions, earlier);
        const explained = explain(decision, seriesNames(headers, matches));
        print(wantsJson(command), explained, () =>
          explained.flatMap((one) => [one.summary, ...one.rules.map((rule) => `  ${rule}`), '']),
        );
      });
    });
}
