import {
  CONDITION_KINDS,
  describeValueTest,
  either,
  every,
  fault,
  negate,
  parseValueTest,
  SERIES_FIELDS,
  STUDY_FIELDS,
  testValue,
  wantedByTest,
} from '../contracts/index.ts';
import type {
  ConditionKind,
  HeaderValue,
  RuleSet,
  SeriesCondition,
  SeriesField,
  StudyCondition,
  StudyField,
  Ternary,
  ValueTestText,
} from '../contracts/index.ts';
import { type Field, SERIES_READERS, STUDY_READERS } from './fields.ts';
import { type SeriesView, type StudyView, textOf } from './view.ts';

/** A compiled condition over a view of a series or a study. */
export interface Condition<View> {
  readonly ask: (view: View) => Ternary;
  /** What the condition wants, in words. */
  readonly description: string;
  /** Why it is what it is for this view: the first part that failed or could not be answered. */
  readonly tell: (view: View) => string;
}

type Written = SeriesCondition | StudyCondition;
type Readers<View> = Readonly<Record<string, Field<View>>>;
interface Compiling<View> {
  readonly readers: Readers<View>;
  readonly study: (condition: StudyCondition) => Condition<View>;
}

/** One evaluator for each way of joining conditions. */
const EVALUATORS: {
  readonly [Kind in ConditionKind]: <View>(
    key: string,
    written: unknown,
    compiling: Compiling<View>,
  ) => Condition<View>;
} = {
  field: (key, written, compiling) => {
    const field = compiling.readers[key];
    if (field === undefined) throw withoutEvaluator(key);
    return tested(field, written as ValueTestText);
  },
  study: (_key, written, compiling) => compiling.study(written as StudyCondition),
  any: (_key, written, compiling) =>
    anyOf((written as Written[]).map((one) => compile(one, compiling))),
  all: (_key, written, compiling) =>
    allOf((written as Written[]).map((one) => compile(one, compiling))),
  not: (_key, written, compiling) => negated(compile(written as Written, compiling)),
};

export function compileSeriesCondition(condition: SeriesCondition): Condition<SeriesView> {
  return compile(condition, {
    readers: SERIES_READERS,
    study: (inner) => {
      const compiled = compileStudyCondition(inner);
      return {
        ask: (view) => compiled.ask(view.study),
        description: compiled.description,
        tell: (view) => compiled.tell(view.study),
      };
    },
  });
}

function compileStudyCondition(condition: StudyCondition): Condition<StudyView> {
  return compile<StudyView>(condition, { readers: STUDY_READERS, study: compileStudyCondition });
}

/** Whether any rule has a condition on a field, so that its facts need be got. */
export function asksFor(rules: RuleSet, field: SeriesField | StudyField): boolean {
  const isAsked = (written: unknown): boolean =>
    typeof written === 'object' &&
    written !== null &&
    Object.entries(written).some(([key, inner]) => key === field || isAsked(inner));
  return rules.rules.some((rule) => isAsked(rule.when));
}

/** The node does not start when a kind or field that the schema allows has no evaluator. */
export function checkConditions(
  kinds: readonly string[] = CONDITION_KINDS,
  seriesFields: readonly string[] = SERIES_FIELDS,
  studyFields: readonly string[] = STUDY_FIELDS,
): void {
  for (const kind of kinds) if (!(kind in EVALUATORS)) throw withoutEvaluator(kind);
  for (const field of seriesFields) if (!(field in SERIES_READERS)) throw withoutEvaluator(field);
  for (const field of studyFields)
    if (!(field in STUDY_READERS)) throw withoutEvaluator(`study.${field}`);
}

function withoutEvaluator(kind: string): Error {
  return fault(
    'CONDITION_WITHOUT_EVALUATOR',
    `No evaluator for the condition "${kind}" of the rules.`,
    { kind },
  );
}

function compile<View>(condition: Written, compiling: Compiling<View>): Condition<View> {
  const parts: Condition<View>[] = [];
  for (const [key, written] of Object.entries(condition)) {
    if (written === undefined) continue;
    const kind =
      key !== 'field' && (CONDITION_KINDS as readonly string[]).includes(key)
        ? (key as ConditionKind)
        : 'field';
    parts.push(EVALUATORS[kind](key, written, compiling));
  }
  return parts.length === 1 && parts[0] !== undefined ? parts[0] : allOf(parts);
}

function tested<View>(field: Field<View>, written: ValueTestText): Condition<View> {
  const test = parseValueTest(written);
  if ('problem' in test)
    throw fault('RULE_TEST', `A test of the rules is not valid: ${test.problem}.`);
  const description = `${field.label} ${describeValueTest(test)}`;
  return {
    description,
    ask: (view) => testValue(test, field.read(view)),
    tell: (view) => {
      const value = field.read(view);
      const shown = typeof value === 'boolean' ? String(value) : textOf(known(value ?? undefined));
      if (shown === null)
        return `cannot tell whether ${description}: ${field.missing ?? 'the headers have none'}`;
      const answer = testValue(test, value);
      if (answer === 'not-answerable')
        return isPartly(value)
          ? `cannot tell whether ${description}: only "${cut(shown)}" is known`
          : `cannot tell whether ${description}: it is "${cut(shown)}"`;
      return answer === 'true'
        ? description
        : `${field.label} is "${cut(shown)}", wanted ${wantedByTest(test)}`;
    },
  };
}

/** Of several values those that the headers have. */
function known(value: HeaderValue | undefined): HeaderValue | undefined {
  return typeof value === 'object' ? value.filter((one) => one !== '') : value;
}

function isPartly(value: HeaderValue | boolean | null | undefined): boolean {
  return typeof value === 'object' && value !== null && value.includes('');
}

function allOf<View>(parts: readonly Condition<View>[]): Condition<View> {
  const ask = (view: View): Ternary => every(parts.map((part) => part.ask(view)));
  return {
    ask,
    description:
      parts.length === 0 ? 'anything' : parts.map((part) => part.description).join(' and '),
    tell: (view) => {
      const answer = ask(view);
      if (answer === 'true') return parts.map((part) => part.tell(view)).join(' and ');
      return parts.find((part) => part.ask(view) === answer)?.tell(view) ?? '';
    },
  };
}

function anyOf<View>(parts: readonly Condition<View>[]): Condition<View> {
  const ask = (view: View): Ternary => either(parts.map((part) => part.ask(view)));
  return {
    ask,
    description: `(${parts.map((part) => part.description).join(' or ')})`,
    tell: (view) => {
      const answer = ask(view);
      const deciding = parts
        .filter((part) => part.ask(view) === answer)
        .map((part) => part.tell(view));
      return answer === 'true' ? (deciding[0] ?? '') : deciding.join(', and ');
    },
  };
}

function negated<View>(part: Condition<View>): Condition<View> {
  const description = `not (${part.description})`;
  return {
    description,
    ask: (view) => negate(part.ask(view)),
    tell: (view) => {
      const answer = part.ask(view);
      if (answer === 'not-answerable') return part.tell(view);
      return answer === 'true' ? `excluded, because ${part.tell(view)}` : description;
    },
  };
}

function cut(value: string): string {
  return value.length > 80 ? `${value.slice(0, 77)}...` : value;
}

// At load, so that a node with an incomplete registry does not start.
checkConditions();
