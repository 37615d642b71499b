import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KernelMemory, spaceFor } from '../../../src/segmentation/wasm/kernels.ts';

const r32 = Math.fround;
const HALVES = 65_536;
const bitsOf = (array: Float16Array): Uint16Array =>
  new Uint16Array(array.buffer, array.byteOffset, array.length);
const halfOf = (pattern: number): number => {
  const half = new Float16Array(1);
  bitsOf(half)[0] = pattern;
  return half[0] ?? 0;
};
const ALL_HALVES = Float16Array.from({ length: HALVES }, (_, pattern) => halfOf(pattern));

/** Not a number counts as infinite of either sign: both are refused at the end. */
function sameHalf(a: number, b: number): boolean {
  return Number.isFinite(b) || Number.isFinite(a) ? Object.is(a, b) : true;
}

function accumulated(
  sums: Float16Array,
  logits: Float32Array,
  weights: Float32Array,
): Float16Array {
  const memory = new KernelMemory(spaceFor(2 * sums.length) + 2 * spaceFor(4 * sums.length));
  const [s, l, w] = [
    memory.place(2 * sums.length),
    memory.place(4 * sums.length),
    memory.place(4 * sums.length),
  ];
  memory.halves(s, sums.length).set(sums);
  memory.floats(l, sums.length).set(logits);
  memory.floats(w, sums.length).set(weights);
  const columns = Math.min(sums.length, 8192);
  const rows = sums.length / columns;
  memory.kernels.accumulate(s, l, w, rows, columns, 2 * columns);
  return memory.halves(s, sums.length);
}

function quotients(sums: Float16Array, totals: Float16Array): [Float16Array, boolean] {
  const memory = new KernelMemory(3 * spaceFor(2 * sums.length));
  const [s, t, q] = [1, 2, 3].map(() => memory.place(2 * sums.length)) as [number, number, number];
  memory.halves(s, sums.length).set(sums);
  memory.halves(t, sums.length).set(totals);
  const columns = Math.min(sums.length, 8192);
  const flag = memory.kernels.divide(s, t, q, sums.length / columns, columns, 2 * columns);
  return [memory.halves(q, sums.length), flag === 0];
}

function expectSame(actual: Float16Array, expected: Float16Array): void {
  const wrong = [...actual.keys()].filter((i) => !sameHalf(actual[i] ?? 0, expected[i] ?? 0));
  expect(wrong.map((i) => [actual[i], expected[i]])).toEqual([]);
}

/** binary32 of every kind: ordinary, subnormal as a half, at midpoints of halves, huge. */
const float32 = fc.oneof(
  fc.float({ noNaN: true, min: r32(-70_000), max: r32(70_000) }),
  fc.float({ noNaN: true, min: r32(-(2 ** -13)), max: r32(2 ** -13) }),
  fc
    .tuple(fc.integer({ min: 0, max: 0x7bff }), fc.integer({ min: -1, max: 1 }), fc.boolean())
    .map(([pattern, ulps, negative]) => {
      const middle = (halfOf(pattern) + halfOf(pattern + 1)) / 2;
      const size = r32(middle * (1 + ulps * 2 ** -23));
      return negative ? -size : size;
    }),
);
const half = fc.integer({ min: 0, max: 0xffff }).map(halfOf);

describe('accumulate', () => {
  it('reads all halves exactly and writes them back unchanged', () => {
    const nothing = new Float32Array(HALVES).fill(-0);
    expectSame(accumulated(ALL_HALVES, nothing, new Float32Array(HALVES).fill(1)), ALL_HALVES);
  });

  it('rounds products and sums to binary32 and once to binary16, ties to even', () => {
    const entry = fc.tuple(half, float32, fc.oneof(half, float32));
    fc.assert(
      fc.property(fc.array(entry, { minLength: 1, maxLength: 300 }), (entries) => {
        const sums = Float16Array.from(entries, ([sum]) => sum);
        const logits = Float32Array.from(entries, ([, logit]) => logit);
        const weights = Float32Array.from(entries, ([, , weight]) => weight);
        const expected = sums.map((sum, i) => r32(sum + r32((logits[i] ?? 0) * (weights[i] ?? 0))));
        expectSame(accumulated(sums, logits, weights), expected);
      }),
      { seed: 16, numRuns: 300 },
    );
  });

  it('rounds every midpoint of neighbouring halves, and one ulp beside it, as the engine does', () => {
    for (const ulps of [-1, 0, 1]) {
      const logits = Float32Array.from({ length: HALVES }, (_, pattern) => {
        const neighbour = halfOf((pattern & 0x8000) | Math.min((pattern & 0x7fff) + 1, 0x7c00));
        return r32(((halfOf(pattern) + neighbour) / 2) * (1 + ulps * 2 ** -23));
      });
      const expected = Float16Array.from(logits, (x) => r32(0 + r32(x)));
      expectSame(
        accumulated(new Float16Array(HALVES), logits, new Float32Array(HALVES).fill(1)),
        expected,
      );
    }
  });

  it('leaves everything beside its rectangle alone, whatever the width', () => {
    for (let columns = 1; columns <= 19; columns += 1) {
      const [rows, stride] = [3, columns + 5];
      const memory = new KernelMemory(4096);
      const sums = memory.place(2 * rows * stride);
      const [logits, weights] = [
        memory.place(4 * rows * columns),
        memory.place(4 * rows * columns),
      ];
      const view = memory.halves(sums, rows * stride).fill(-0);
      memory.floats(logits, rows * columns).forEach((_, i, all) => (all[i] = i + 1));
      memory.floats(weights, rows * columns).fill(0.5);
      memory.kernels.accumulate(sums, logits, weights, rows, columns, 2 * stride);
      view.forEach((sum, i) => {
        const [row, column] = [Math.floor(i / stride), i % stride];
        const expected = column < columns ? (row * columns + column + 1) / 2 : -0;
        expect(Object.is(sum, expected)).toBe(true);
      });
    }
  });
});

describe('divide', () => {
  it('rounds quotients to binary32 and once to binary16', () => {
    const positive = fc.integer({ min: 1, max: 0x7bff }).map(halfOf);
    fc.assert(
      fc.property(fc.array(fc.tuple(half, positive), { minLength: 1, maxLength: 300 }), (pairs) => {
        const sums = Float16Array.from(pairs, ([sum]) => sum);
        const totals = Float16Array.from(pairs, ([, total]) => total);
        const expected = sums.map((sum, i) => r32(sum / (totals[i] ?? 0)));
        const [actual, finite] = quotients(sums, totals);
        expectSame(actual, expected);
        expect(finite).toBe(expected.every(Number.isFinite));
      }),
      { seed: 17, numRuns: 300 },
    );
  });

  it('divides every half by 3, 5, 2⁻²⁴ and 10', () => {
    for (const total of [3, 5, 2 ** -24, 10]) {
      const [actual] = quotients(ALL_HALVES, new Float16Array(HALVES).fill(total));
      expectSame(
        actual,
        ALL_HALVES.map((sum) => r32(sum / total)),
      );
    }
  });

  it('tells one infinite quotient among many, but not what lies beside the rectangle', () => {
    const sums = new Float16Array(20).fill(1);
    const totals = new Float16Array(20).fill(1);
    expect(quotients(sums, totals)[1]).toBe(true);
    for (const at of [0, 7, 8, 19]) {
      const broken = sums.slice();
      broken[at] = Number.POSITIVE_INFINITY;
      expect(quotients(broken, totals)[1]).toBe(false);
    }
  });
});

describe('addHalves', () => {
  it('adds halves in binary32 and rounds once', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(half, half), { minLength: 1, maxLength: 300 }), (pairs) => {
        const memory = new KernelMemory(2 * spaceFor(2 * pairs.length));
        const [a, b] = [memory.place(2 * pairs.length), memory.place(2 * pairs.length)];
        memory.halves(a, pairs.length).set(pairs.map(([first]) => first));
        memory.halves(b, pairs.length).set(pairs.map(([, second]) => second));
        memory.kernels.addHalves(a, b, pairs.length);
        const expected = Float16Array.from(pairs, ([first, second]) => r32(first + second));
        expectSame(memory.halves(a, pairs.length), expected);
      }),
      { seed: 18, numRuns: 300 },
    );
  });
});
