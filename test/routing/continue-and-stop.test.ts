import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Rule } from '../../src/contracts/index.ts';
import { decide, explain } from '../../src/routing/index.ts';
import { caseOf, leave, rule, ruleSet, type Sketch, VERSIONS } from './fixtures.ts';

const SEQUENCES = ['ct_abdomen', 'haste', 't1_in_phase', 'own_result'];
const anySketches: fc.Arbitrary<Sketch[]> = fc
  .array(
    fc.record({
      sequence: fc.constantFrom(...SEQUENCES),
      plane: fc.constantFrom('axial' as const, 'coronal' as const, null),
      noImages: fc.boolean(),
    }),
    { maxLength: 6 },
  )
  .map((list) => list.map((one, index) => ({ ...one, uid: `1.${index}` })));
const anyWhen: fc.Arbitrary<Rule['when']> = fc.oneof(
  fc.subarray(SEQUENCES, { minLength: 1 }).map((sequence) => ({ sequence })),
  fc.constant({ plane: 'axial' }),
  fc.constant({}),
);
const anyRules: fc.Arbitrary<Rule[]> = fc
  .array(
    fc.record({
      when: anyWhen,
      goesOn: fc.boolean(),
      stop: fc.boolean(),
      most: fc.constantFrom(1, null),
      left: fc.integer({ min: 0, max: 4 }).map((number) => number === 0),
    }),
    { maxLength: 5 },
  )
  .map((list) =>
    list.map(({ when, goesOn, stop, most, left }, index) =>
      left
        ? { ...leave(`rule ${index}`, when, 'not wanted'), stop }
        : rule(`rule ${index}`, when, {
            continue: goesOn,
            stop,
            ...(most === null ? {} : { choose: { prefer: ['axial'], most } }),
          }),
    ),
  );

describe('rules that continue or stop', () => {
  it('still give every series exactly one verdict, and a target only to those taken', () => {
    fc.assert(
      fc.property(anySketches, anyRules, (sketches, rules) => {
        const { study, matches } = caseOf(sketches);
        const decision = decide(study, matches, ruleSet(...rules), VERSIONS);
        expect(decision.verdicts.map((one) => one.seriesInstanceUid)).toEqual(
          sketches.map((one) => one.uid),
        );
        for (const verdict of decision.verdicts) {
          expect(verdict.reason).not.toBe('');
          const targets = decision.targets.filter(
            (one) => one.seriesInstanceUid === verdict.seriesInstanceUid,
          );
          expect(targets.length > 0).toBe(verdict.taken);
          // Each rule takes a series once, and only the last of them need not continue.
          const takers = targets.map((target) => rules.find((one) => one.name === target.rule));
          expect(new Set(takers).size).toBe(takers.length);
          expect(takers.slice(0, -1).every((taker) => taker?.continue === true)).toBe(true);
          if (verdict.taken) expect(targets[0]?.rule).toBe(verdict.rule);
        }
      }),
      { seed: 31, numRuns: 500 },
    );
  });

  it('keep every match and target when a rule is added at the end', () => {
    fc.assert(
      fc.property(anySketches, anyRules, anyWhen, (sketches, rules, more) => {
        const { study, matches } = caseOf(sketches);
        const before = decide(study, matches, ruleSet(...rules), VERSIONS);
        const after = decide(study, matches, ruleSet(...rules, rule('added', more)), VERSIONS);
        expect(after.targets.slice(0, before.targets.length)).toEqual(before.targets);
        before.verdicts.forEach((verdict, index) => {
          const later = after.verdicts[index];
          expect(later?.rules.slice(0, verdict.rules.length)).toEqual(verdict.rules);
          if (verdict.taken) expect(later).toMatchObject({ taken: true, rule: verdict.rule });
        });
      }),
      { seed: 32, numRuns: 500 },
    );
  });

  it('try no rule for a study after one that stopped', () => {
    fc.assert(
      fc.property(anySketches, anyRules, (sketches, rules) => {
        const { study, matches } = caseOf(sketches);
        const { verdicts } = decide(study, matches, ruleSet(...rules), VERSIONS);
        const said = verdicts.flatMap((one) => one.rules);
        const stopped = rules.findIndex(
          ({ name, stop }) => stop === true && said.some((one) => one.rule === name && one.matched),
        );
        if (stopped < 0) return;
        const later = new Set(rules.slice(stopped + 1).map((one) => one.name));
        expect(said.filter((one) => later.has(one.rule))).toEqual([]);
      }),
      { seed: 33, numRuns: 500 },
    );
  });

  it('give one series to two models', () => {
    const { study, matches } = caseOf([{ uid: '1.1' }]);
    const first = rule('organs', { modality: 'CT' }, { continue: true });
    const second = rule('bones', { modality: 'CT' }, { segment: { model: 'b', folds: 'all' } });
    const decision = decide(study, matches, ruleSet(first, second), VERSIONS);
    expect(decision.targets.map((one) => [one.rule, one.segment.model])).toEqual([
      ['organs', 'demo'],
      ['bones', 'b'],
    ]);
    expect(decision.verdicts).toHaveLength(1);
    expect(decision.verdicts[0]?.reason).toContain(
      'taken by rule "organs" and by rule "bones": ct_abdomen',
    );
    expect(explain(decision)[0]?.summary).toContain('will be segmented with demo and with b');
  });

  it('give the series that one rule did not choose to a later one', () => {
    const { study, matches } = caseOf([{ uid: '1.1' }, { uid: '1.2', plane: 'coronal' }]);
    const best = rule(
      'best',
      { modality: 'CT' },
      { continue: true, choose: { prefer: ['axial'], most: 1 } },
    );
    const coronal = rule('coronal', { plane: 'coronal' });
    const { verdicts } = decide(study, matches, ruleSet(best, coronal), VERSIONS);
    expect(verdicts.map((one) => [one.rule, one.taken])).toEqual([
      ['best', true],
      ['coronal', true],
    ]);
  });

  it('leave a whole study alone, and say by which rule', () => {
    const { study, matches } = caseOf([
      { uid: '1.1', attributes: { InstitutionName: 'Children' } },
      { uid: '1.2' },
    ]);
    const paediatric = { ...leave('paediatric', { institution: 'children' }, 'no'), stop: true };
    const rules = ruleSet(paediatric, rule('ct', { modality: 'CT' }));
    const decision = decide(study, matches, rules, VERSIONS);
    expect(decision.targets).toEqual([]);
    expect(decision.verdicts[1]?.reason).toBe(
      'no rule up to "paediatric", which stops, wants it: ct_abdomen by its words',
    );
  });

  it('write gate and quiet hours into the target', () => {
    const { study, matches } = caseOf([{ uid: '1.1' }]);
    const more = { gate: { laterality: 'warn' as const }, quiet: ['07:00-19:00'] };
    const { targets } = decide(study, matches, ruleSet(rule('ct', {}, more)), VERSIONS);
    expect(targets[0]).toMatchObject(more);
  });
});
