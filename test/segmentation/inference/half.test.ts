import { describe, expect, it } from '@jest/globals';
import { noise } from '../support/nnunet-folder.ts';

/** binary64 → binary16, nearest even, from the formula of nnunet-inference ("Rounding symbols"). */
function roundHalf(x: number): number {
  const a = Math.abs(x);
  if (a === 0) return x;
  const q = 2 ** (Math.max(Math.floor(Math.log2(a)), -14) - 10);
  const rounded = (a / q + 2 ** 52 - 2 ** 52) * q;
  return Math.sign(x) * (rounded >= 65_520 ? Number.POSITIVE_INFINITY : rounded);
}

describe('half precision of the JavaScript engine', () => {
  it('round-trips all 65536 halves', () => {
    const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
    const halves = new Float16Array(bits.buffer);
    const wrong = halves.filter((half) => !Object.is(Math.f16round(half), half));
    expect(wrong).toHaveLength(0);
  });

  it('rounds once, to the nearest even: midpoints of neighbours and one ulp beside them', () => {
    const low = new Float16Array(1);
    const bits = new Uint16Array(low.buffer);
    for (let i = 0; i < 0x7bff; i += 61) {
      bits[0] = i;
      const a = low[0] ?? 0;
      bits[0] = i + 1;
      const b = low[0] ?? 0;
      const middle = (a + b) / 2;
      const ulp = middle * 2 ** -52;
      expect(Math.f16round(middle)).toBe(i % 2 === 0 ? a : b);
      expect(Math.f16round(middle - ulp)).toBe(a);
      expect(Math.f16round(middle + ulp)).toBe(b);
    }
  });

  it('overflows at 65520 and keeps subnormals', () => {
    expect(Math.f16round(65_519.99)).toBe(65_504);
    expect(Math.f16round(65_520)).toBe(Number.POSITIVE_INFINITY);
    expect(Math.f16round(2 ** -24)).toBe(2 ** -24);
    expect(Math.f16round(2 ** -25)).toBe(0);
    expect(Math.f16round(1.0000001 * 2 ** -25)).toBe(2 ** -24);
  });

  it('equals the formula of the specification, stored and rounded alike', () => {
    const random = noise(9);
    const values = Float64Array.from(
      { length: 20_000 },
      () => random() * 2 ** Math.round(random() * 26),
    );
    const stored = new Float16Array(values);
    const wrong = values.filter(
      (x, i) => Math.f16round(x) !== roundHalf(x) || stored[i] !== roundHalf(x),
    );
    expect([...wrong]).toEqual([]);
  });
});
