import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PlaneResizer } from '../../../src/segmentation/preprocess/plane-resizer.ts';
import { AxisResizer } from '../../../src/segmentation/preprocess/spline.ts';
import { KernelMemory } from '../../../src/segmentation/wasm/kernels.ts';

const POLE = Math.sqrt(3) - 2;

/** nnunet-inference §2.7 for one line: extend, prefilter, interpolate, in the order of its formulas. */
function resizedLine(line: readonly number[], m: number, order: 1 | 3): number[] {
  const n = line.length;
  const pad = order === 1 ? 1 : 12;
  const extended = Array.from({ length: n + 2 * pad }, (_, i) => {
    return line[Math.min(Math.max(i - pad, 0), n - 1)] ?? 0;
  });
  const c = order === 1 ? extended : prefiltered(extended);
  return Array.from({ length: m }, (_, k) => {
    const coordinate = (k + 0.5) * (n / m) - 0.5 + pad;
    const floor = Math.floor(coordinate);
    const t = coordinate - floor;
    const u = 1 - t;
    const tap = (i: number): number => c[floor + i] ?? Number.NaN;
    if (order === 1) return tap(0) * u + tap(1) * (1 - u);
    const w0 = (u * u * u) / 6;
    const w1 = (t * t * (t - 2) * 3 + 4) / 6;
    const w2 = (u * u * (u - 2) * 3 + 4) / 6;
    return tap(-1) * w0 + tap(0) * w1 + (tap(1) * w2 + tap(2) * (1 - w0 - w1 - w2));
  });
}

function prefiltered(line: readonly number[]): number[] {
  const c = line.map((value) => value * 6);
  const n = c.length;
  const at = (i: number): number => c[i] ?? 0;
  const mirror = POLE ** n;
  let sum = 0;
  let power = 1;
  for (let i = 0; i < n; i += 1) {
    sum += power * (at(i) + mirror * at(n - 1 - i));
    power *= POLE;
  }
  c[0] = at(0) + (POLE / (1 - mirror * mirror)) * sum;
  for (let i = 1; i < n; i += 1) c[i] = at(i) + POLE * at(i - 1);
  c[n - 1] = (at(n - 1) * POLE) / (POLE - 1);
  for (let i = n - 2; i >= 0; i -= 1) c[i] = POLE * (at(i + 1) - at(i));
  return c;
}

const value = fc.oneof(
  fc.double({ min: -3000, max: 3000, noNaN: true }),
  fc.constantFrom(0, 1, -1000),
);
const drawn = (stream: Iterator<number, unknown>): number => Number(stream.next().value);
const length = fc.integer({ min: 1, max: 40 });
const order = fc.constantFrom<1 | 3>(1, 3);

describe('resizing columns', () => {
  it('equals the formulas bit by bit, for any number of columns and either order', () => {
    fc.assert(
      fc.property(
        length,
        length,
        order,
        fc.integer({ min: 1, max: 21 }),
        fc.infiniteStream(value),
        (n, m, chosen, columns, stream) => {
          const lines = Array.from({ length: columns }, () =>
            Array.from({ length: n }, () => drawn(stream)),
          );
          const memory = new KernelMemory(AxisResizer.bytes(n, m, chosen, columns));
          const resizer = new AxisResizer(memory, n, m, chosen, columns);
          for (let i = 0; i < n; i += 1) {
            resizer.sourceRow(i, columns).set(lines.map((line) => line[i] ?? 0));
          }
          resizer.run(columns);
          const actual = lines.map((_, column) =>
            Array.from({ length: m }, (__, k) => resizer.targetRow(k, columns)[column]),
          );
          expect(actual).toEqual(lines.map((line) => resizedLine(line, m, chosen)));
        },
      ),
      { seed: 31, numRuns: 150 },
    );
  });

  it('clips to the range it is given', () => {
    const memory = new KernelMemory(AxisResizer.bytes(4, 16, 3, 1));
    const resizer = new AxisResizer(memory, 4, 16, 3, 1);
    [0, 0, 1, 1].forEach((sample, i) => resizer.sourceRow(i, 1).fill(sample));
    resizer.run(1, { lowest: 0, highest: 1 });
    const line = Array.from({ length: 16 }, (_, k) => resizer.targetRow(k, 1)[0] ?? Number.NaN);
    const free = resizedLine([0, 0, 1, 1], 16, 3);
    expect(Math.min(...free)).toBeLessThan(0);
    expect(line).toEqual(free.map((sample) => Math.min(Math.max(sample, 0), 1)));
  });

  it('adds all that counts of a long line’s causal sum', () => {
    const line = Array.from({ length: 700 }, (_, i) => Math.sin(i * i));
    const memory = new KernelMemory(AxisResizer.bytes(700, 300, 3, 1));
    const resizer = new AxisResizer(memory, 700, 300, 3, 1);
    line.forEach((sample, i) => resizer.sourceRow(i, 1).fill(sample));
    resizer.run(1);
    const actual = Array.from({ length: 300 }, (_, k) => resizer.targetRow(k, 1)[0]);
    expect(actual).toEqual(resizedLine(line, 300, 3));
  });
});

describe('resizing planes', () => {
  it('resizes columns, then rows, and leaves an axis of the same length alone', () => {
    fc.assert(
      fc.property(
        fc.tuple(length, length),
        fc.tuple(length, length),
        fc.constantFrom('both', 'rows', 'columns', 'neither'),
        fc.infiniteStream(value),
        ([rows, columns], [otherRows, otherColumns], changes, stream) => {
          const rowsOut = changes === 'both' || changes === 'rows' ? otherRows : rows;
          const columnsOut = changes === 'both' || changes === 'columns' ? otherColumns : columns;
          const plane = Float32Array.from({ length: 3 + rows * columns }, () => drawn(stream));
          const resizer = new PlaneResizer([rows, columns], [rowsOut, columnsOut], 3);
          resizer.run(plane, 3);
          const wide = Array.from({ length: rows }, (_, y) => {
            const line = [...plane.subarray(3 + y * columns, 3 + (y + 1) * columns)];
            return columns === columnsOut ? line : resizedLine(line, columnsOut, 3);
          });
          const expected = Array.from({ length: columnsOut }, (_, x) => {
            const line = wide.map((row) => row[x] ?? 0);
            return rows === rowsOut ? line : resizedLine(line, rowsOut, 3);
          });
          const actual = Array.from({ length: columnsOut }, (_, x) =>
            Array.from({ length: rowsOut }, (__, y) => resizer.line(y)[x]),
          );
          expect(actual).toEqual(expected);
        },
      ),
      { seed: 32, numRuns: 150 },
    );
  });
});
