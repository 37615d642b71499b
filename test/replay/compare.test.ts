import { describe, expect, it } from '@jest/globals';
import type { Decision, Target, Verdict } from '../../src/contracts/index.ts';
import { compareDecisions } from '../../src/replay/compare.ts';

const TARGET: Target = {
  seriesInstanceUid: '1.1',
  stackId: 'all',
  frames: [],
  sequence: 'haste',
  confidence: 0.9,
  rule: 'a',
  segment: { model: 'demo', folds: 'all' },
  store: { seg: 'binary', sr: true, to: 'main' },
  priority: 'normal',
};

const taken = (change: Partial<Target> = {}): Target => ({ ...TARGET, ...change });

/** A decision in which the series of the targets are taken and the others left. */
function decision(targets: readonly Target[], others: readonly Partial<Verdict>[] = []): Decision {
  const verdict = (change: Partial<Verdict>): Verdict => ({
    seriesInstanceUid: '1.1',
    sequence: 'haste',
    confidence: 0.9,
    taken: false,
    rule: null,
    reason: 'no rule wants it',
    rules: [],
    ...change,
  });
  const uids = new Set(targets.map((one) => one.seriesInstanceUid));
  return {
    studyInstanceUid: '1',
    ruleSetVersion: 'r',
    sequencesVersion: 's',
    targets,
    verdicts: [
      ...[...uids].map((seriesInstanceUid) =>
        verdict({ seriesInstanceUid, taken: true, rule: 'a', reason: 'taken' }),
      ),
      ...others.map(verdict),
    ],
  };
}

const kinds = (was: Decision, will: Decision) =>
  compareDecisions(was, will).map(({ kind, rule }) => [kind, rule]);

describe('compareDecisions', () => {
  it('finds nothing between a decision and itself, as the record keeps it', () => {
    const was = decision([taken()], [{ seriesInstanceUid: '1.2' }]);
    const kept = JSON.parse(JSON.stringify(was)) as Decision;
    const segment = {
      folds: 'all',
      model: 'demo',
      fast: undefined,
    } as unknown as Target['segment'];
    expect(kinds(kept, was)).toEqual([]);
    expect(kinds(kept, { ...was, targets: [taken({ segment })] })).toEqual([]);
  });

  it('names what is gained and lost with the rule concerned', () => {
    const without = decision([], [{}]);
    expect(kinds(without, decision([taken()]))).toEqual([['gained', 'a']]);
    expect(kinds(decision([taken()]), without)).toEqual([['lost', 'a']]);
  });

  it('names another series of the same rule as one change, and of another rule as two', () => {
    const was = decision([taken()], [{ seriesInstanceUid: '1.2' }]);
    const other = (rule: string) => decision([taken({ seriesInstanceUid: '1.2', rule })], [{}]);
    expect(kinds(was, other('a'))).toEqual([['series', 'a']]);
    expect(compareDecisions(was, other('a'))).toMatchObject([
      { seriesInstanceUid: '1.2', before: 'series 1.1' },
    ]);
    expect(kinds(was, other('b')).sort()).toEqual([
      ['gained', 'b'],
      ['lost', 'a'],
    ]);
  });

  it.each<[string, Partial<Target>]>([
    ['stack', { stackId: 'EchoTime=4.6', segment: { model: 'other', folds: 'all' } }],
    ['model', { segment: { model: 'other', folds: 'first' } }],
    ['settings', { segment: { model: 'demo', folds: 'first' } }],
    ['outputs', { store: { seg: 'none', sr: true, to: 'main' } }],
    ['schedule', { priority: 'low' }],
    ['rule', { rule: 'b' }],
  ])('names %s as the weightiest difference of an order', (kind, change) => {
    const will = decision([taken(change)]);
    expect(kinds(decision([taken()]), will)).toEqual([[kind, change.rule ?? 'a']]);
  });

  it('compares each order of a series that several rules take', () => {
    const both = decision([taken(), taken({ rule: 'b' })]);
    expect(kinds(decision([taken()]), both)).toEqual([['gained', 'b']]);
    expect(kinds(both, decision([taken({ rule: 'b', priority: 'low' })]))).toEqual([
      ['schedule', 'b'],
      ['lost', 'a'],
    ]);
  });

  it('tells a series that is left alone for another reason, with what it was and would be', () => {
    const was = decision([], [{ sequence: 'haste' }]);
    const will = decision([], [{ sequence: 'unknown' }]);
    expect(compareDecisions(was, will)).toMatchObject([
      { kind: 'reason', rule: null, sequence: 'haste → unknown' },
    ]);
  });
});
