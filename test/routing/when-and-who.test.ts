import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type EarlierResult,
  type HeaderAttributes,
  parseValueTest,
  type Rule,
  type Ternary,
  testValue,
} from '../../src/contracts/index.ts';
import { decide } from '../../src/routing/index.ts';
import { caseOf, rule, ruleSet, VERSIONS } from './fixtures.ts';

interface Given {
  readonly series?: HeaderAttributes;
  readonly study?: HeaderAttributes;
  readonly earlier?: readonly EarlierResult[] | null;
}

function asked(when: Rule['when'], given: Given = {}): { outcome: Ternary; text: string } {
  const { study, matches } = caseOf(
    [{ uid: '1.1', ...(given.series === undefined ? {} : { attributes: given.series }) }],
    given.study,
  );
  const rules = ruleSet(rule('r', when));
  const decision = decide(study, matches, rules, VERSIONS, given.earlier ?? null);
  const said = decision.verdicts[0]?.rules[0];
  if (said === undefined) throw new Error('the rule was not tried');
  return said;
}
const outcome = (when: Rule['when'], given: Given = {}): Ternary => asked(when, given).outcome;

describe('a condition on the time of the day', () => {
  it.each([
    ['193000.25', 'true'],
    ['235959', 'true'],
    ['000000', 'true'],
    ['0659', 'true'],
    ['070000', 'false'],
    ['120000', 'false'],
    ['noon', 'not-answerable'],
  ])('holds over midnight: %s is %s', (time, expected) => {
    expect(outcome({ time: '19:00-07:00' }, { series: { AcquisitionTime: time } })).toBe(expected);
  });

  it('takes the time of acquisition before that of the series and the study', () => {
    const study = { StudyTime: '120000' };
    expect(outcome({ time: '12:00-13:00' }, { study })).toBe('true');
    const series = { SeriesTime: '140000' };
    expect(outcome({ time: '12:00-13:00' }, { study, series })).toBe('false');
    expect(outcome({ study: { time: '12:00-13:00' } }, { study, series })).toBe('true');
    expect(outcome({ time: '00:00-24:00' })).toBe('not-answerable');
  });

  it('is within hours exactly where it is not within the hours that are left of the day', () => {
    const clock = fc.tuple(fc.integer({ min: 0, max: 23 }), fc.integer({ min: 0, max: 59 }));
    const two = (value: number): string => String(value).padStart(2, '0');
    const written = ([hour, minute]: readonly [number, number]): string =>
      `${two(hour)}:${two(minute)}`;
    fc.assert(
      fc.property(clock, clock, clock, (from, to, time) => {
        fc.pre(written(from) !== written(to));
        const answers = [`${written(from)}-${written(to)}`, `${written(to)}-${written(from)}`].map(
          (hours) => {
            const test = parseValueTest(hours);
            if ('problem' in test) throw new Error(test.problem);
            return testValue(test, written(time));
          },
        );
        expect([...answers].sort()).toEqual(['false', 'true']);
      }),
      { seed: 21, numRuns: 300 },
    );
  });
});

describe('conditions on dates', () => {
  const study = { StudyDate: '20240229' };
  it('know the day of the week and the date as a number', () => {
    expect(outcome({ weekday: ['thursday', 'Friday'] }, { study })).toBe('true');
    expect(outcome({ weekday: 'Monday' }, { study })).toBe('false');
    expect(outcome({ study: { weekday: 'Thursday', date: '>= 20240101' } }, { study })).toBe(
      'true',
    );
    expect(outcome({ study: { date: '20240301..20241231' } }, { study })).toBe('false');
    expect(outcome({ not: { weekday: 'Monday' } })).toBe('not-answerable');
  });
});

describe('conditions on the patient', () => {
  it.each([
    ['045Y', '40..50', 'true'],
    ['017Y', '>= 18', 'false'],
    ['006M', '0.5', 'true'],
    ['010D', '< 0.1', 'true'],
    ['', '< 200', 'not-answerable'],
    ['old', '< 200', 'not-answerable'],
  ])('read the age %s: %s is %s', (age, wanted, expected) => {
    expect(outcome({ age: wanted }, { study: { PatientAge: age } })).toBe(expected);
    expect(outcome({ study: { age: wanted } }, { study: { PatientAge: age } })).toBe(expected);
  });

  it('know the sex, or say that it is not known', () => {
    expect(outcome({ sex: 'f' }, { study: { PatientSex: 'F' } })).toBe('true');
    expect(outcome({ study: { not: { sex: 'F' } } })).toBe('not-answerable');
  });
});

describe('a condition on the scanner', () => {
  const series = {
    Manufacturer: 'SIEMENS',
    ManufacturerModelName: 'MAGNETOM Aera',
    StationName: 'MR4',
    DeviceSerialNumber: '141414',
  };
  it('knows it by maker and model, by station or by serial number', () => {
    for (const scanner of ['Siemens Magnetom Aera', '/aera$/i', 'mr4', '141414']) {
      expect(outcome({ scanner }, { series })).toBe('true');
    }
    expect(outcome({ scanner: 'MR5' }, { series })).toBe('false');
  });

  it('does not answer by what the headers lack', () => {
    const partly = { ...series, DeviceSerialNumber: '' };
    expect(outcome({ scanner: 'MR4' }, { series: partly })).toBe('true');
    const said = asked({ not: { scanner: '999' } }, { series: partly });
    expect(said.outcome).toBe('not-answerable');
    expect(said.text).toContain('only "SIEMENS MAGNETOM Aera\\MR4" is known');
  });
});

describe('a condition on earlier results', () => {
  const earlier = [{ seriesInstanceUid: '1.1', model: 'demo' }];
  it('knows the models that have a result of the series or the study', () => {
    expect(outcome({ earlier: 'demo' }, { earlier })).toBe('true');
    expect(outcome({ earlier: 'none' }, { earlier })).toBe('false');
    expect(outcome({ earlier: 'none' }, { earlier: [] })).toBe('true');
    const other = [{ seriesInstanceUid: '1.9', model: 'demo' }];
    expect(outcome({ earlier: 'none', study: { earlier: 'demo' } }, { earlier: other })).toBe(
      'true',
    );
  });

  it('is not answerable where nobody asked the record', () => {
    expect(outcome({ earlier: 'none' })).toBe('not-answerable');
    expect(asked({ earlier: 'none' }).text).toContain('the record was not asked');
    expect(outcome({ not: { earlier: 'demo' } })).toBe('not-answerable');
  });
});

describe('a condition on any series of the study', () => {
  it('is not answered by a series that lacks the attribute', () => {
    const { study, matches } = caseOf([
      { uid: '1.1', attributes: { StationName: 'MR4' } },
      { uid: '1.2' },
      { uid: '1.3', noImages: true },
    ]);
    const said = (when: Rule['when'], upTo: number): Ternary | undefined => {
      const part = { ...study, series: study.series.filter((_, index) => index !== upTo) };
      const [verdict] = decide(part, matches, ruleSet(rule('r', when)), VERSIONS).verdicts;
      return verdict?.rules[0]?.outcome;
    };
    const not = { study: { not: { station: 'MR5' } } };
    expect(said(not, 2)).toBe('not-answerable');
    expect(said(not, 1)).toBe('true');
    expect(said({ study: { station: 'MR4' } }, 2)).toBe('true');
  });
});
