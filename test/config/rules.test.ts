import { describe, expect, it } from '@jest/globals';
import { loadRules } from '../../src/config/index.ts';
import { errorOf, loadText, problemsOf } from './files.ts';

const GOOD = `rules:
  - name: abdominal MR, T1 in-phase
    when: { modality: MR, sequence: t1_in_phase, confidence: ">= 0.8", study: { any: [ { bodyPart: [ABDOMEN, LIVER, KIDNEY] }, { description: /abdo|leber|liver|oberbauch/i } ] } }
    choose: { prefer: [axial, most-coverage, thinnest], most: 1 }
    segment: { model: mrsegmentator, folds: all }
    store: { seg: binary, sr: true, to: main }
    priority: normal
`;

describe('rules.yaml', () => {
  it('reads the example of the design, with a version that is the hash of its text', async () => {
    const loaded = await loadText(GOOD, (path) => loadRules(path));
    expect(loaded.value.rules[0]?.when.study?.any?.[1]?.description).toBe(
      '/abdo|leber|liver|oberbauch/i',
    );
    expect(loaded.version).toMatch(/^[0-9a-f]{64}$/);
    const other = await loadText(`${GOOD}\n`, (path) => loadRules(path));
    expect(other.version).not.toBe(loaded.version);
  });

  it('fills in what a rule need not say', async () => {
    const loaded = await loadText(
      'rules:\n  - { name: a, when: { modality: CT }, segment: { model: m }, store: { to: main }, choose: { prefer: [axial] } }\n',
      (path) => loadRules(path),
    );
    expect(loaded.value.rules[0]).toMatchObject({
      segment: { folds: 'all' },
      store: { seg: 'binary', sr: true },
      choose: { most: 1 },
      priority: 'normal',
    });
  });

  const withSegment = (segment: string) =>
    `rules:\n  - name: a\n    when: { modality: CT }\n    segment: ${segment}\n    store: { to: main }\n`;

  it.each([
    ['{ model: m, fast: true }', { model: 'm', folds: 'first', fast: true }],
    ['{ model: m, fast: false }', { model: 'm', folds: 'all' }],
    [
      '{ model: m, folds: first, fast: true, splitLevel: 1 }',
      { model: 'm', folds: 'first', fast: true, splitLevel: 1 },
    ],
    [
      '{ model: m, folds: [1], stepSize: 0.7, mirroring: false }',
      { model: 'm', folds: [1], stepSize: 0.7, mirroring: false },
    ],
  ])('reads how a rule runs its model: %s', async (written, expected) => {
    const { value } = await loadText(withSegment(written), (path) => loadRules(path));
    expect(value.rules[0]?.segment).toEqual(expected);
  });

  it.each([
    ['{ model: m, fast: true, folds: all }', /fast: true` decides folds itself/],
    ['{ model: m, fast: true, stepSize: 0.5 }', /fast: true` decides stepSize itself/],
    ['{ model: m, fast: true, mirroring: true }', /fast: true` decides mirroring itself/],
    ['{ model: m, stepSize: 1.5 }', /<=1/],
    ['{ model: m, splitLevel: 5 }', /<=4/],
    ['{ model: m, fasst: true }', /did you mean "fast"/],
  ])('refuses %s, with the line', async (written, message) => {
    const error = await errorOf(withSegment(written), (path) => loadRules(path));
    const [problem] = problemsOf(error);
    expect(problem?.line).toBe(4);
    expect(problem?.message).toMatch(message);
  });

  it('names file, line, column, path and the nearest key of every mistake at once', async () => {
    const text = GOOD.replace('modality: MR', 'modalty: MR')
      .replace('bodyPart: [', 'bodypart: [')
      .replace('priority: normal', 'priority: norml')
      .replace('thinnest', 'thinest');
    const error = await errorOf(text, (path) => loadRules(path));
    expect(error.code).toBe('CONFIG_INVALID');
    expect(error.errorClass).toBe('usage');
    const places = problemsOf(error).map(({ line, column, path, nearest }) => ({
      line,
      column,
      path,
      nearest,
    }));
    const lines = text.split('\n');
    const columnOf = (line: number, word: string): number =>
      (lines[line - 1] ?? '').indexOf(word) + 1;
    expect(places).toEqual([
      {
        line: 3,
        column: columnOf(3, 'modalty'),
        path: 'rules[0].when.modalty',
        nearest: 'modality',
      },
      {
        line: 3,
        column: columnOf(3, 'bodypart'),
        path: 'rules[0].when.study.any[0].bodypart',
        nearest: 'bodyPart',
      },
      {
        line: 4,
        column: columnOf(4, 'thinest'),
        path: 'rules[0].choose.prefer[2]',
        nearest: 'thinnest',
      },
      { line: 7, column: columnOf(7, 'priority'), path: 'rules[0].priority', nearest: 'normal' },
    ]);
    expect(error.message).toMatch(
      /file\.yaml:3:\d+ rules\[0\]\.when\.modalty: unknown key "modalty"; did you mean "modality"\?/,
    );
  });

  const refused: [string, string, number, RegExp][] = [
    ['a range that is none', GOOD.replace('">= 0.8"', '">= much"'), 3, /not a range/],
    ['an empty range', GOOD.replace('">= 0.8"', '5..2'), 3, /empty/],
    ['an empty list', GOOD.replace('[ABDOMEN, LIVER, KIDNEY]', '[]'), 3, /empty/],
    [
      'a map where a value belongs',
      GOOD.replace('modality: MR', 'modality: { is: MR }'),
      3,
      /expected a value/,
    ],
    [
      'a pattern that could take forever',
      GOOD.replace('/abdo|leber|liver|oberbauch/i', '/(a+)+$/'),
      3,
      /group may not be repeated/,
    ],
    [
      'a pattern with a look-ahead',
      GOOD.replace('/abdo|leber|liver|oberbauch/i', '"/(?=a)/"'),
      3,
      /look-around/,
    ],
    ['a rule without an order', GOOD.replace(/ {4}segment.*\n/, ''), 2, /`segment`.*or `leave`/],
    ['a rule that segments and leaves', `${GOOD}    leave: no\n`, 2, /not both/],
    [
      'a segmentation without a place for its results',
      GOOD.replace(/ {4}store.*\n/, ''),
      2,
      /needs `store`/,
    ],
    [
      'pictures without the segmentation that they show',
      GOOD.replace('seg: binary', 'seg: none, pictures: true'),
      6,
      /never stored without the SEG/,
    ],
    ['two rules of one name', GOOD + GOOD.replace('rules:\n', ''), 8, /defined twice/],
    ['a missing list', 'rulez: []\n', 1, /did you mean "rules"/],
  ];
  for (const [what, text, line, message] of refused) {
    it(`refuses ${what} on its line`, async () => {
      const problems = problemsOf(await errorOf(text, (path) => loadRules(path)));
      expect(problems.filter((one) => message.test(one.message)).map((one) => one.line)).toEqual([
        line,
      ]);
    });
  }

  it('names the line of a syntax error', async () => {
    const error = await errorOf('rules:\n  - name: a\n    when: { modality: [MR }\n', (path) =>
      loadRules(path),
    );
    expect(error.code).toBe('CONFIG_SYNTAX');
    expect(problemsOf(error)[0]?.line).toBe(3);
  });

  it('refuses a key that stands twice', async () => {
    const error = await errorOf('rules: []\nrules: []\n', (path) => loadRules(path));
    expect(error.code).toBe('CONFIG_SYNTAX');
    expect(problemsOf(error)[0]?.line).toBe(2);
  });

  it('says what is missing when the file is not there', async () => {
    await expect(loadRules('no/such/rules.yaml')).rejects.toMatchObject({
      code: 'CONFIG_NOT_FOUND',
      errorClass: 'usage',
    });
  });

  it('knows the names of other files when it is given them', async () => {
    const known = {
      sequences: ['t1_in_phase', 'haste'],
      archives: ['main', 'backup'],
      models: ['mrsegmentator'],
    };
    await loadText(GOOD, (path) => loadRules(path, known));
    await loadText(GOOD.replace('t1_in_phase', 'unknown'), (path) => loadRules(path, known));
    const text = GOOD.replace('sequence: t1_in_phase', 'sequence: t1_inphase').replace(
      'to: main',
      'to: mian',
    );
    const problems = problemsOf(await errorOf(text, (path) => loadRules(path, known)));
    expect(problems.map(({ line, nearest }) => ({ line, nearest }))).toEqual([
      { line: 3, nearest: 't1_in_phase' },
      { line: 6, nearest: 'main' },
    ]);
  });

  it('survives a bomb of aliases', async () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      'b: &b [*a, *a, *a, *a, *a, *a, *a, *a, *a]',
      'c: &c [*b, *b, *b, *b, *b, *b, *b, *b, *b]',
      'd: [*c, *c, *c, *c, *c, *c, *c, *c, *c]',
    ].join('\n');
    expect((await errorOf(bomb, (path) => loadRules(path))).code).toBe('CONFIG_SYNTAX');
  });
});
