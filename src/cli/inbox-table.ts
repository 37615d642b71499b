import type { Inbox, InboxGroup, Seen } from '../replay/index.ts';
import { cut, shares, wrap } from './fit.ts';
import { table } from './output.ts';

const GAPS = 2 * 5;
const NUMBERS = 'no'.length + 'studies'.length + 'series'.length;
const INDENT = '    ';

/** The inbox for a terminal of `width` columns: a table of the groups, and below it what is to be known of each. */
export function inboxLines(inbox: Inbox, limit: number, width: number | null): string[] {
  const { groups, studies, withoutHeaders } = inbox;
  const lines: string[] = [];
  const say = (text: string): void => void lines.push(...wrap('', text, width));
  say(
    groups.length === 0
      ? `Nothing fell through: rules take, or leave by your word, all that looked relevant in ${many(studies, 'study', 'studies')}.`
      : `${many(inbox.series, 'series')} of ${many(inbox.studiesWithUntaken, 'study', 'studies')} looked relevant and no rule takes them, in ${many(groups.length, 'group')}; ${many(studies, 'study', 'studies')} looked through.`,
  );
  if (withoutHeaders > 0)
    say(
      `${many(withoutHeaders, 'study', 'studies')} have no headers in the record and could not be.`,
    );
  if (groups.length === 0) return lines;
  const shown = groups.slice(0, limit);
  lines.push('', ...overview(shown, width), '');
  shown.forEach((group, index) => lines.push(...details(group, index + 1, width)));
  if (shown.length < groups.length)
    say(`${many(groups.length - shown.length, 'more group')}: --limit ${groups.length} shows all.`);
  if (inbox.seriesCut > 0)
    say(
      `${many(inbox.seriesCut, 'more series')} could not be grouped: there are too many different scanners and descriptions. Take a shorter time (--since).`,
    );
  return lines;
}

function overview(groups: readonly InboxGroup[], width: number | null): string[] {
  const header = ['scanner', 'description', 'is'];
  const texts = groups.map((one) => [shortScanner(one), one.key.description ?? '-', whatText(one)]);
  const wanted = header.map((name, column) =>
    Math.max(name.length, ...texts.map((row) => row[column]?.length ?? 0)),
  );
  const widths = shares(wanted, width === null ? null : width - NUMBERS - GAPS);
  return table(
    ['no', 'studies', 'series', ...header],
    groups.map((group, index) => [
      String(index + 1),
      String(group.studies),
      String(group.series),
      ...(texts[index] ?? []).map((text, column) => cut(text, widths[column] ?? text.length)),
    ]),
  );
}

function details(group: InboxGroup, number: number, width: number | null): string[] {
  const { last, descriptions, kinds, missing } = group;
  const lines = wrap(`${number}`.padEnd(INDENT.length), scannerText(group), width);
  const add = (name: string, text: string): void =>
    void lines.push(...wrap(`${INDENT}${name.padEnd(7)}`, text, width));
  add('named', namesText(group));
  add('is', `${whatText(group)}${kinds.length === 0 ? '' : `: ${seenText(kinds, group.series)}`}`);
  for (const reason of whyTexts(group)) add('why', reason);
  if (missing.length > 0) add('lacks', seenText(missing, group.series));
  const date = last.date === '' ? '' : `${isoDate(last.date)}; `;
  add('last', `${date}npx situs rules explain ${last.studyInstanceUid}`);
  if (descriptions.length === 0) add('note', 'No series of this group has a description.');
  return [...lines, ''];
}

/** `SIEMENS Skyra MR2, 3 T` */
export function scannerText({ key }: InboxGroup): string {
  const { manufacturer, model, station, fieldStrength } = key;
  const named = [manufacturer, model, station].filter((one) => one !== null).join(' ');
  const field = fieldStrength === null ? [] : [`${fieldStrength} T`];
  return [
    named === '' ? `${key.modality ?? 'unknown'} scanner without a name` : named,
    ...field,
  ].join(', ');
}

/** `haste`, `unsure: haste or t2_tse` */
export function whatText({ key }: InboxGroup): string {
  if (key.between.length > 0) return `unsure: ${key.between.join(' or ')}`;
  return key.sequence === 'unknown' ? 'unsure: nothing tells' : key.sequence;
}

/** For a narrow column: what tells scanners apart stands first. */
function shortScanner(group: InboxGroup): string {
  const { model, manufacturer, station, fieldStrength } = group.key;
  if (station === null) return scannerText(group);
  const field = fieldStrength === null ? [] : [`${fieldStrength} T`];
  return [`${station} ${model ?? manufacturer ?? ''}`.trim(), ...field].join(', ');
}

function namesText({ descriptions, moreDescriptions, series }: InboxGroup): string {
  if (descriptions.length === 0) return '(no description)';
  const more = moreDescriptions ? ', and others' : '';
  return `${seenText(
    descriptions.map((one) => ({ ...one, text: `"${one.text}"` })),
    series,
  )}${more}`;
}

/** The first condition that failed, most often first; what an unsure series is unsure of. */
function whyTexts(group: InboxGroup): string[] {
  const { key, reasons, series, evidence } = group;
  if (key.sequence === 'unknown') {
    return [
      'Situs is not sure what it is, and what is unsure is never segmented.',
      ...(evidence === '' ? [] : [evidence]),
    ];
  }
  if (reasons.length === 0) return [`No rule is for ${key.sequence}.`];
  return reasons
    .slice(0, 3)
    .map((one) => `rule "${one.rule ?? ''}": ${one.text} (${one.series} of ${series} series)`);
}

function seenText(seen: readonly Seen[], all: number): string {
  const shown = seen
    .slice(0, 6)
    .map((one) => (one.series === all ? one.text : `${one.text} (${one.series})`));
  return [...shown, ...(seen.length > 6 ? [`${seen.length - 6} more`] : [])].join(', ');
}

function isoDate(date: string): string {
  return /^\d{8}$/.test(date) ? `${date.slice(0, 4)}-${date.slice(4, 6)}-${date.slice(6)}` : date;
}

export function many(
  count: number,
  one: string,
  several = one.endsWith('s') ? one : `${one}s`,
): string {
  return `${count} ${count === 1 ? one : several}`;
}
