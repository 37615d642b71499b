import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { decimal, isDecimalString, sourceDecimal } from '../../src/results/dicom/decimal.ts';

describe('decimal', () => {
  it('fits 16 characters and reads back within 1e-9 of any number with an exponent of two digits', () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        fc.pre(value === 0 || (Math.abs(value) < 1e99 && Math.abs(value) > 1e-99));
        const text = decimal(value);
        expect(isDecimalString(text)).toBe(true);
        const tolerance = Math.max(Math.abs(value) * 1e-9, Number.MIN_VALUE);
        expect(Math.abs(Number(text) - value)).toBeLessThanOrEqual(tolerance);
      }),
      { seed: 11, numRuns: 2_000 },
    );
  });

  it('keeps the shortest text of numbers that have one', () => {
    expect(decimal(0.7734375)).toBe('0.7734375');
    expect(decimal(-0)).toBe('0');
    expect(decimal(1e-7)).toBe('1e-7');
  });

  it('keeps the exponent of noise that a cut at 16 characters would lose', () => {
    expect(Number(decimal(6.123233995736766e-17))).toBeCloseTo(6.123233995736766e-17, 26);
  });

  it('refuses what is not finite', () => {
    expect(() => decimal(Number.NaN)).toThrow(/Decimal String/);
    expect(() => decimal(Number.POSITIVE_INFINITY)).toThrow(/Decimal String/);
  });

  it('copies valid digits of the source and shortens over-long ones', () => {
    expect(sourceDecimal(' 0.50000 ', 'x')).toBe('0.50000');
    expect(sourceDecimal('-0.12345678901234567', 'x')).toBe('-0.1234567890123');
    expect(() => sourceDecimal('abc', 'Pixel Spacing')).toThrow(/Pixel Spacing/);
    expect(() => sourceDecimal('', 'Pixel Spacing')).toThrow(/Pixel Spacing/);
  });
});
