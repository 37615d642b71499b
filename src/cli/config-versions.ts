import { InvalidArgumentError, type Command } from 'commander';
import { loadRules, loadSequences, type Loaded, type SitusConfig } from '../config/index.ts';
import { SitusError } from '../contracts/index.ts';
import type { ConfigRow, Records } from '../records/index.ts';
import { restoreConfig } from '../restore-config.ts';
import { positive } from './arguments.ts';
import { cliActor, loadNodeConfig, withConnection, withRecords } from './connect.ts';
import type { ConnectOptions } from './connect.ts';
import { wantsJson } from './json.ts';
import { print, table } from './output.ts';
import { versionDiff } from './version-diff.ts';

type Kind = 'rules' | 'sequences';

const SHORT = 12;
const DEFAULT_LIMIT = 20;

/** `history`, `show` and `restore` of a kind of file whose versions the record keeps. */
export function registerVersions(parent: Command, kind: Kind): void {
  registerHistory(parent, kind);
  registerShow(parent, kind);
  registerRestore(parent, kind);
}

function registerHistory(parent: Command, kind: Kind): void {
  withConnection(parent.command('history'))
    .description(`versions of the ${kind} file that were ever active or refused, newest first`)
    .option('--limit <N>', 'rows', positive, DEFAULT_LIMIT)
    .addHelpText('after', `\nExample:\n  npx situs ${kind} history --limit 5`)
    .action(async (options: ConnectOptions & { limit: number }, command: Command) => {
      const rows = await withRecords(options, async (records) => {
        const history = await records.config.history(kind, options.limit);
        const told = [];
        for (const [index, row] of history.entries()) {
          const older = history.slice(index + 1).find((one) => one.accepted);
          told.push({ ...row, ...(await changeOf(records, kind, row, older)) });
        }
        return told;
      });
      print(wantsJson(command), rows, () =>
        table(
          ['version', 'since', 'author', 'read by', 'lines', 'note'],
          rows.map((row) => [
            row.version === '' ? '-' : row.version.slice(0, SHORT),
            row.activeFrom.toISOString().slice(0, 19),
            row.author ?? '-',
            row.by,
            row.added === null ? '' : `+${row.added} -${row.removed ?? 0}`,
            row.accepted ? (row.note ?? '') : `refused: ${row.error?.message.split('\n')[0] ?? ''}`,
          ]),
        ),
      );
    });
}

/** Lines that a version adds and removes; null for refused ones, and where the older one is not on the page. */
async function changeOf(
  records: Records,
  kind: Kind,
  row: Omit<ConfigRow, 'text'>,
  older: Omit<ConfigRow, 'text'> | undefined,
): Promise<{ readonly added: number | null; readonly removed: number | null }> {
  if (!row.accepted || older === undefined) return { added: null, removed: null };
  const [after, before] = await Promise.all([
    records.config.byVersion(kind, row.version),
    records.config.byVersion(kind, older.version),
  ]);
  if (after === null || before === null) return { added: null, removed: null };
  const { added, removed } = versionDiff(before.text, after.text);
  return { added, removed };
}

function registerShow(parent: Command, kind: Kind): void {
  withConnection(parent.command('show'))
    .argument('<VERSION>', 'version, or its first 4 or more characters', version)
    .description(`one version of the ${kind} file: who, when, why, and what it changed`)
    .option('--text', 'print the whole text instead')
    .addHelpText('after', `\nExample:\n  npx situs ${kind} show 3fa9c1`)
    .action(
      async (beginning: string, options: ConnectOptions & { text?: true }, command: Command) => {
        const { row, before } = await withRecords(options, async (records) => {
          const found = await oneVersion(records, kind, beginning);
          return { row: found, before: await records.config.before(kind, found.version) };
        });
        const diff = versionDiff(before?.text ?? null, row.text);
        const value = { ...row, before: before?.version ?? null, diff: diff.lines };
        print(wantsJson(command), value, () => {
          if (options.text === true) return [row.text.trimEnd()];
          return [
            `version ${row.version}, active from ${row.activeFrom.toISOString()}`,
            `written by ${row.author ?? 'somebody unknown'}, read by ${row.by}`,
            ...(row.note === null ? [] : [row.note]),
            '',
            before === null
              ? 'The first version.'
              : `Against ${before.version.slice(0, SHORT)}, +${diff.added} -${diff.removed} lines:`,
            ...diff.lines,
          ];
        });
      },
    );
}

function registerRestore(parent: Command, kind: Kind): void {
  withConnection(parent.command('restore'))
    .argument('<VERSION>', 'version, or its first 4 or more characters', version)
    .description(
      `write an earlier version back into the ${kind} file; a copy of it stays beside it`,
    )
    .option('--note <TEXT>', 'why, for the record')
    .addHelpText(
      'after',
      `\nA running node makes it active within seconds.\n\nExample:\n  npx situs ${kind} restore 3fa9c1 --note "too many scouts taken"`,
    )
    .action(
      async (beginning: string, options: ConnectOptions & { note?: string }, command: Command) => {
        const config = await loadNodeConfig(options);
        const path = config.files[kind];
        const result = await withRecords(options, async (records) => {
          const row = await oneVersion(records, kind, beginning);
          const { note } = options;
          const restored = await restoreConfig(records.config, {
            path,
            row,
            actor: cliActor(),
            load: await loader(kind, config),
            ...(note === undefined ? {} : { note }),
          });
          return { ...restored, path, version: row.version };
        });
        print(wantsJson(command), result, () =>
          result.restored
            ? [
                `${path} holds version ${result.version.slice(0, SHORT)} again.`,
                `What it held before is kept in ${result.backup ?? ''}`,
              ]
            : [`${path} holds version ${result.version.slice(0, SHORT)} already.`],
        );
      },
    );
}

async function loader(
  kind: Kind,
  config: SitusConfig,
): Promise<(path: string) => Promise<Loaded<unknown>>> {
  if (kind === 'sequences') return loadSequences;
  const { value } = await loadSequences(config.files.sequences);
  const known = {
    sequences: value.sequences.map((one) => one.name),
    archives: config.archives.map((one) => one.name),
  };
  return (path) => loadRules(path, known);
}

async function oneVersion(records: Records, kind: Kind, beginning: string): Promise<ConfigRow> {
  const rows = await records.config.startingWith(kind, beginning);
  const [row] = rows;
  if (row !== undefined && rows.length === 1) return row;
  throw new SitusError({
    code: row === undefined ? 'CONFIG_VERSION_UNKNOWN' : 'CONFIG_VERSION_AMBIGUOUS',
    message:
      row === undefined
        ? `No version of the ${kind} that was active begins with ${beginning}.`
        : `Several versions of the ${kind} begin with ${beginning}: ${rows.map((one) => one.version.slice(0, SHORT)).join(', ')}.`,
    next: `See "npx situs ${kind} history".`,
    errorClass: 'usage',
    origin: 'input',
  });
}

function version(text: string): string {
  if (!/^[0-9a-f]{4,64}$/i.test(text))
    throw new InvalidArgumentError('A version is 4 to 64 hexadecimal digits.');
  return text.toLowerCase();
}
