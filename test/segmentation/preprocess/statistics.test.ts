import { describe, expect, it } from '@jest/globals';
import { meanAndStd } from '../../../src/segmentation/preprocess/statistics.ts';
import { noise } from '../support/nnunet-folder.ts';

const LENGTHS = [
  5, 7, 8, 9, 127, 128, 129, 136, 255, 257, 1000, 8191, 8192, 8193, 16_384, 16_391, 20_001, 40_003,
  65_536, 100_003,
];

/**
 * The description of numpy's summation (nnunet-inference §2.4) again, written the other way round: as a tree of lists with
 * one rounded addition.
 */
const plus = (a: number, b: number): number => Math.fround(a + b);

function tree(values: readonly number[]): number {
  if (values.length < 8) return values.reduce(plus, 0);
  if (values.length > 128) {
    const half = Math.floor(values.length / 2);
    const left = half - (half % 8);
    return plus(tree(values.slice(0, left)), tree(values.slice(left)));
  }
  const whole = values.length - (values.length % 8);
  const lane = (l: number): number =>
    values.filter((_, i) => i < whole && i % 8 === l).reduce((sum, value) => plus(sum, value));
  const pair = (l: number): number => plus(lane(l), lane(l + 1));
  return values.slice(whole).reduce(plus, plus(plus(pair(0), pair(2)), plus(pair(4), pair(6))));
}

function slowSum(values: readonly number[]): number {
  let sum = 0;
  for (let at = 0; at < values.length; at += 8192)
    sum = plus(sum, tree(values.slice(at, at + 8192)));
  return sum;
}

describe('mean and standard deviation', () => {
  it.each(LENGTHS)('equal numpy’s summation order for %i values', (length) => {
    const random = noise(length);
    const values = Float32Array.from({ length }, () => 300 + 250 * random());
    const mean = Math.fround(slowSum([...values]) / length);
    const squares = [...values].map((value) => {
      const difference = Math.fround(value - mean);
      return Math.fround(difference * difference);
    });
    const std = Math.fround(Math.sqrt(Math.fround(slowSum(squares) / length)));
    expect(meanAndStd(values)).toEqual({ mean, std });
  });

  it('would notice plain summation: the order changes the bits', () => {
    const random = noise(3);
    const values = Float32Array.from({ length: 20_001 }, () => 300 + 250 * random());
    let plain = 0;
    for (const value of values) plain = plus(plain, value);
    expect(meanAndStd(values).mean).not.toBe(Math.fround(plain / values.length));
  });

  it('gives σ = 0 for a constant array', () => {
    expect(meanAndStd(new Float32Array(1000).fill(7))).toEqual({ mean: 7, std: 0 });
  });
});
