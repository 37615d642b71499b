import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { type RunState, outcomeOf } from '../../src/records/outcome.ts';
import { OUTCOMES } from '../../src/records/types.ts';

function run(state: string): RunState {
  return {
    state,
    reasons: [{ code: state.toUpperCase(), message: state, next: null, seriesInstanceUid: null }],
  };
}
const rejected = [{ code: 'NOT_TAKEN', message: 'localizer', next: null, seriesInstanceUid: '1' }];
const decided = (...states: string[]) =>
  outcomeOf({ revision: 1, refusal: null, decision: { runs: states.map(run), rejected } });

describe('the outcome of a study', () => {
  it.each([
    [['queued', 'stored'], 'running'],
    [['running', 'failed'], 'running'],
    [['failed', 'held', 'stored'], 'failed'],
    [['held', 'stored'], 'held'],
    [['stored', 'stored'], 'stored'],
    [['stored', 'refused'], 'stored-with-refusals'],
    [['stored', 'cancelled'], 'stored-with-refusals'],
    [['refused', 'refused'], 'failed'],
    [['cancelled'], 'nothing-to-do'],
    [[], 'nothing-to-do'],
  ])('of runs %j is %s', (states, outcome) => {
    expect(decided(...states).outcome).toBe(outcome);
  });

  it('of a study without targets says why each series was left alone', () => {
    expect(decided().reasons).toEqual(rejected);
  });

  it('of an undecided study says what it waits for', () => {
    const codes = [0, 2].map(
      (revision) => outcomeOf({ revision, refusal: null, decision: null }).reasons[0]?.code,
    );
    expect(codes).toEqual(['WAITING_FOR_IMAGES', 'WAITING_FOR_DECISION']);
  });

  it('is one of the known words, whatever the runs, in any order, with every run’s reason', () => {
    const states = ['queued', 'running', 'stored', 'held', 'refused', 'failed', 'cancelled'];
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...states), { minLength: 1 }), (some) => {
        const { outcome, reasons } = decided(...some);
        expect(OUTCOMES).toContain(outcome);
        expect(decided(...some.toReversed()).outcome).toBe(outcome);
        for (const state of some) {
          expect(reasons.map((reason) => reason.message)).toContain(state);
        }
      }),
      { seed: 20261124 },
    );
  });
});
