import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { echoPhase, waterFatPeriod } from '../../src/sequences/index.ts';

describe('the water-fat period', () => {
  it('is about 4.6 ms at 1.5 T and 2.3 ms at 3 T', () => {
    expect(waterFatPeriod(63.87, undefined)).toBeCloseTo(4.6, 1);
    expect(waterFatPeriod(undefined, 1.5)).toBeCloseTo(4.6, 1);
    expect(waterFatPeriod(127.74, undefined)).toBeCloseTo(2.3, 1);
    expect(waterFatPeriod(undefined, 3)).toBeCloseTo(2.3, 1);
  });

  it('prefers the imaging frequency and falls back to the field where the frequency is no hydrogen', () => {
    expect(waterFatPeriod(123.2, 1.5)).toBeCloseTo(2.39, 2);
    expect(waterFatPeriod(0.001, 1.5)).toBeCloseTo(4.6, 1);
    expect(waterFatPeriod('63.6', undefined)).toBeCloseTo(4.62, 2);
  });

  it('reads a field in gauss, and says nothing of a field that cannot be', () => {
    expect(waterFatPeriod(undefined, 15_000)).toBeCloseTo(4.6, 1);
    expect(waterFatPeriod(undefined, 0)).toBeNull();
    expect(waterFatPeriod(undefined, undefined)).toBeNull();
    expect(waterFatPeriod('no number', 'x')).toBeNull();
  });
});

describe('the phase of an echo', () => {
  const at15 = waterFatPeriod(63.87, undefined);
  const at3 = waterFatPeriod(127.74, undefined);
  const cases: [number, number | null, string][] = [
    [4.6, at15, 'in-phase'],
    [4.77, at15, 'in-phase'],
    [4.2, at15, 'in-phase'],
    [2.3, at15, 'opposed-phase'],
    [6.9, at15, 'opposed-phase'],
    [9.2, at15, 'in-phase'],
    [3.4, at15, 'between'],
    [0.9, at15, 'between'],
    [2.46, at3, 'in-phase'],
    [1.23, at3, 'opposed-phase'],
    [4.6, at3, 'in-phase'],
    [3.69, at3, 'opposed-phase'],
  ];
  for (const [time, period, phase] of cases) {
    it(`is ${phase} at ${time} ms of ${period?.toFixed(2)} ms`, () => {
      expect(echoPhase(time, period)).toBe(phase);
    });
  }

  it('is not told for late echoes and missing values', () => {
    expect(echoPhase(92, at15)).toBeNull();
    expect(echoPhase(undefined, at15)).toBeNull();
    expect(echoPhase(4.6, null)).toBeNull();
  });

  it('is the same one whole period later', () => {
    fc.assert(
      fc.property(
        fc.double({ min: 1.6, max: 9, noNaN: true }),
        fc.double({ min: 2, max: 5, noNaN: true }),
        (time, period) => {
          fc.pre(time + period <= 15 && time / period > 0.34);
          const cycle = (time / period) % 1;
          fc.pre([0.17, 0.33, 0.67, 0.83].every((edge) => Math.abs(cycle - edge) > 1e-6));
          expect(echoPhase(time + period, period)).toBe(echoPhase(time, period));
        },
      ),
      { seed: 20261124 },
    );
  });
});
