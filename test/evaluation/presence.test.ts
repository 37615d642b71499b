import { describe, expect, it } from '@jest/globals';
import { compareLabels, summarise, type CaseMeasures } from '../../src/evaluation/index.ts';
import { affineOf } from './reference-masks.ts';

const SHAPE = [1, 2, 4] as const;
/** 1 in both; 2 missed; 3 invented; 4 absent. */
const MEASURES = compareLabels(
  {
    reference: Uint8Array.from([1, 1, 2, 0, 0, 0, 0, 0]),
    prediction: Uint8Array.from([1, 0, 0, 3, 3, 0, 0, 0]),
    shape: SHAPE,
    affine: affineOf([5, 2, 1]),
  },
  { structures: { 1: 'both', 2: 'missed', 3: 'invented', 4: 'absent' }, toleranceMm: 1 },
);
const CASES: CaseMeasures[] = [{ case: 'a', scanType: 'MR', group: '', structures: MEASURES }];

describe('structures that one side or both lack', () => {
  it('are told apart', () => {
    expect(MEASURES.map((one) => one.presence)).toEqual(['both', 'missed', 'invented', 'absent']);
  });

  it('count Dice 0 without a distance when one side lacks them, nothing when both do', () => {
    const [both, missed, invented, absent] = MEASURES;
    expect(both).toMatchObject({ dice: 2 / 3, volumeErrorMl: -0.01, volumeErrorPercent: -50 });
    expect(missed).toMatchObject({ dice: 0, surfaceDice: 0, hd: null, hd95: null });
    expect(missed).toMatchObject({ referenceMl: 0.01, predictionMl: 0, volumeErrorPercent: -100 });
    expect(invented).toMatchObject({ dice: 0, surfaceDice: 0, hd: null, volumeErrorPercent: null });
    expect(absent).toMatchObject({ dice: null, surfaceDice: null, hd: null, hd95: null });
  });

  it('enter the means so, with their numbers beside', () => {
    const { structures, overall } = summarise(CASES, 'zero');
    const dice = structures.map((one) => [
      one.structure,
      one.measures.dice.n,
      one.measures.dice.mean,
    ]);
    expect(dice).toEqual([
      ['both', 1, 2 / 3],
      ['missed', 1, 0],
      ['invented', 1, 0],
      ['absent', 0, null],
    ]);
    expect(overall[0]).toMatchObject({ cases: 1, structures: 3, missed: 1, invented: 1 });
    expect(overall[0]?.mean.dice).toBeCloseTo(2 / 9, 12);
    expect(overall[0]?.mean.hd95).toBe(MEASURES[0]?.hd95);
  });

  it('may be left out of the means when invented, as TotalSegmentator and MONAI do', () => {
    const { structures, overall } = summarise(CASES, 'nothing');
    expect(structures.find((one) => one.structure === 'invented')?.measures.dice.n).toBe(0);
    expect(structures.find((one) => one.structure === 'invented')?.invented).toBe(1);
    expect(overall[0]?.mean.dice).toBeCloseTo(1 / 3, 12);
  });

  it('a structure at the border of the field of view has a surface there', () => {
    const full = new Uint8Array(8).fill(1);
    const [measures] = compareLabels(
      {
        reference: full,
        prediction: Uint8Array.from([0, 1, 1, 1, 0, 1, 1, 1]),
        shape: SHAPE,
        affine: affineOf([5, 2, 1]),
      },
      { structures: { 1: 'organ' }, toleranceMm: 0.5 },
    );
    expect(measures?.hd).toBe(1);
  });
});
