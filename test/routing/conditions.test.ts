import { describe, expect, it } from '@jest/globals';
import {
  CONDITION_KINDS,
  either,
  every,
  MATCH_FACTS,
  negate,
  type Rule,
  SERIES_FIELDS,
  STUDY_FIELDS,
  type Ternary,
} from '../../src/contracts/index.ts';
import { checkConditions, decide } from '../../src/routing/index.ts';
import { caseOf, rule, ruleSet, type Sketch, VERSIONS } from './fixtures.ts';

function outcome(
  when: Rule['when'],
  sketch: Partial<Sketch> = {},
  study = {},
): { outcome: Ternary | undefined; text: string } {
  const { study: headers, matches } = caseOf([{ uid: '1.1', ...sketch }], study);
  const decision = decide(headers, matches, ruleSet(rule('r', when)), VERSIONS, []);
  const said = decision.verdicts[0]?.rules[0];
  return { outcome: said?.outcome, text: said?.text ?? '' };
}

describe('three-valued logic', () => {
  const values: Ternary[] = ['true', 'false', 'not-answerable'];
  it('of `and` is false as soon as one is false, else not answerable if one is', () => {
    for (const a of values) {
      for (const b of values) {
        const expected =
          a === 'false' || b === 'false'
            ? 'false'
            : a === 'true' && b === 'true'
              ? 'true'
              : 'not-answerable';
        expect(every([a, b])).toBe(expected);
      }
    }
    expect(every([])).toBe('true');
  });

  it('of `or` is true as soon as one is true, else not answerable if one is', () => {
    for (const a of values) {
      for (const b of values) {
        const expected =
          a === 'true' || b === 'true'
            ? 'true'
            : a === 'false' && b === 'false'
              ? 'false'
              : 'not-answerable';
        expect(either([a, b])).toBe(expected);
      }
    }
    expect(either([])).toBe('false');
  });

  it('of `not` keeps what is not answerable', () => {
    expect(values.map(negate)).toEqual(['false', 'true', 'not-answerable']);
  });
});

describe('a condition', () => {
  it('compares without regard to case and surrounding space', () => {
    expect(outcome({ modality: 'ct' }).outcome).toBe('true');
    expect(
      outcome({ manufacturer: 'Siemens' }, { attributes: { Manufacturer: ' SIEMENS ' } }).outcome,
    ).toBe('true');
    expect(outcome({ modality: 'MR' }).outcome).toBe('false');
  });

  it('reads ranges', () => {
    expect(outcome({ confidence: '>= 0.95' }).outcome).toBe('true');
    expect(outcome({ confidence: '> 0.95' }).outcome).toBe('false');
    expect(outcome({ sliceCount: '20..40' }).outcome).toBe('true');
    expect(outcome({ sliceCount: '< 40' }).outcome).toBe('false');
    expect(
      outcome({ fieldStrength: 1.5 }, { attributes: { MagneticFieldStrength: 15_000 } }).outcome,
    ).toBe('true');
  });

  it('reads patterns and lists', () => {
    expect(outcome({ description: '/^series 1/i' }).outcome).toBe('true');
    expect(outcome({ description: ['liver', '/1\\.1$/'] }).outcome).toBe('true');
    expect(outcome({ description: ['liver', 'kidney'] }).outcome).toBe('false');
    expect(
      outcome(
        { imageType: 'AXIAL' },
        { attributes: { ImageType: ['ORIGINAL', 'PRIMARY', 'AXIAL'] } },
      ).outcome,
    ).toBe('true');
  });

  it('is not answerable where the attribute is missing, and says which', () => {
    const missing = outcome({ kernel: 'B30f' });
    expect(missing.outcome).toBe('not-answerable');
    expect(missing.text).toContain('convolution kernel');
    expect(outcome({ not: { kernel: 'B30f' } }).outcome).toBe('not-answerable');
    expect(outcome({ plane: 'axial' }, { plane: null }).outcome).toBe('not-answerable');
    expect(
      outcome({ sliceThickness: '> 1' }, { attributes: { SliceThickness: 'thin' } }).outcome,
    ).toBe('not-answerable');
    expect(outcome({ contrast: true }).outcome).toBe('not-answerable');
    expect(outcome({ contrast: true }, { attributes: { ContrastBolusAgent: 'X' } }).outcome).toBe(
      'true',
    );
  });

  it('joins with any, all and not', () => {
    expect(outcome({ any: [{ modality: 'MR' }, { modality: 'CT' }] }).outcome).toBe('true');
    expect(outcome({ any: [{ modality: 'MR' }, { kernel: 'x' }] }).outcome).toBe('not-answerable');
    expect(outcome({ all: [{ modality: 'MR' }, { kernel: 'x' }] }).outcome).toBe('false');
    expect(outcome({ not: { modality: 'MR' } }).outcome).toBe('true');
  });

  it('asks the study', () => {
    const study = { StudyDescription: 'MRT Oberbauch' };
    expect(outcome({ study: { description: '/oberbauch/i' } }, {}, study).outcome).toBe('true');
    expect(outcome({ study: { description: '/oberbauch/i' } }).outcome).toBe('not-answerable');
    const body = { attributes: { BodyPartExamined: 'LIVER' } };
    expect(
      outcome(
        { study: { any: [{ bodyPart: ['ABDOMEN', 'LIVER'] }, { description: '/x/' }] } },
        body,
      ).outcome,
    ).toBe('true');
    expect(
      outcome({ study: { seriesCount: 1, sequences: 'ct_abdomen', modality: 'CT' } }).outcome,
    ).toBe('true');
  });

  it('tells the first part that failed before one that could not be answered', () => {
    const { text } = outcome({ kernel: 'x', modality: 'MR', plane: 'coronal' });
    expect(text).toContain('modality is "CT"');
  });
});

describe('a fact of the fine kind', () => {
  const facts = [{ name: 'fatSaturated', value: false, because: 'ScanOptions: PFP' }] as const;
  it('is compared with what the match tells', () => {
    expect(outcome({ fatSaturated: false }, { facts }).outcome).toBe('true');
    expect(outcome({ fatSaturated: true }, { facts }).outcome).toBe('false');
  });
  it('is not answerable where the match does not tell it, nor is its negation', () => {
    expect(outcome({ kernelClass: 'soft' }, { facts }).outcome).toBe('not-answerable');
    expect(outcome({ not: { postContrast: true } }, {}).outcome).toBe('not-answerable');
  });
});

describe('the registry of conditions', () => {
  it('is complete, and what has no evaluator is named', () => {
    expect(() => checkConditions()).not.toThrow();
    expect(() => checkConditions([...CONDITION_KINDS, 'most'])).toThrow(/most/);
    expect(() => checkConditions(CONDITION_KINDS, [...SERIES_FIELDS, 'mood'])).toThrow(/mood/);
    expect(() =>
      checkConditions(CONDITION_KINDS, SERIES_FIELDS, [...STUDY_FIELDS, 'weather']),
    ).toThrow(/weather/);
  });

  for (const field of SERIES_FIELDS) {
    it(`answers ${field}`, () => {
      const full = {
        SeriesDescription: 'x',
        ProtocolName: 'x',
        BodyPartExamined: 'x',
        Manufacturer: 'x',
        ManufacturerModelName: 'x',
        StationName: 'x',
        InstitutionName: 'x',
        MagneticFieldStrength: 3,
        SliceThickness: 1,
        ContrastBolusAgent: 'x',
        ConvolutionKernel: 'x',
        ImageType: 'x',
        PatientPosition: 'HFS',
        AcquisitionDate: '20240229',
        AcquisitionTime: '193000',
        PatientAge: '045Y',
        PatientSex: 'F',
      };
      const facts = MATCH_FACTS.map((name) => ({ name, value: 'x', because: 'x' }));
      expect(outcome({ [field]: '/./' }, { attributes: full, facts }).outcome).toBe('true');
    });
  }
  for (const field of STUDY_FIELDS) {
    it(`answers study.${field}`, () => {
      const attributes = { BodyPartExamined: 'x', StationName: 'x' };
      expect(
        outcome(
          { study: { [field]: '/./' } },
          { attributes },
          {
            StudyDescription: 'x',
            InstitutionName: 'x',
            StudyDate: '20240229',
            StudyTime: '193000',
            PatientAge: '045Y',
            PatientSex: 'F',
          },
        ).outcome,
      ).toBe('true');
    });
  }
});
