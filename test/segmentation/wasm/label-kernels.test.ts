import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { KernelMemory, spaceFor } from '../../../src/segmentation/wasm/kernels.ts';
import { BELOW_ALL, CHANNELS_PER_SCAN } from '../../../src/segmentation/wasm/label-kernels.ts';

const halfOf = (pattern: number): number => {
  const half = new Float16Array(1);
  new Uint16Array(half.buffer)[0] = pattern;
  return half[0] ?? 0;
};
/** Finite halves, drawn so that equal and neighbouring ones are frequent. */
const pattern = fc.oneof(
  fc.integer({ min: 0, max: 0x7bff }),
  fc.integer({ min: 0x8000, max: 0xfbff }),
  fc.constantFrom(0, 0x8000, 1, 0x8001, 0x3c00, 0x3c01, 0x4400, 0x4401, 0x4402, 0xc400, 0xc401),
);
const value = pattern.map(halfOf);

interface Summary {
  readonly label: number;
  readonly reach: number;
  readonly size: number;
}

/** One voxel through `scan` and `summarise`; it is repeated so that every lane sees it. */
function summaryOf(channels: readonly number[]): Summary[] {
  const count = 32;
  const plane = 2 * count;
  const memory = new KernelMemory(
    spaceFor(channels.length * plane) + 3 * spaceFor(plane) + 3 * spaceFor(count),
  );
  const logits = memory.place(channels.length * plane);
  channels.forEach((logit, channel) => memory.halves(logits + channel * plane, count).fill(logit));
  const [best, lower, winner] = [1, 2, 3].map(() => memory.place(plane)) as [
    number,
    number,
    number,
  ];
  memory.integers(best, count).fill(BELOW_ALL);
  memory.integers(lower, count).fill(BELOW_ALL);
  const last = logits + (channels.length - 1) * plane;
  for (let channel = 0; channel < channels.length; channel += CHANNELS_PER_SCAN) {
    const first = logits + channel * plane;
    memory.kernels.scan(first, plane, last, channel, best, lower, winner, plane);
  }
  const [labels, reaches, sizes] = [1, 2, 3].map(() => memory.place(count)) as [
    number,
    number,
    number,
  ];
  memory.kernels.summarise(best, lower, winner, labels, reaches, sizes, count);
  return Array.from({ length: count }, (_, i) => ({
    label: memory.bytes(labels, count)[i] ?? -1,
    reach: memory.bytes(reaches, count)[i] ?? -1,
    size: memory.bytes(sizes, count)[i] ?? -1,
  }));
}

describe('scan and summarise', () => {
  it('find the first largest channel, a power of two above its size and one below its lead', () => {
    fc.assert(
      fc.property(fc.array(value, { minLength: 1, maxLength: 21 }), (channels) => {
        const largest = Math.max(...channels);
        const label = channels.findIndex((logit) => logit === largest);
        const all = summaryOf(channels);
        expect(new Set(all.map((summary) => JSON.stringify(summary))).size).toBe(1);
        const [summary = { label: -1, reach: -1, size: -1 }] = all;
        expect(summary.label).toBe(label);
        expect(Math.abs(largest)).toBeLessThanOrEqual(2 ** (summary.size - 15));
        if (summary.size > 1) expect(Math.abs(largest)).toBeGreaterThan(2 ** (summary.size - 16));
        if (label === 0) {
          expect(summary.reach).toBe(255);
          return;
        }
        const lead = largest - Math.max(...channels.slice(0, label));
        if (summary.reach > 0) expect(lead).toBeGreaterThan(2 ** (summary.reach - 24));
        expect(lead).toBeLessThanOrEqual(2 ** (Math.max(summary.reach, 0) - 23) * (1 + 2 ** -23));
      }),
      { seed: 21, numRuns: 500 },
    );
  });

  it('take both zeros for equal, and many channels', () => {
    expect(summaryOf([-0, 0])[0]?.label).toBe(0);
    expect(summaryOf([-1, -0, 0, -0])[0]?.label).toBe(1);
    const many = Array.from({ length: 255 }, (_, channel) => channel);
    expect(summaryOf(many)[0]?.label).toBe(254);
  });
});

describe('decide', () => {
  it('keeps a label only where all eight samples agree and reach as far as the largest of them', () => {
    const byte = fc.integer({ min: 0, max: 3 });
    const [rows, columns] = [3, 21];
    const plane = rows * columns;
    const cells = fc.array(byte, { minLength: 6 * plane, maxLength: 6 * plane });
    fc.assert(
      fc.property(
        cells,
        fc.constantFrom(0, 1),
        fc.constantFrom(0, columns),
        (bytes, right, down) => {
          const stride = spaceFor(plane);
          const memory = new KernelMemory(8 * stride + 1024);
          const [near, far] = [memory.place(3 * stride), memory.place(3 * stride)];
          const decided = memory.place(plane);
          for (let part = 0; part < 3; part += 1) {
            const source = (row: number): number[] =>
              bytes.slice((3 * row + part) * plane, (3 * row + part + 1) * plane);
            memory.bytes(near + part * stride, plane).set(source(0));
            memory.bytes(far + part * stride, plane).set(source(1));
          }
          const to = plane - down - 1;
          memory.kernels.decide(near, far, stride, right, down, decided, 0, to);
          for (let cell = 0; cell < to; cell += 1) {
            const samples = [0, 3].flatMap((row) =>
              [0, right, down, right + down].map((beside) =>
                [0, 1, 2].map((part) => bytes[(row + part) * plane + cell + beside] ?? 0),
              ),
            );
            const label = samples[0]?.[0] ?? 0;
            const agree = samples.every(([other]) => other === label);
            const reach = Math.min(...samples.map((sample) => sample[1] ?? 0));
            const size = Math.max(...samples.map((sample) => sample[2] ?? 0));
            expect(memory.bytes(decided, plane)[cell]).toBe(agree && reach >= size ? label : 255);
          }
        },
      ),
      { seed: 22, numRuns: 60 },
    );
  });
});

describe('bounds', () => {
  it('are the least and the largest halves of a tile, in the order of the halves', () => {
    const [heads, lines, columns] = [3, 4, 12];
    const size = heads * lines * columns;
    const ordered = (half: number): number => {
      const bits = new Int16Array(Float16Array.of(half).buffer)[0] ?? 0;
      return bits < 0 ? -(bits & 0x7fff) : bits;
    };
    fc.assert(
      fc.property(
        fc.array(value, { minLength: size, maxLength: size }),
        fc.constantFrom(0, 1),
        (values, right) => {
          const memory = new KernelMemory(spaceFor(2 * size) + 2 * spaceFor(2 * heads));
          const halves = memory.place(2 * size);
          const [minima, maxima] = [memory.place(2 * heads), memory.place(2 * heads)];
          memory.halves(halves, size).set(values);
          const { bounds } = memory.kernels;
          const [plane, line] = [2 * lines * columns, 2 * columns];
          bounds(halves + 4, plane, heads, line, lines - 1, 2 * right, minima, maxima);
          for (let channel = 0; channel < heads; channel += 1) {
            const tile: number[] = [];
            for (let y = 0; y < lines - 1; y += 1) {
              const start = (channel * lines + y) * columns + 2;
              tile.push(...values.slice(start, start + 8 + right).map(ordered));
            }
            expect(memory.integers(minima, heads)[channel]).toBe(Math.min(...tile));
            expect(memory.integers(maxima, heads)[channel]).toBe(Math.max(...tile));
          }
        },
      ),
      { seed: 23, numRuns: 200 },
    );
  });
});
