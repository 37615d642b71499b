import { Option, type Command } from 'commander';
import { loadRules, loadSequences } from '../../../config/index.ts';
import { type InboxOptions, readInbox, type ReplayBy, tryDrafts } from '../../../replay/index.ts';
import { positive } from '../../arguments.ts';
import { loadNodeConfig, withConnection, withRecords, type ConnectOptions } from '../../connect.ts';
import { terminalWidth } from '../../fit.ts';
import {
  checkedTrial,
  type DraftContext,
  draftLines,
  draftsFor,
  groupNumber,
} from '../../inbox-drafts.ts';
import { inboxLines } from '../../inbox-table.ts';
import { wantsJson } from '../../json.ts';
import { print } from '../../output.ts';
import { createProgress } from '../../progress.ts';
import { moment } from '../../since.ts';

interface InboxCommandOptions extends ConnectOptions {
  readonly since: Date;
  readonly until: Date;
  readonly limit: number;
  readonly draft?: number;
  readonly draftAll?: true;
}

/** Where the file has no rule whose model could be named. */
const MODEL = 'mrsegmentator';

export function registerInbox(rules: Command): void {
  withConnection(rules.command('inbox'))
    .description(
      'series that looked relevant and that no rule takes, with a rule draft for each group',
    )
    .option(
      '--since <TIME>',
      'studies decided since: 12h, 30d, 4w, or a date',
      (text) => moment(text),
      moment('30d'),
    )
    .option('--until <TIME>', 'and before (default: now)', (text) => moment(text), new Date())
    .option('--limit <N>', 'groups shown', positive, 20)
    .option(
      '--draft <N>',
      'a rule for group N, ready to be pasted, and what it would take',
      positive,
    )
    .addOption(new Option('--draft-all', 'a draft for every group shown').conflicts('draft'))
    .addHelpText(
      'after',
      '\nThe rules and definitions of the configuration are asked about past studies, from the headers in the\n' +
        'record. What they leave on purpose is not in the inbox. Changes nothing.\n\n' +
        'Example:\n  npx situs rules inbox --since 30d\n  npx situs rules inbox --since 30d --draft 1',
    )
    .action(async (options: InboxCommandOptions, command: Command) => {
      const { files, archives } = await loadNodeConfig(options);
      const loadedRules = await loadRules(files.rules);
      const sequences = await loadSequences(files.sequences);
      const by: ReplayBy = {
        rules: loadedRules.value,
        rulesVersion: loadedRules.version,
        sequences: sequences.value,
        sequencesVersion: sequences.version,
      };
      const context: DraftContext = {
        rulesText: loadedRules.text,
        archives: archives.map((one) => one.name),
        model: MODEL,
      };
      await withRecords(options, async ({ decisions }) => {
        const progress = createProgress();
        const asked: InboxOptions = {
          window: { from: options.since, until: options.until },
          by,
          onProgress: (done, all) => progress.update(`${done} of ${all} studies looked through`),
        };
        const inbox = await readInbox(decisions, asked);
        const shown = inbox.groups
          .slice(0, options.limit)
          .map((group, index) => ({ number: index + 1, group }));
        const wanted =
          options.draft === undefined
            ? shown
            : [{ number: options.draft, group: groupNumber(inbox.groups, options.draft) }];
        if (options.draft === undefined && options.draftAll !== true) {
          progress.end();
          const groups = shown.map(({ number, group }) => ({ number, ...group }));
          print(wantsJson(command), { ...inbox, groups, groupsInAll: inbox.groups.length }, () => [
            ...inboxLines(inbox, options.limit, terminalWidth()),
            ...(shown.length === 0 ? [] : ['A draft for a group: the same command with --draft 1']),
          ]);
          return;
        }
        const drafted = draftsFor(wanted, by, context);
        const summary = await tryDrafts(decisions, await checkedTrial(drafted, by, context), asked);
        progress.end();
        print(wantsJson(command), { drafts: drafted, trial: summary }, () =>
          draftLines(drafted, summary, terminalWidth()),
        );
      });
    });
}
