import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadRules, loadSequences, pastable, rewriteRules } from '../config/index.ts';
import { SitusError } from '../contracts/index.ts';
import {
  type Draft,
  type DraftEffect,
  draftFor,
  type InboxGroup,
  type ReplayBy,
  type Trial,
  type TrialSummary,
  withEvidence,
} from '../replay/index.ts';
import { wrap } from './fit.ts';
import { many, scannerText, whatText } from './inbox-table.ts';

/** Archives and a model to name in a rule where no rule of the file can be copied. */
export interface DraftContext {
  readonly rulesText: string;
  readonly archives: readonly string[];
  readonly model: string;
}

export interface DraftedGroup {
  readonly number: number;
  readonly group: InboxGroup;
  readonly draft: Draft;
}

/** A draft for each group, with names that differ. */
export function draftsFor(
  groups: readonly { readonly number: number; readonly group: InboxGroup }[],
  by: ReplayBy,
  { archives, model }: DraftContext,
): readonly DraftedGroup[] {
  const names = new Set<string>();
  const order = {
    segment: { model, folds: 'all' as const },
    store: { seg: 'binary' as const, sr: true, to: archives[0] ?? 'main' },
  };
  return groups.map(({ number, group }) => {
    const draft = draftFor(group, by, order, names);
    if (draft.kind === 'rule') names.add(draft.rule.name);
    return { number, group, draft };
  });
}

/**
 * Rules and definitions with the drafts, read from files as the node would read them.
 * @throws SitusError what `rules check` would say of a draft; none is expected.
 */
export async function checkedTrial(
  drafted: readonly DraftedGroup[],
  by: ReplayBy,
  { rulesText, archives }: DraftContext,
): Promise<Trial> {
  const drafts = drafted.map(({ draft }) => draft);
  const evidence = drafts.filter((one) => one.kind === 'evidence');
  const folder = await mkdtemp(join(tmpdir(), 'situs-drafts-'));
  try {
    let text = rulesText;
    for (const draft of drafts) {
      if (draft.kind !== 'rule') continue;
      text = rewriteRules(text, { kind: 'add', rule: plain(draft.rule) });
    }
    const rules = await loadAs(join(folder, 'rules.yaml'), text, (file) =>
      loadRules(file, {
        sequences: by.sequences.sequences.map((one) => one.name),
        archives,
      }),
    );
    // JSON is YAML; the file's own layout is no matter here.
    const changed = JSON.stringify(evidence.reduce(withEvidence, by.sequences));
    const sequences =
      evidence.length === 0
        ? null
        : await loadAs(join(folder, 'sequences.yaml'), changed, loadSequences);
    return {
      rules,
      sequences,
      drafts: drafts.flatMap((one) => {
        if (one.kind === 'none') return [];
        const rule = one.kind === 'rule' ? one.rule.name : null;
        return [{ group: one.group, sequence: one.sequence, rule }];
      }),
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function loadAs<Value>(
  file: string,
  text: string,
  load: (file: string) => Promise<{ readonly value: Value }>,
): Promise<Value> {
  await writeFile(file, text);
  return (await load(file)).value;
}

/** The drafts to be pasted, each with what it would do; all else stands behind `#`. */
export function draftLines(
  drafted: readonly DraftedGroup[],
  summary: TrialSummary,
  width: number | null,
): string[] {
  const lines = drafted.flatMap(({ number, group, draft }) => {
    const effect = summary.drafts.find((one) => one.group === draft.group);
    const comment = (text: string): string[] => wrap('  # ', text, width);
    const title = comment(`${number}: ${whatText(group)}, ${scannerText(group)}`);
    return [...title, ...bodyLines(group, draft, effect, comment), ''];
  });
  const { otherStudies, otherExamples } = summary;
  const comment = (text: string): string[] => wrap('# ', text, width);
  if (otherStudies === 0)
    return [...lines, ...comment('Nothing else would change in any decided study.')];
  return [
    ...lines,
    ...comment(
      `Careful: something else would change in ${many(otherStudies, 'study', 'studies')}, e.g.`,
    ),
    ...otherExamples.flatMap((one) =>
      comment(
        `${one.kind} in study ${one.studyInstanceUid}: was ${one.before}; would be ${one.after}`,
      ),
    ),
  ];
}

type Comment = (text: string) => string[];

function bodyLines(
  group: InboxGroup,
  draft: Draft,
  effect: DraftEffect | undefined,
  comment: Comment,
): string[] {
  switch (draft.kind) {
    case 'rule':
      return [
        ...(effect === undefined ? [] : comment(ruleEffect(effect))),
        ...ruleNotes(group, draft.like, draft.rule.segment?.model).flatMap(comment),
        pastable(plain(draft.rule), 2),
      ];
    case 'evidence':
      return [
        ...comment(
          `Situs cannot tell, so no rule can. Look at study ${group.last.studyInstanceUid}. If it is ${draft.sequence}, add this to config/sequences.yaml, at the end of the evidence of "${draft.sequence}"; if it is something else, to that sequence.`,
        ),
        ...(effect === undefined ? [] : comment(evidenceEffect(effect))),
        pastable(plain(draft.item), 6),
      ];
    case 'none':
      return comment(
        `These series cannot be told: nothing in their headers says what they are.${lacking(group)}`,
      );
  }
}

/** What the pasted rule would take, e.g. `Would take 14 series of 12 studies, all of the group`. */
function ruleEffect({
  taken,
  takenStudies,
  series,
  outside,
  outsideStudies,
  outsideExamples,
}: DraftEffect): string {
  const share = taken === series ? 'all of the group' : `of the ${series} of the group`;
  const takes = `Would take ${many(taken, 'series')} of ${many(takenStudies, 'study', 'studies')}, ${share}`;
  if (outside === 0) return `${takes}, and no other.`;
  return `${takes}; and also ${many(outside, 'series')} of ${many(outsideStudies, 'study', 'studies')} that are not of the group, e.g. in study ${outsideExamples[0] ?? ''}.`;
}

function evidenceEffect({ becoming, series, sequence, taken, takenStudies }: DraftEffect): string {
  if (becoming === 0) {
    return `Even so none of the ${many(series, 'series')} would be ${sequence}: more speaks against it.`;
  }
  return `With it ${becoming} of the ${many(series, 'series')} would be ${sequence}, and the rules would take ${taken} of them, of ${many(takenStudies, 'study', 'studies')}.`;
}

function ruleNotes(group: InboxGroup, like: string | null, model: string | undefined): string[] {
  const notes: string[] = [];
  notes.push(
    like === null
      ? `No rule could be copied: see that the model "${model ?? ''}" is there (npx situs model list).`
      : `Segments and stores as rule "${like}" does.`,
  );
  if (group.lowestConfidence < 0.8)
    notes.push(
      `Some of these are less sure than 0.8: look at a few with "rules explain" before you ask for less.`,
    );
  if (group.studiesWithSeveral > 0)
    notes.push(
      `${many(group.studiesWithSeveral, 'study has', 'studies have')} several of these; to take one of each add: choose: { prefer: [axial, most-coverage, thinnest], most: 1 }`,
    );
  return notes;
}

function lacking({ missing }: InboxGroup): string {
  const most = missing.slice(0, 4).map((one) => one.text);
  if (most.length === 0) return '';
  return ` ${most.join(', ')} would tell; the scanner or the archive leaves them out.`;
}

/** As it is written: keys without a value are not there. */
function plain<Item extends { readonly name: string }>(item: Item): Item & Record<string, unknown> {
  return JSON.parse(JSON.stringify(item)) as Item & Record<string, unknown>;
}

/** Throws INBOX_GROUP (usage) for a number that no group has. */
export function groupNumber(groups: readonly InboxGroup[], number: number): InboxGroup {
  const group = groups[number - 1];
  if (group !== undefined) return group;
  throw new SitusError({
    code: 'INBOX_GROUP',
    message: `There is no group ${number}; the inbox has ${many(groups.length, 'group')} in this time.`,
    next: 'Take a number of "npx situs rules inbox", with the same --since and --until.',
    errorClass: 'usage',
    origin: 'configuration',
  });
}
