import { isSeq, parseDocument } from 'yaml';

/** The text of a rule file, cut where its rules begin and end. */
export interface RuleLines {
  readonly before: string;
  /** Each with the comment right above it, without the blank lines behind it. */
  readonly rules: readonly string[];
  /** The blank lines between two rules, by place. */
  readonly gaps: readonly (readonly string[])[];
  readonly after: string;
  /** Column of the dashes. */
  readonly indent: number;
}

const COMMENT = /^\s*#/;

/** Cuts a valid text; null when the rules are not a block of items with a dash each. */
export function linesOfRules(text: string): RuleLines | null {
  const document = parseDocument(text, { keepSourceTokens: true });
  const list = document.get('rules');
  if (!isSeq(list) || list.srcToken?.type !== 'block-seq') return null;
  const dashes = list.srcToken.items.flatMap(({ start }) =>
    start.filter(({ type }) => type === 'seq-item-ind').map(({ offset }) => offset),
  );
  const lines = text.split('\n');
  const dashLines = dashes.map((offset) => text.slice(0, offset).split('\n').length - 1);
  const indent = list.srcToken.indent;
  const starts = dashLines.map((line) => {
    let first = line;
    while (first > 0 && COMMENT.test(lines[first - 1] ?? '')) first -= 1;
    return first;
  });
  const [first = 0] = starts;
  const end = endOf(lines, dashLines.at(-1) ?? first, indent);
  const pieces = starts.map((start, index) => lines.slice(start, starts[index + 1] ?? end));
  const cut = pieces.map((piece) => {
    const length = piece.findLastIndex((line) => line.trim() !== '') + 1;
    return { rule: piece.slice(0, length).join('\n'), gap: piece.slice(length) };
  });
  const last = cut.at(-1)?.gap ?? [];
  return {
    before: lines.slice(0, first).join('\n'),
    rules: cut.map(({ rule }) => rule),
    gaps: cut.slice(0, -1).map(({ gap }) => gap),
    after: [...last, ...lines.slice(end)].join('\n'),
    indent,
  };
}

/** The line behind an item: the next that is neither blank nor further in than its dash. */
function endOf(lines: readonly string[], dash: number, indent: number): number {
  const next = lines.findIndex(
    (line, index) => index > dash && line.trim() !== '' && line.search(/\S/) <= indent,
  );
  return next < 0 ? lines.length : next;
}

/** The text again; a new rule gets the gap that the others have. */
export function textOfLines({ before, rules, gaps, after }: RuleLines): string {
  if (rules.length === 0) return [before.replace(/rules:(\s*)$/, 'rules: []$1'), after].join('\n');
  const joined = rules.flatMap((rule, index) =>
    index === 0 ? [rule] : [...(gaps[index - 1] ?? gaps.at(-1) ?? []), rule],
  );
  return [before, ...joined, after].join('\n');
}
