import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type {
  EarlierResult,
  HeaderAttributes,
  Rule,
  SeriesCondition,
  StudyCondition,
  Ternary,
} from '../../src/contracts/index.ts';
import { decide } from '../../src/routing/index.ts';
import { caseOf, rule, ruleSet, VERSIONS } from './fixtures.ts';

/* Attributes that the conditions below ask for, any of them missing. */
const ofStudies: fc.Arbitrary<HeaderAttributes> = fc.record(
  {
    StudyTime: fc.constantFrom('063000', '233000'),
    StudyDate: fc.constantFrom('20240210', '20240212'),
    PatientAge: fc.constantFrom('012Y', '070Y', '003M'),
    PatientSex: fc.constantFrom('F', 'M'),
  },
  { requiredKeys: [] },
);
const ofSeries: fc.Arbitrary<HeaderAttributes> = fc.record(
  {
    StationName: fc.constantFrom('MR1', 'MR2'),
    DeviceSerialNumber: fc.constantFrom('17', '18'),
    AcquisitionTime: fc.constantFrom('063000', '120000.5', '233000'),
    AcquisitionDate: fc.constantFrom('20240210', '20240212'),
  },
  { requiredKeys: [] },
);
/** What is read instead where a series lacks it; it is then no longer missing. */
const INSTEAD: Readonly<Record<string, string>> = {
  AcquisitionTime: 'StudyTime',
  AcquisitionDate: 'StudyDate',
};
const someEarlier: fc.Arbitrary<readonly EarlierResult[] | null> = fc.option(
  fc.array(
    fc.record({
      seriesInstanceUid: fc.constantFrom('1.0', '1.1'),
      model: fc.constantFrom('demo', 'ours'),
    }),
    { maxLength: 2 },
  ),
);
const ofBoth = fc.oneof(
  fc.constantFrom('06:00-07:00', '22:00-07:00').map((time) => ({ time })),
  fc.constantFrom('saturday', ['monday', 'sunday']).map((weekday) => ({ weekday })),
  fc.constantFrom('>= 18', '0..2').map((age) => ({ age })),
  fc.constantFrom('F', 'M').map((sex) => ({ sex })),
  fc.constantFrom('none', 'demo').map((earlier) => ({ earlier })),
  fc.constantFrom('MR1', ['MR2', 'MR9']).map((station) => ({ station })),
);
const { series: anyCondition } = fc.letrec<{ series: SeriesCondition; study: StudyCondition }>(
  (tie) => ({
    series: fc.oneof(
      { depthSize: 'small' },
      ofBoth,
      fc.constantFrom('MR1', ['17', '18']).map((scanner) => ({ scanner })),
      tie('study').map((study) => ({ study })),
      fc.array(tie('series'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      fc.array(tie('series'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
      tie('series').map((not) => ({ not })),
    ),
    study: fc.oneof(
      { depthSize: 'small' },
      ofBoth,
      fc.array(tie('study'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
      tie('study').map((not) => ({ not })),
    ),
  }),
);

interface Given {
  readonly study: HeaderAttributes;
  readonly series: readonly HeaderAttributes[];
  readonly earlier: readonly EarlierResult[] | null;
}
const given: fc.Arbitrary<Given> = fc.record({
  study: ofStudies,
  series: fc.array(ofSeries, { minLength: 1, maxLength: 3 }),
  earlier: someEarlier,
});

function outcomes(when: Rule['when'], { study, series, earlier }: Given): Ternary[] {
  const sketches = series.map((attributes, index) => ({ uid: `1.${index}`, attributes }));
  const one = caseOf(sketches, study);
  const decision = decide(one.study, one.matches, ruleSet(rule('r', when)), VERSIONS, earlier);
  return decision.verdicts.map(({ rules }) => rules[0]?.outcome ?? 'not-answerable');
}

const NOT: Readonly<Record<Ternary, Ternary>> = {
  true: 'false',
  false: 'true',
  'not-answerable': 'not-answerable',
};

describe('any condition on scanner, time, weekday, age, sex, station and earlier results', () => {
  it('is true or false only if every way to fill in what is missing leaves it so', () => {
    const answers = new Set<Ternary>();
    fc.assert(
      fc.property(anyCondition, given, given, (when, some, more) => {
        const isMissing = ([keyword]: readonly [string, unknown]): boolean =>
          some.study[INSTEAD[keyword] ?? keyword] === undefined;
        const fill = (index: number): HeaderAttributes =>
          Object.fromEntries(Object.entries(more.series[index] ?? {}).filter(isMissing));
        const filled: Given = {
          study: { ...more.study, ...some.study },
          series: some.series.map((one, index) => ({ ...fill(index), ...one })),
          earlier: some.earlier ?? more.earlier,
        };
        const after = outcomes(when, filled);
        outcomes(when, some).forEach((answer, index) => {
          answers.add(answer);
          if (answer !== 'not-answerable') expect(after[index]).toBe(answer);
        });
      }),
      { seed: 41, numRuns: 1000 },
    );
    expect(answers.size).toBe(3);
  });

  it('obeys the logic of three values, with `not`, `any` and `all`', () => {
    fc.assert(
      fc.property(anyCondition, anyCondition, given, (a, b, some) => {
        const [left, right] = [outcomes(a, some), outcomes(b, some)];
        const [not, any, all] = [{ not: a }, { any: [a, b] }, { all: [a, b] }].map((when) =>
          outcomes(when, some),
        );
        left.forEach((one, index) => {
          const two = right[index];
          expect(not?.[index]).toBe(NOT[one]);
          const has = (value: Ternary): boolean => one === value || two === value;
          const unknownOr = (value: Ternary): Ternary =>
            has('not-answerable') ? 'not-answerable' : value;
          expect(any?.[index]).toBe(has('true') ? 'true' : unknownOr('false'));
          expect(all?.[index]).toBe(has('false') ? 'false' : unknownOr('true'));
        });
      }),
      { seed: 42, numRuns: 1000 },
    );
  });
});
