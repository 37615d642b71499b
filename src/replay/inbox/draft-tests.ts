import {
  looksLikePattern,
  parsePattern,
  parseValueTest,
  PATTERN_TEXT_LENGTH,
  type ValueTestText,
} from '../../contracts/index.ts';
import type { InboxGroup } from './groups.ts';
import { wants } from './wants.ts';

const SPECIAL = /[\\^$.*+?()[\]{}|/]/g;

/** A test that these texts pass and no others; null without any, or when a text cannot be written. */
export function exactTest(texts: readonly (string | null)[]): ValueTestText | null {
  const tests: string[] = [];
  for (const text of texts) {
    if (text === null) continue;
    const test = exactly(text);
    if (test === null) return null;
    tests.push(test);
  }
  return tests.length > 1 ? tests : (tests[0] ?? null);
}

/**
 * The description of a group as a test: as it stands where all are alike, else a pattern in which the
 * lone numbers are free, so that it holds for the next number too; else the list of those that were seen.
 */
export function descriptionTest(group: InboxGroup): ValueTestText | null {
  const texts = group.descriptions.map((one) => one.text);
  const alike = new Set(texts.map((one) => one.toLowerCase()));
  if (alike.size <= 1 && !group.moreDescriptions) return exactTest(texts.slice(0, 1));
  const pattern = patternOf(group.key.description ?? '');
  if (pattern !== null && texts.every((text) => wants(pattern, text))) return pattern;
  return group.moreDescriptions ? null : exactTest(texts);
}

/** Texts that read like a range, hours, a pattern or a list's name are written as a pattern. */
function exactly(text: string): string | null {
  const test = parseValueTest(text);
  const isPlain = !('problem' in test) && test.kind === 'equal';
  if (isPlain && !text.startsWith('$') && !looksLikePattern(text)) return text;
  return checked(`/^${text.replace(SPECIAL, '\\$&')}$/i`);
}

/** `haste #` → `/^haste[ _][\d.,]{1,9}$/i` */
function patternOf(description: string): string | null {
  if (description === '') return null;
  const source = description
    .replace(SPECIAL, '\\$&')
    .replaceAll(' ', '[ _]')
    .replaceAll('#', '[\\d.,#]{1,9}');
  return checked(`/^${source}$/i`);
}

function checked(pattern: string): string | null {
  if (pattern.length > PATTERN_TEXT_LENGTH) return null;
  return 'problem' in parsePattern(pattern) ? null : pattern;
}
