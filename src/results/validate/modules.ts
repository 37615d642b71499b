import { COPIED_KEYWORDS } from '../copied.ts';
import type { ReadDataset, ReadElement } from '../read/dataset.ts';
import { under, type ValidationReport } from './report.ts';
import type { Condition } from './standard/condition.ts';
import { CONDITIONS } from './standard/conditions.ts';
import type { ObjectKind } from './standard/kinds.ts';
import { MAY_BE_EMPTY, PROMISED } from './standard/promises.ts';
import { placeUnder, RULES, type AttributeRule, type AttributeType } from './standard/tables.ts';

/** A rule of a place, with the condition that decides it, where one does. */
interface Demand {
  readonly keyword: string;
  readonly rule: AttributeRule;
  readonly condition: Condition | null;
  /** Null when the standard leaves it to a condition, or open. */
  readonly type: '1' | '2' | null;
}

interface Place {
  readonly known: ReadonlySet<string>;
  /** Those that some object could break. */
  readonly demands: readonly Demand[];
}

interface Walk {
  readonly kind: ObjectKind;
  readonly root: ReadDataset;
  readonly places: ReadonlyMap<string, Place>;
  readonly report: ValidationReport;
}

const copied = new Set(COPIED_KEYWORDS);

/** Where conditions of a place are looked up: those of codes are the same wherever codes stand. */
export function conditionPath(place: string, keyword: string): string {
  const isCode = /(^|\/)[A-Za-z]*CodeSequence$/.test(place);
  return isCode ? `code/${keyword}` : place === '' ? keyword : `${place}/${keyword}`;
}

function demandOf(kind: ObjectKind, place: string, keyword: string, rule: AttributeRule): Demand {
  const path = place === '' ? keyword : `${place}/${keyword}`;
  const conditional = rule.type === '3' ? undefined : CONDITIONS.get(conditionPath(place, keyword));
  const condition = conditional ?? null;
  const promised = PROMISED[kind].has(path) ? (MAY_BE_EMPTY.has(path) ? '2' : '1') : null;
  const binding = rule.type === '1' || rule.type === '2' ? rule.type : null;
  return { keyword, rule, condition, type: binding === '1' ? '1' : (promised ?? binding) };
}

function placesOf(kind: ObjectKind): ReadonlyMap<string, Place> {
  return new Map(
    [...RULES[kind]].map(([place, rules]) => {
      const demands = [...rules]
        .map(([keyword, rule]) => demandOf(kind, place, keyword, rule))
        .filter(({ condition, type }) => condition !== null || type !== null);
      return [place, { known: new Set(rules.keys()), demands }];
    }),
  );
}

const PLACES: Readonly<Record<ObjectKind, ReadonlyMap<string, Place>>> = {
  binary: placesOf('binary'),
  labelMap: placesOf('labelMap'),
  report: placesOf('report'),
  rejection: placesOf('rejection'),
  capture: placesOf('capture'),
};

/**
 * Every attribute that the standard requires of the kind is there, with a value where it must have
 * one; conditional ones are there when their condition holds and, where the standard forbids it, not
 * otherwise; and nothing is there that no module of the kind has at that place (PS3.3 A.1, PS3.5 7.4).
 * Below copied attributes nothing is checked: they are the source's.
 */
export function checkModules(
  dataset: ReadDataset,
  kind: ObjectKind,
  report: ValidationReport,
): void {
  checkItem(dataset, '', '', { kind, root: dataset, places: PLACES[kind], report });
}

function checkItem(item: ReadDataset, place: string, path: string, walk: Walk): void {
  const rules = walk.places.get(place);
  if (rules === undefined) {
    walk.report.error('not-in-iod', path, 'No module of the object has items here.');
    return;
  }
  for (const demand of rules.demands) checkDemand(demand, item, path, walk);
  for (const [keyword, { items }] of item) {
    if (place === '' && copied.has(keyword)) continue;
    // What the dictionary does not know is told of by the check of values.
    if (!rules.known.has(keyword)) {
      if (/^[0-9A-F]{8}$/.test(keyword)) continue;
      const message = `${keyword} is in no module of the object at this place.`;
      walk.report.error('not-in-iod', under(path, keyword), message);
      continue;
    }
    items.forEach((one, index) =>
      checkItem(one, placeUnder(place, keyword), `${under(path, keyword)}[${index + 1}]`, walk),
    );
  }
}

function checkDemand(demand: Demand, item: ReadDataset, path: string, walk: Walk): void {
  const { keyword, rule, condition } = demand;
  const element = item.get(keyword);
  const required = condition?.required({ item, root: walk.root, kind: walk.kind }) ?? false;
  if (
    condition !== null &&
    !required &&
    element !== undefined &&
    condition.otherwise === 'forbidden'
  ) {
    const message = `${keyword} must not be here (PS3.3 ${condition.section}).`;
    walk.report.error('condition-forbids', under(path, keyword), message);
    return;
  }
  const type = required ? strictly(rule.type) : condition === null ? demand.type : null;
  if (type === null) return;
  const says = `${rule.module} (PS3.3 table ${rule.table})`;
  if (element === undefined) {
    const message = `${keyword} is missing; ${says} requires it.`;
    walk.report.error(`type-${type}-missing`, under(path, keyword), message);
  } else if (type === '1' && isEmpty(element)) {
    const message = `${keyword} has no value; ${says} requires one.`;
    walk.report.error('type-1-empty', under(path, keyword), message);
  }
}

/** What a conditional type asks for when its condition holds. */
function strictly(type: AttributeType): '1' | '2' {
  return type.startsWith('2') ? '2' : '1';
}

/** Whether an element has no value at all, or one empty text. */
export function isEmpty({ values, items, bytes }: ReadElement): boolean {
  return (
    values.every((value) => value === '') &&
    items.length === 0 &&
    (bytes === null || bytes.length === 0)
  );
}
