import { describe, expect, it } from '@jest/globals';
import {
  applyZScore,
  measureZScore,
  normaliseSimple,
  selectMasked,
} from '../../../src/segmentation/preprocess/normalise.ts';
import { errorCode } from '../support/errors.ts';

const r32 = Math.fround;

describe('normalisation', () => {
  it('z-score: subtracts, rounds, divides, rounds', () => {
    const values = Float32Array.of(0.1, 0.7, 1.3);
    applyZScore(values, { mean: r32(0.3), divisor: r32(0.9) }, null);
    expect([...values]).toEqual([0.1, 0.7, 1.3].map((x) => r32(r32(r32(x) - r32(0.3)) / r32(0.9))));
  });

  it('z-score: a constant volume becomes 0, not NaN', () => {
    const values = new Float32Array(100).fill(42);
    applyZScore(values, measureZScore(values), null);
    expect(values.every((value) => value === 0)).toBe(true);
    expect(measureZScore(values.fill(42)).divisor).toBe(r32(1e-8));
  });

  it('z-score with mask: only masked voxels count and change', () => {
    const values = Float32Array.of(100, 1, 3, 100);
    const mask = Uint8Array.of(0, 1, 1, 0);
    expect([...selectMasked(values, mask)]).toEqual([1, 3]);
    applyZScore(values, measureZScore(selectMasked(values, mask)), mask);
    expect([...values]).toEqual([100, -1, 1, 100]);
  });

  it('CT: clips first, with constants rounded to binary32', () => {
    const values = Float32Array.of(-2000, 0.1, 5000);
    normaliseSimple(values, { scheme: 'ct', mean: 20.1, std: 310.7, lower: -950.3, upper: 820.9 });
    const expected = [r32(-950.3), r32(0.1), r32(820.9)].map((x) =>
      r32(r32(x - r32(20.1)) / r32(310.7)),
    );
    expect([...values]).toEqual(expected);
  });

  it('CT: σ = 0 is kept off zero', () => {
    const values = Float32Array.of(1);
    normaliseSimple(values, { scheme: 'ct', mean: 1, std: 0, lower: 0, upper: 2 });
    expect(values[0]).toBe(0);
  });

  it('rescales to 0..1, a constant volume to 0', () => {
    const values = Float32Array.of(-2, 0, 6);
    normaliseSimple(values, { scheme: 'rescale01' });
    expect([...values]).toEqual([0, 0.25, 1]);
    const constant = Float32Array.of(5, 5);
    normaliseSimple(constant, { scheme: 'rescale01' });
    expect([...constant]).toEqual([0, 0]);
  });

  it('divides RGB by 255 and refuses other ranges', () => {
    const values = Float32Array.of(0, 51, 255);
    normaliseSimple(values, { scheme: 'rgb01' });
    expect([...values]).toEqual([0, r32(51 / 255), 1]);
    const wrong = Float32Array.of(-1, 0);
    expect(
      errorCode(() => {
        normaliseSimple(wrong, { scheme: 'rgb01' });
      }),
    ).toBe('VOLUME_NOT_RGB');
  });

  it('leaves values alone without a scheme', () => {
    const values = Float32Array.of(1, 2);
    normaliseSimple(values, { scheme: 'none' });
    expect([...values]).toEqual([1, 2]);
  });
});
