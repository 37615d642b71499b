import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadRules } from '../../src/config/index.ts';
import type { Rule, SeriesCondition } from '../../src/contracts/index.ts';
import { decide, explain, seriesNames } from '../../src/routing/index.ts';
import { caseOf, leave, rule, ruleSet, type Sketch, VERSIONS } from './fixtures.ts';

const sequences = ['ct_abdomen', 'haste', 't1_in_phase', 'localizer', 'unknown', 'own_result'];
const anySketches: fc.Arbitrary<Sketch[]> = fc
  .array(
    fc.record({
      sequence: fc.constantFrom(...sequences),
      confidence: fc.integer({ min: 0, max: 20 }).map((value) => value / 20),
      plane: fc.constantFrom('axial' as const, 'coronal' as const, null),
      slices: fc.integer({ min: 0, max: 5 }),
      coverage: fc.constantFrom(null, 80, 300),
      noImages: fc.boolean(),
      attributes: fc.record(
        {
          Modality: fc.constantFrom('CT', 'MR'),
          Manufacturer: fc.constantFrom('A', 'B'),
          ConvolutionKernel: fc.constantFrom('B30f', 'B70f'),
        },
        { requiredKeys: [] },
      ),
    }),
    { maxLength: 8 },
  )
  .map((list) => list.map((one, index) => ({ ...one, uid: `1.${index}` })));

const leaf: fc.Arbitrary<SeriesCondition> = fc.oneof(
  fc.constantFrom(...sequences).map((sequence) => ({ sequence })),
  fc.constantFrom('CT', 'MR').map((modality) => ({ modality })),
  fc.constantFrom('>= 0.8', '< 0.5').map((confidence) => ({ confidence })),
  fc.constantFrom('A', 'B').map((manufacturer) => ({ manufacturer })),
  fc.constant({ kernel: '/^B3/' }),
  fc.constantFrom('axial', 'coronal').map((plane) => ({ plane })),
);
const { condition } = fc.letrec<{ condition: SeriesCondition }>((tie) => ({
  condition: fc.oneof(
    { depthSize: 'small' },
    leaf,
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((any) => ({ any })),
    fc.array(tie('condition'), { minLength: 1, maxLength: 3 }).map((all) => ({ all })),
    tie('condition').map((not) => ({ not })),
  ),
}));
const anyRules: fc.Arbitrary<Rule[]> = fc
  .array(fc.tuple(condition, fc.constantFrom(1, 2, null), fc.boolean()), { maxLength: 5 })
  .map((list) =>
    list.map(([when, most, left], index) =>
      left
        ? leave(`rule ${index}`, when, 'not wanted')
        : rule(
            `rule ${index}`,
            when,
            most === null ? {} : { choose: { prefer: ['axial', 'most-coverage'], most } },
          ),
    ),
  );

describe('a decision', () => {
  it('gives every series exactly one verdict with a reason, and a target for exactly those taken', () => {
    fc.assert(
      fc.property(anySketches, anyRules, (sketches, rules) => {
        const { study, matches } = caseOf(sketches);
        const decision = decide(study, matches, ruleSet(...rules), VERSIONS);
        expect(decision.verdicts.map((one) => one.seriesInstanceUid)).toEqual(
          sketches.map((one) => one.uid),
        );
        for (const verdict of decision.verdicts) expect(verdict.reason).not.toBe('');
        const taken = decision.verdicts
          .filter((one) => one.taken)
          .map((one) => one.seriesInstanceUid);
        expect(decision.targets.map((one) => one.seriesInstanceUid).sort()).toEqual(
          [...taken].sort(),
        );
      }),
      { seed: 11, numRuns: 500 },
    );
  });

  it('does not change for series that matched when a rule is added at the end', () => {
    fc.assert(
      fc.property(anySketches, anyRules, condition, (sketches, rules, more) => {
        const { study, matches } = caseOf(sketches);
        const before = decide(study, matches, ruleSet(...rules), VERSIONS);
        const after = decide(study, matches, ruleSet(...rules, rule('added', more)), VERSIONS);
        before.verdicts.forEach((verdict, index) => {
          if (verdict.rule !== null) expect(after.verdicts[index]).toEqual(verdict);
        });
      }),
      { seed: 12, numRuns: 500 },
    );
  });

  it('never matches through a missing attribute: what matches without it matches with any value of it', () => {
    fc.assert(
      fc.property(
        anySketches,
        condition,
        fc.constantFrom('B30f', 'B70f'),
        fc.constantFrom('A', 'B'),
        (sketches, when, kernel, maker) => {
          const bare = sketches.map((one) => ({
            ...one,
            attributes: { Modality: one.attributes?.['Modality'] ?? 'CT' },
          }));
          const full = bare.map((one) => ({
            ...one,
            attributes: { ...one.attributes, ConvolutionKernel: kernel, Manufacturer: maker },
          }));
          const matched = (list: readonly Sketch[]): (string | null)[] => {
            const { study, matches } = caseOf(list);
            return decide(study, matches, ruleSet(rule('r', when)), VERSIONS).verdicts.map(
              (one) => one.rule,
            );
          };
          const withValues = matched(full);
          matched(bare).forEach((name, index) => {
            if (name !== null) expect(withValues[index]).toBe(name);
          });
        },
      ),
      { seed: 13, numRuns: 500 },
    );
  });

  it('lets the first matching rule win', () => {
    const { study, matches } = caseOf([{ uid: '1.1' }]);
    const rules = ruleSet(
      leave('first', { modality: 'CT' }, 'CT is not wanted here'),
      rule('second', { modality: 'CT' }),
    );
    const [verdict] = decide(study, matches, rules, VERSIONS).verdicts;
    expect(verdict).toMatchObject({
      taken: false,
      rule: 'first',
      reason: 'CT is not wanted here (rule "first")',
    });
    expect(verdict?.rules.map((one) => one.rule)).toEqual(['first']);
  });

  it('never takes a result of Situs, even when a rule wants everything', () => {
    const { study, matches } = caseOf([{ uid: '1.1', sequence: 'own_result' }]);
    const decision = decide(study, matches, ruleSet(rule('everything', {})), VERSIONS);
    expect(decision.targets).toEqual([]);
    expect(decision.verdicts[0]?.reason).toContain('never an input');
  });

  it('writes the order of the rule, the stack and its frames into the target', () => {
    const { study, matches } = caseOf([{ uid: '1.1', slices: 2 }]);
    const [target] = decide(
      study,
      matches,
      ruleSet(rule('ct', { modality: 'CT' }, { priority: 'high' })),
      VERSIONS,
    ).targets;
    expect(target).toMatchObject({
      stackId: 'all',
      rule: 'ct',
      priority: 'high',
      segment: { model: 'demo', folds: 'all' },
    });
    expect(target?.frames).toHaveLength(2);
  });

  it('is a fault for a series that was not matched', () => {
    const { study } = caseOf([{ uid: '1.1' }]);
    expect(() => decide(study, [], ruleSet(), VERSIONS)).toThrow(/1\.1/);
  });
});

describe('the shipped rules', () => {
  it('take one in-phase T1, one HASTE and one CT, and leave a doubtful series with the reason', async () => {
    const rules = (await loadRules('config/rules.yaml')).value;
    const { study, matches } = caseOf([
      { uid: '1.1', sequence: 't1_in_phase', attributes: { Modality: 'MR' } },
      { uid: '1.2', sequence: 't1_in_phase', attributes: { Modality: 'MR' }, plane: 'coronal' },
      { uid: '1.3', sequence: 'haste', attributes: { Modality: 'MR' } },
      { uid: '1.4', sequence: 'haste', attributes: { Modality: 'MR' }, confidence: 0.6 },
      { uid: '1.5', sequence: 'localizer', attributes: { Modality: 'MR' } },
      { uid: '1.6' },
    ]);
    const decision = decide(study, matches, rules, VERSIONS);
    expect(decision.targets.map((one) => one.seriesInstanceUid)).toEqual(['1.1', '1.3', '1.6']);
    const reasons = decision.verdicts.map((one) => one.reason);
    expect(reasons[1]).toContain('"series 1.1" was preferred: it is axial and this is coronal');
    expect(reasons[3]).toContain('confidence is "0.6", wanted >= 0.8');
    expect(reasons[4]).toBe('no rule wants it: localizer by its words');
  });
});

describe('an explanation', () => {
  it('says for each series what it is, and for each rule that was tried why it did not match', () => {
    const { study, matches } = caseOf([{ uid: '1.1', confidence: 0.5 }, { uid: '1.2' }]);
    const rules = ruleSet(
      rule('sharp', { kernel: 'B70f' }),
      rule('sure', { modality: 'CT', confidence: '>= 0.8' }),
    );
    const decision = decide(study, matches, rules, VERSIONS);
    const [first, second] = explain(decision, seriesNames(study, matches));
    expect(first?.summary).toContain('series "series 1.1" is ct_abdomen (50 %) and is left alone');
    expect(first?.rules).toEqual([
      'Rule "sharp" does not match, because a condition cannot be answered: cannot tell whether convolution kernel is B70f: the headers have none.',
      'Rule "sure" does not match: confidence is "0.5", wanted >= 0.8.',
    ]);
    expect(second?.taken).toBe(true);
    expect(second?.rules[1]).toContain('Rule "sure" matches');
  });

  it('names the model and the settings that the rule chose', () => {
    const { study, matches } = caseOf([{ uid: '1.1' }]);
    const summaries = [
      { model: 'demo', folds: 'all' as const },
      { model: 'demo', folds: 'first' as const, fast: true },
      { model: 'demo', folds: [0, 2], stepSize: 0.7, mirroring: false, splitLevel: 1 },
    ].map((segment) => {
      const rules = ruleSet(rule('ct', { modality: 'CT' }, { segment }));
      return explain(decide(study, matches, rules, VERSIONS))[0]?.summary;
    });
    expect(summaries[0]).toContain('will be segmented with demo: taken by');
    expect(summaries[1]).toContain('with demo, fast (first fold, no mirroring, wide steps): taken');
    expect(summaries[2]).toContain(
      'with demo, folds 0 and 2, patch step 0.7, no mirroring, split level 1: taken',
    );
  });
});
