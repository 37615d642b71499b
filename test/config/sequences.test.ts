import { describe, expect, it } from '@jest/globals';
import { loadSequences, loadStructures } from '../../src/config/index.ts';
import { errorOf, problemsOf } from './files.ts';

const GOOD = `words:
  single_shot:
    en: [haste, ssfse]
unknown: { weight: 3, minimumConfidence: 0.5 }
sequences:
  - name: haste
    title: HASTE
    target: true
    modality: [MR]
    evidence:
      - { name: by name, weight: 9, when: { words: single_shot } }
`;

describe('sequences.yaml', () => {
  const refused: [string, string, number, RegExp][] = [
    [
      'a word list that does not exist',
      GOOD.replace('words: single_shot', 'words: singleshot'),
      11,
      /did you mean "single_shot"/,
    ],
    [
      'one deep inside',
      GOOD.replace('{ words: single_shot }', '{ not: { any: [{ study: singel_shot }] } }'),
      11,
      /did you mean "single_shot"/,
    ],
    [
      'an unknown kind of evidence',
      GOOD.replace('{ words: single_shot }', '{ wrods: single_shot }'),
      11,
      /did you mean "words"/,
    ],
    ['an empty condition', GOOD.replace('{ words: single_shot }', '{}'), 11, /empty/],
    [
      'a dangerous word pattern',
      GOOD.replace('ssfse', "'/(s|ss)*fse/'"),
      3,
      /group may not be repeated/,
    ],
    ['a word without a letter', GOOD.replace('ssfse', "'+'"), 3, /no letter/],
    ['a weight out of range', GOOD.replace('weight: 9', 'weight: 900'), 11, /50/],
    ['a name in capitals', GOOD.replace('name: haste', 'name: HASTE'), 6, /lower case/],
  ];
  for (const [what, text, line, message] of refused) {
    it(`refuses ${what} on its line`, async () => {
      const problems = problemsOf(await errorOf(text, (path) => loadSequences(path)));
      expect(problems.filter((one) => message.test(one.message)).map((one) => one.line)).toEqual([
        line,
      ]);
    });
  }

  it('as shipped is valid and names every refusal of the labelled data', async () => {
    const { value } = await loadSequences('config/sequences.yaml');
    const names = value.sequences.map((one) => one.name);
    expect(value.sequences.filter((one) => one.target).map((one) => one.name)).toEqual([
      't1_in_phase',
      'haste',
      'ct_abdomen',
    ]);
    expect(names).toEqual(
      expect.arrayContaining([
        'localizer',
        'subtraction',
        'dwi',
        'adc',
        'mrcp',
        'bssfp',
        't1_fs_pre',
        't1_fs_post',
        't1_opposed_phase',
        't1_dixon_water',
        't1_dixon_fat',
        't2_tse',
        'mr_derived',
        'other_mr',
        'ct_scout',
        'ct_reformat',
        'ct_other_kernel',
        'ct_chest',
        'ct_derived',
        'other_ct',
        'other_modality',
        'own_result',
      ]),
    );
  });
});

describe('structures.json', () => {
  it('refuses an index that stands twice', async () => {
    const code = { value: '1', scheme: 'SCT', meaning: 'x' };
    const one = {
      index: 1,
      name: 'a',
      category: code,
      type: code,
      laterality: null,
      rgb: [1, 2, 3],
      verified: true,
      source: '',
    };
    const error = await errorOf(JSON.stringify([one, { ...one, name: 'b' }]), (path) =>
      loadStructures(path),
    );
    expect(problemsOf(error)[0]?.message).toContain('stands twice');
  });
});
