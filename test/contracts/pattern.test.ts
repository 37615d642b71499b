import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compilePattern, parsePattern, PATTERN_TEXT_LENGTH } from '../../src/contracts/index.ts';

describe('a pattern of the configuration', () => {
  const allowed = [
    '/liver|leber/i',
    '/^b[3-4]\\d[a-z]?$/',
    '/t2.*haste/',
    '/(in|opp)[ -]?phase/',
    '/a{2,5}b/',
    '/(?:x|y)z?/',
    '/[)(]+/',
    '/\\(out:/',
  ];
  for (const text of allowed) {
    it(`may be ${text}`, () => {
      const pattern = parsePattern(text);
      expect(pattern).not.toHaveProperty('problem');
    });
  }

  const refused: [string, RegExp][] = [
    ['/(a+)+$/', /group may not be repeated/],
    ['/(a|aa)*b/', /group may not be repeated/],
    ['/(ab){2,9}/', /group may not be repeated/],
    ['/.*.*.*.*x/', /too long/],
    ['/a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?b/', /too long/],
    ['/(?=a)b/', /look-around/],
    ['/(?<name>a)/', /named groups/],
    ['/(a)\\1/', /back-references/],
    ['/a/gi', /only flag/],
    ['/[/', /not a valid/],
    ['//', /empty/],
    ['liver', /between slashes/],
    [`/${'a'.repeat(300)}/`, /characters/],
  ];
  for (const [text, problem] of refused) {
    it(`may not be ${text.slice(0, 40)}`, () => {
      expect(parsePattern(text)).toEqual({ problem: expect.stringMatching(problem) });
    });
  }

  it('that was accepted ends in time on any text of the allowed length', () => {
    const atom = fc.constantFrom('a', '.', '[ab]', '(a|b)', '(?:ab|a)', '\\w');
    const repeat = fc.constantFrom('', '', '*', '+', '?', '{1,3}', '*?');
    const source = fc
      .array(
        fc
          .tuple(atom, repeat)
          .map(([one, times]) => (one.startsWith('(') && times !== '?' ? one : one + times)),
        { minLength: 1, maxLength: 6 },
      )
      .map((list) => `/${list.join('')}!/`);
    fc.assert(
      fc.property(source, (text) => {
        const pattern = parsePattern(text);
        if ('problem' in pattern) return;
        const started = performance.now();
        compilePattern(pattern).test('ab'.repeat(PATTERN_TEXT_LENGTH / 2));
        expect(performance.now() - started).toBeLessThan(5_000);
      }),
      { seed: 3, numRuns: 200 },
    );
  });
});
