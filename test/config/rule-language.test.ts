import { describe, expect, it } from '@jest/globals';
import { loadRules } from '../../src/config/index.ts';
import { errorOf, loadText, problemsOf } from './files.ts';

const load = (path: string) => loadRules(path);

const LISTS = `lists:
  liver scanners: [MR4, MR7, /^LEBER/i]
  adults: [">= 18"]
rules:
  - name: a
    when:
      station: $liver scanners
      any: [ { age: $adults }, { study: { not: { station: [CT1, $liver scanners] } } } ]
    segment: { model: m }
    store: { to: main }
`;

describe('named lists', () => {
  it('stand where a rule names them, also inside of lists and joined conditions', async () => {
    const { value } = await loadText(LISTS, load);
    expect(value.rules[0]?.when).toEqual({
      station: ['MR4', 'MR7', '/^LEBER/i'],
      any: [
        { age: ['>= 18'] },
        { study: { not: { station: ['CT1', 'MR4', 'MR7', '/^LEBER/i'] } } },
      ],
    });
    expect(Object.keys(value)).toEqual(['rules']);
  });

  it('are named with the nearest one where there is none of that name, on the line', async () => {
    const text = LISTS.replace('{ age: $adults }', '{ age: $adult }').replace(
      '[CT1, $liver scanners]',
      '[CT1, $toString]',
    );
    const error = await errorOf(text, load);
    const column = (word: string): number => (text.split('\n')[7] ?? '').indexOf(word) + 1;
    expect(
      problemsOf(error).map(({ line, column: at, path, nearest }) => ({ line, at, path, nearest })),
    ).toEqual([
      { line: 8, at: column('age'), path: 'rules[0].when.any[0].age', nearest: 'adults' },
      {
        line: 8,
        at: column('$toString'),
        path: 'rules[0].when.any[1].study.not.station[1]',
        nearest: null,
      },
    ]);
    expect(error.message).toContain('there is no list "adult"; did you mean "$adults"?');
    expect(error.message).toContain('known are $liver scanners, $adults');
  });

  it.each([
    ['a list that names a list', LISTS.replace('[">= 18"]', '[$liver scanners]'), 3],
    ['an empty list', LISTS.replace('[">= 18"]', '[]'), 3],
    ['a pattern that could take forever', LISTS.replace('/^LEBER/i', '/(a+)+$/'), 2],
  ])('refuse %s', async (_what, text, line) => {
    expect(problemsOf(await errorOf(text, load))[0]?.line).toBe(line);
  });
});

const rule = (more: string): string =>
  `rules:\n  - name: a\n    when: { modality: CT }\n    segment: { model: m }\n    store: { to: main }\n    ${more}\n`;
const when = (condition: string): string =>
  rule('priority: low').replace('{ modality: CT }', condition);

describe('what a rule may say', () => {
  it.each([
    ['continue: true', { continue: true }],
    ['stop: true', { stop: true }],
    ['quiet: "07:00-19:00"', { quiet: ['07:00-19:00'] }],
    ['quiet: ["07:00-12:00", "13:00-19:00"]', { quiet: ['07:00-12:00', '13:00-19:00'] }],
    [
      'gate: { volume-range: hold, laterality: warn }',
      { gate: { 'volume-range': 'hold', laterality: 'warn' } },
    ],
  ])('reads %s', async (written, expected) => {
    const { value } = await loadText(rule(written), load);
    expect(value.rules[0]).toMatchObject(expected);
  });

  it.each([
    [rule('quiet: "7-19"'), 6, /07:00-19:00/, null],
    [rule('quiet: "00:00-24:00"'), 6, /no time/, null],
    [rule('quiet: ["06:00-18:00", "17:00-07:00"]'), 6, /no time/, null],
    [rule('gate: { volumerange: hold }'), 6, /unknown key/, 'volume-range'],
    [rule('gate: { laterality: hld }'), 6, /did you mean "hold"/, 'hold'],
    [rule('kontinue: true'), 6, /unknown key/, 'continue'],
    [when('{ plane: axail }'), 3, /did you mean "axial"/, 'axial'],
    [when('{ study: { weekday: [Monday, Sundy] } }'), 3, /did you mean "Sunday"/, 'Sunday'],
    [when('{ sex: female }'), 3, /none of M, F, O/, null],
    [when('{ time: evening }'), 3, /hours of the day/, null],
    [when('{ time: "25:00-07:00" }'), 3, /hours of the day/, null],
    [when('{ scaner: MR4 }'), 3, /unknown key/, 'scanner'],
  ])(
    'refuses mistakes with line and the word that was meant: %s',
    async (text, line, message, word) => {
      const problems = problemsOf(await errorOf(text, load));
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ line, nearest: word });
      expect(problems[0]?.message).toMatch(message);
    },
  );

  it.each(['continue: true', 'quiet: "07:00-19:00"', 'gate: { laterality: warn }'])(
    'refuses %s where nothing is segmented',
    async (written) => {
      const text = `rules:\n  - name: a\n    when: {}\n    leave: no\n    ${written}\n`;
      const [problem] = problemsOf(await errorOf(text, load));
      expect(problem).toMatchObject({ line: 5 });
      expect(problem?.message).toContain('goes with `segment`');
    },
  );

  it('knows sequences and models wherever a condition names them', async () => {
    const known = { sequences: ['haste'], models: ['m'], archives: ['main'] };
    const good = when('{ earlier: none, study: { sequences: [haste] } }');
    await loadText(good, (path) => loadRules(path, known));
    const bad = when('{ not: { earlier: mm }, study: { any: [ { sequences: hastte } ] } }');
    const problems = problemsOf(await errorOf(bad, (path) => loadRules(path, known)));
    expect(problems.map(({ path, nearest }) => ({ path, nearest }))).toEqual([
      { path: 'rules[0].when.study.any[0].sequences', nearest: 'haste' },
      { path: 'rules[0].when.not.earlier', nearest: 'm' },
    ]);
  });
});
