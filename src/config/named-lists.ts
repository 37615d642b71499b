import type { z } from 'zod';
import { CONDITION_KINDS, nearest, type Rule, type ValueTestText } from '../contracts/index.ts';
import { isListName, itemsOf } from './tests-schema.ts';

export type NamedLists = Readonly<Record<string, readonly (string | number | boolean)[]>>;

type Condition = Readonly<Record<string, unknown>>;
type Path = readonly PropertyKey[];
/** What stands instead of a test: itself, or with the lists in place of their names. */
type Replace = (written: ValueTestText, path: Path) => ValueTestText;

const JOINTS: ReadonlySet<string> = new Set(CONDITION_KINDS.filter((kind) => kind !== 'field'));

/** Puts the named lists where rules name them as `$name`; a name that no list has is an issue on its line. */
export function withLists(
  rules: readonly Rule[],
  lists: NamedLists,
  context: z.RefinementCtx,
): readonly Rule[] {
  const names = Object.keys(lists);
  const replace: Replace = (written, path) => {
    if (!itemsOf(written).some(isListName)) return written;
    return itemsOf(written).flatMap((item, index): readonly (string | number | boolean)[] => {
      if (!isListName(item)) return [item];
      const name = item.trim().slice(1).trim();
      const list = Object.hasOwn(lists, name) ? lists[name] : undefined;
      if (list !== undefined) return list;
      const hint = nearest(name, names);
      context.addIssue({
        code: 'custom',
        path: [...path, ...(typeof written === 'object' ? [index] : [])],
        message: `there is no list "${name}"; ${suggestion(hint, names)}`,
        params: { nearest: hint },
      });
      return [item];
    });
  };
  return rules.map((rule, index) => ({
    ...rule,
    when: replaced(rule.when, ['rules', index, 'when'], replace),
  }));
}

function suggestion(hint: string | null, names: readonly string[]): string {
  if (hint !== null) return `did you mean "$${hint}"?`;
  return names.length === 0
    ? 'name it under `lists` at the top of the file'
    : `known are ${names.map((name) => `$${name}`).join(', ')}`;
}

function replaced(condition: Condition, path: Path, replace: Replace): Condition {
  return Object.fromEntries(
    Object.entries(condition).map(([key, written]): [string, unknown] => {
      const here = [...path, key];
      if (written === undefined) return [key, written];
      if (!JOINTS.has(key)) return [key, replace(written as ValueTestText, here)];
      if (!Array.isArray(written)) return [key, replaced(written as Condition, here, replace)];
      const parts = written as readonly Condition[];
      return [key, parts.map((part, index) => replaced(part, [...here, index], replace))];
    }),
  );
}
