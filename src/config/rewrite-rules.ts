import { isDeepStrictEqual } from 'node:util';
import { type Document, isCollection, isMap, parseDocument, stringify, YAMLMap } from 'yaml';
import { nearest, SitusError } from '../contracts/index.ts';
import { parseYaml } from './read-yaml.ts';
import { type RuleLines, linesOfRules, textOfLines } from './rule-lines.ts';
import { rulesSchema } from './rules-schema.ts';

/** A rule as it is written: plain data, with `$name` for lists and without filled-in defaults. */
export type WrittenRule = { readonly name: string } & { readonly [key: string]: unknown };

/** One change of `rules.yaml`; positions count from 0, in the list as the change leaves it. */
export type RulesChange =
  | { readonly kind: 'add'; readonly rule: WrittenRule; readonly at?: number }
  | { readonly kind: 'change'; readonly name: string; readonly rule: WrittenRule }
  | { readonly kind: 'move'; readonly name: string; readonly to: number }
  | { readonly kind: 'remove'; readonly name: string };

const LINE_WIDTH = 100;

/**
 * The text of `rules.yaml` after one change. All other rules stay byte for byte, with their comments and
 * the order; in a changed rule comments and layout stay for the keys whose value does not change. A
 * comment right above a rule goes with it. The text is checked before and after as a file is.
 *
 * @param file only named in messages.
 * @throws SitusError `CONFIG_SYNTAX` or `CONFIG_INVALID` for a text or rule that is not valid,
 *   `UNKNOWN_RULE` for a name that no rule has, `RULES_LAYOUT` for a list in `[ ]` that is not empty.
 */
export function rewriteRules(text: string, change: RulesChange, file = 'rules.yaml'): string {
  const { rules } = parseYaml(file, text, rulesSchema);
  const names = rules.map((rule) => rule.name);
  const lines = names.length === 0 ? null : linesOfRules(text);
  if (names.length > 0 && lines === null) throw unusualLayout(file);
  const changed =
    lines === null ? firstRule(text, change, file) : changedText(lines, names, change, file);
  parseYaml(file, changed, rulesSchema);
  return changed;
}

function changedText(
  lines: RuleLines,
  names: readonly string[],
  change: RulesChange,
  file: string,
): string {
  const rules = [...lines.rules];
  switch (change.kind) {
    case 'add':
      rules.splice(change.at ?? rules.length, 0, indented(written([change.rule]), lines.indent));
      break;
    case 'change': {
      const index = indexOf(names, change.name, file);
      rules[index] = changedRule(rules[index] ?? '', change.rule, lines.indent);
      break;
    }
    case 'move': {
      const moved = rules.splice(indexOf(names, change.name, file), 1);
      rules.splice(change.to, 0, ...moved);
      break;
    }
    case 'remove':
      rules.splice(indexOf(names, change.name, file), 1);
  }
  return textOfLines({ ...lines, rules });
}

/** A file without a rule has no layout of rules to keep. */
function firstRule(text: string, change: RulesChange, file: string): string {
  if (change.kind !== 'add') throw unknownRule(change.name, [], file);
  const document = parseDocument(text);
  document.set('rules', document.createNode([change.rule]));
  inline(document);
  return document.toString({ lineWidth: LINE_WIDTH });
}

/** Sets what differs in a rule's own text and takes away what is gone. */
function changedRule(text: string, rule: WrittenRule, indent: number): string {
  const document = parseDocument(text);
  const node: unknown = document.getIn([0]);
  if (!(node instanceof YAMLMap)) return indented(written([rule]), indent);
  const before = node.toJS(document) as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(before)) if (rule[key] === undefined) node.delete(key);
  for (const [key, value] of Object.entries(rule)) {
    if (value === undefined || isDeepStrictEqual(before[key], value)) continue;
    const fresh = document.createNode(value);
    if (isCollection(fresh)) fresh.flow = true;
    node.set(key, fresh);
  }
  return indented(document.toString({ lineWidth: LINE_WIDTH }), indent);
}

/** A rule, or an item of evidence, as it is pasted below others: a line for each key, collections within braces. */
export function pastable(item: WrittenRule, indent: number): string {
  return indented(written([item]), indent);
}

/** Rules as a new text: a line for each key, collections within braces. */
function written(rules: readonly WrittenRule[]): string {
  const document = parseDocument(stringify(rules));
  inline(document);
  return document.toString({ lineWidth: LINE_WIDTH });
}

/** The values of a rule's keys go into braces, as in the shipped file. */
function inline(document: Document): void {
  const contents = document.contents;
  const list = isMap(contents) ? contents.get('rules') : contents;
  if (!isCollection(list)) return;
  for (const rule of list.items) {
    if (!isMap(rule)) continue;
    for (const { value } of rule.items) if (isCollection(value)) value.flow = true;
  }
}

function indented(text: string, indent: number): string {
  return text.trimEnd().replace(/^(?=.)/gm, ' '.repeat(indent));
}

function indexOf(names: readonly string[], name: string, file: string): number {
  const index = names.indexOf(name);
  if (index < 0) throw unknownRule(name, names, file);
  return index;
}

function unknownRule(name: string, names: readonly string[], file: string): SitusError {
  const hint = nearest(name, names);
  return new SitusError({
    code: 'UNKNOWN_RULE',
    message: `${file} has no rule "${name}"${hint === null ? '' : `; did you mean "${hint}"?`}`,
    next: 'Name a rule of the file.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { file, nearest: hint },
  });
}

function unusualLayout(file: string): SitusError {
  return new SitusError({
    code: 'RULES_LAYOUT',
    message: `The rules of ${file} do not stand below each other, each behind its own dash.`,
    next: 'Write each rule as an item that begins with "- " on a line of its own, or edit the file by hand.',
    errorClass: 'usage',
    origin: 'configuration',
    details: { file },
  });
}
