import { type DayHours, isWithinHours, minuteOfDay, parseDayHours } from './day-hours.ts';
import type { Ternary } from './decision.ts';
import type { HeaderValue } from './headers.ts';
import { compilePattern, looksLikePattern, parsePattern, PATTERN_TEXT_LENGTH } from './pattern.ts';

/** How a test is written in YAML: a value, a range such as `">= 0.8"`, hours such as `19:00-07:00`, a `/pattern/i`, or a list of these. */
export type ValueTestText = string | number | boolean | readonly (string | number | boolean)[];

/** A parsed test of one value. Rules and sequence definitions share it. */
export type ValueTest =
  | { readonly kind: 'equal'; readonly value: string | number | boolean; readonly folded: string }
  | {
      readonly kind: 'range';
      readonly low: number;
      readonly high: number;
      readonly text: string;
      readonly holds: (value: number) => boolean;
    }
  | { readonly kind: 'hours'; readonly text: string; readonly hours: DayHours }
  | { readonly kind: 'pattern'; readonly text: string; readonly expression: RegExp }
  | { readonly kind: 'one-of'; readonly tests: readonly ValueTest[] };

/** Every kind a test can be; each room that evaluates tests must know all of them. */
export const VALUE_TEST_KINDS = ['equal', 'range', 'hours', 'pattern', 'one-of'] as const;

const NUMBER = String.raw`-?\d+(?:\.\d+)?`;
const COMPARISON = new RegExp(String.raw`^(>=|<=|>|<)\s*(${NUMBER})$`);
const INTERVAL = new RegExp(String.raw`^(${NUMBER})\s*\.\.\s*(${NUMBER})$`);

/** Parses a test; the problem is a plain sentence. */
export function parseValueTest(written: ValueTestText): ValueTest | { readonly problem: string } {
  if (typeof written === 'object') return parseList(written);
  if (typeof written !== 'string') return equal(written);
  const text = written.trim();
  if (looksLikePattern(text)) {
    const pattern = parsePattern(text);
    if ('problem' in pattern) return pattern;
    return { kind: 'pattern', text, expression: compilePattern(pattern) };
  }
  const comparison = COMPARISON.exec(text);
  if (comparison !== null) return compared(comparison[1] ?? '', Number(comparison[2]), text);
  const interval = INTERVAL.exec(text);
  if (interval !== null) return between(Number(interval[1]), Number(interval[2]), text);
  const hours = parseDayHours(text);
  if (hours !== null) return { kind: 'hours', text, hours };
  if (/^[<>]/.test(text)) {
    return { problem: `"${text}" is not a range; write e.g. ">= 0.8", "< 5" or "20..40"` };
  }
  return equal(written);
}

function parseList(
  list: readonly (string | number | boolean)[],
): ValueTest | { readonly problem: string } {
  if (list.length === 0) return { problem: 'the list is empty: nothing can match it' };
  const tests: ValueTest[] = [];
  for (const item of list) {
    const test = parseValueTest(item);
    if ('problem' in test) return test;
    tests.push(test);
  }
  return { kind: 'one-of', tests };
}

function equal(value: string | number | boolean): ValueTest {
  return { kind: 'equal', value, folded: fold(String(value)) };
}

function compared(operator: string, bound: number, text: string): ValueTest {
  if (operator === '>=')
    return { kind: 'range', low: bound, high: Infinity, text, holds: (value) => value >= bound };
  if (operator === '>')
    return { kind: 'range', low: bound, high: Infinity, text, holds: (value) => value > bound };
  if (operator === '<=')
    return { kind: 'range', low: -Infinity, high: bound, text, holds: (value) => value <= bound };
  return { kind: 'range', low: -Infinity, high: bound, text, holds: (value) => value < bound };
}

function between(
  low: number,
  high: number,
  text: string,
): ValueTest | { readonly problem: string } {
  if (low > high) return { problem: `the range "${text}" is empty: ${low} is more than ${high}` };
  return { kind: 'range', low, high, text, holds: (value) => value >= low && value <= high };
}

/**
 * Whether a value passes. A missing value is not answerable, and so is a range asked of text that is
 * no number. An attribute with several values passes when one of them does.
 */
export function testValue(
  test: ValueTest,
  value: HeaderValue | boolean | null | undefined,
): Ternary {
  if (value === undefined || value === null || value === '') return 'not-answerable';
  if (typeof value === 'object') return testAny(test, value);
  switch (test.kind) {
    case 'equal':
      return ternary(equals(test, value));
    case 'range': {
      const number =
        typeof value === 'number' ? value : typeof value === 'string' ? Number(value) : NaN;
      return Number.isNaN(number) ? 'not-answerable' : ternary(test.holds(number));
    }
    case 'hours': {
      const minute = minuteOfDay(String(value));
      return minute === null ? 'not-answerable' : ternary(isWithinHours(test.hours, minute));
    }
    case 'pattern':
      return ternary(test.expression.test(String(value).slice(0, PATTERN_TEXT_LENGTH)));
    case 'one-of':
      return either(test.tests.map((one) => testValue(one, value)));
  }
}

function testAny(test: ValueTest, values: readonly (string | number)[]): Ternary {
  if (values.length === 0) return 'not-answerable';
  return either(values.map((value) => testValue(test, value)));
}

function equals(test: ValueTest & { kind: 'equal' }, value: string | number | boolean): boolean {
  if (typeof value === 'number' && typeof test.value === 'number') return value === test.value;
  if (typeof value === 'boolean' || typeof test.value === 'boolean') return value === test.value;
  return fold(String(value)) === test.folded;
}

/** The test in words, e.g. `is at least 0.8` reads well behind a field's name. */
export function describeValueTest(test: ValueTest): string {
  switch (test.kind) {
    case 'equal':
      return `is ${String(test.value)}`;
    case 'range':
      return `is ${test.text.replace('..', ' to ')}`;
    case 'hours':
      return `is within ${test.text}`;
    case 'pattern':
      return `matches ${test.text}`;
    case 'one-of':
      return test.tests.map(describeValueTest).join(' or ');
  }
}

/** What the test wants, without a verb: `MR or CT`, `>= 0.8`, `a match of /liver/i`. */
export function wantedByTest(test: ValueTest): string {
  switch (test.kind) {
    case 'equal':
      return String(test.value);
    case 'range':
      return test.text.replace('..', ' to ');
    case 'hours':
      return test.text;
    case 'pattern':
      return `a match of ${test.text}`;
    case 'one-of':
      return test.tests.map(wantedByTest).join(' or ');
  }
}

/** Kleene's three-valued `or`: true if one is true, else not answerable if one is. */
export function either(values: readonly Ternary[]): Ternary {
  if (values.includes('true')) return 'true';
  return values.includes('not-answerable') ? 'not-answerable' : 'false';
}

/** Kleene's three-valued `and`: false if one is false, else not answerable if one is. */
export function every(values: readonly Ternary[]): Ternary {
  if (values.includes('false')) return 'false';
  return values.includes('not-answerable') ? 'not-answerable' : 'true';
}

/** Kleene's three-valued `not`. */
export function negate(value: Ternary): Ternary {
  if (value === 'not-answerable') return value;
  return value === 'true' ? 'false' : 'true';
}

function ternary(value: boolean): Ternary {
  return value ? 'true' : 'false';
}

function fold(text: string): string {
  return text.trim().toLowerCase();
}
