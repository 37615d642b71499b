import { describe, expect, it } from '@jest/globals';
import { exportTaps, linearTaps } from '../../../src/segmentation/export/axis-taps.ts';
import { labelExporter } from '../../../src/segmentation/export/label-exporter.ts';
import type { LabelRule, Resampling, Vec3 } from '../../../src/segmentation/plans/plan.ts';
import type { GridView } from '../../../src/segmentation/preprocess/grid-view.ts';
import { lpsView, transposeView } from '../../../src/segmentation/preprocess/grid-view.ts';
import { NaiveExport } from '../support/naive-export.ts';
import { noise } from '../support/nnunet-folder.ts';

const ARGMAX: LabelRule = { kind: 'argmax' };
const RESAMPLING: Resampling = { order: 1, forceSeparateZ: null, anisotropyThreshold: 3 };
const ISOTROPIC: Vec3 = [1, 1, 1];

const dense = (shape: Vec3): GridView =>
  lpsView({ axes: [0, 1, 2], flipped: [false, false, false] }, shape);

interface Case {
  readonly shape: Vec3;
  readonly target: Vec3;
  readonly heads: number;
  readonly logits: Float16Array;
  readonly rule?: LabelRule;
  /** Plan's spacing, whose coarse axis decides for separate resampling. */
  readonly spacing?: Vec3;
}

function streamed(test: Case): Uint8Array {
  const { shape, target, heads, logits } = test;
  const labels = new Uint8Array(target[0] * target[1] * target[2]);
  const taps = exportTaps(shape, target, test.spacing ?? ISOTROPIC, ISOTROPIC, RESAMPLING);
  const exporter = labelExporter(
    { shape, heads, rule: test.rule ?? ARGMAX, taps, view: dense(target) },
    labels,
  );
  const plane = shape[1] * shape[2];
  for (let z = 0; z < shape[0]; z += 1) {
    const row = new Float16Array(heads * plane);
    for (let channel = 0; channel < heads; channel += 1) {
      const start = (channel * shape[0] + z) * plane;
      row.set(logits.subarray(start, start + plane), channel * plane);
    }
    exporter.push(z, row);
  }
  return labels;
}

/** Labels voxel by voxel; regions as §4 writes them, with the sigmoid in binary32. */
function naive(test: Case): Uint8Array {
  const { shape, target, heads, logits, rule } = test;
  const spacings = [test.spacing ?? ISOTROPIC, ISOTROPIC] as const;
  const whole = new NaiveExport(logits, heads, shape, target, spacings);
  if (rule?.kind !== 'regions') return whole.labels();
  const labels = new Uint8Array(target[0] * target[1] * target[2]);
  for (let at = 0; at < labels.length; at += 1) {
    const [k, j, i] = [
      Math.floor(at / (target[1] * target[2])),
      Math.floor(at / target[2]) % target[1],
      at % target[2],
    ];
    const halves = whole.halves(k, j, i);
    rule.classOrder.forEach((label, channel) => {
      const p = Math.fround(1 / Math.fround(1 + Math.fround(Math.exp(-(halves[channel] ?? 0)))));
      if (p > 0.5) labels[at] = label;
    });
  }
  return labels;
}

const randomLogits = (shape: Vec3, heads: number, seed: number, scale = 8): Float16Array => {
  const random = noise(seed);
  return Float16Array.from(
    { length: heads * shape[0] * shape[1] * shape[2] },
    () => scale * random(),
  );
};

/** Channels that lie 0 or 1 half-ulp apart, where rounding makes ties that only the exact order of operations repeats. */
function adversarialLogits(shape: Vec3, heads: number, seed: number): Float16Array {
  const random = noise(seed);
  const size = shape[0] * shape[1] * shape[2];
  const bits = new Uint16Array(heads * size);
  for (let i = 0; i < size; i += 1) {
    const base = 0x4400 + Math.floor((random() + 1) * 500);
    for (let channel = 0; channel < heads; channel += 1) {
      bits[channel * size + i] = base + (random() > 0 ? 1 : 0);
    }
  }
  return new Float16Array(bits.buffer);
}

/** One channel leads everywhere, by 1 to 6 half-ulps over lower channels: what interpolation can level to a tie. */
function leadingLogits(shape: Vec3, heads: number, winner: number, seed: number): Float16Array {
  const random = noise(seed);
  const size = shape[0] * shape[1] * shape[2];
  const bits = new Uint16Array(heads * size);
  for (let i = 0; i < size; i += 1) {
    const base = 0x4800 + Math.floor((random() + 1) * 400);
    for (let channel = 0; channel < heads; channel += 1) {
      const lead = Math.floor((random() + 1) * 2.99);
      bits[channel * size + i] =
        channel === winner ? base : base - lead - (channel < winner ? 1 : 0);
    }
  }
  return new Float16Array(bits.buffer);
}

const RATIOS: [string, Vec3, Vec3][] = [
  ['2:3', [4, 6, 8], [6, 9, 12]],
  ['1:2', [4, 5, 6], [8, 10, 12]],
  ['irrational-like', [5, 7, 6], [8, 10, 11]],
  ['down', [9, 8, 10], [4, 3, 7]],
  ['one axis only', [5, 6, 7], [5, 9, 7]],
  ['equal', [4, 5, 6], [4, 5, 6]],
  ['one row', [1, 4, 4], [3, 7, 9]],
];

describe('exporting labels', () => {
  it.each(RATIOS)('equals the naive rule: %s', (_, shape, target) => {
    for (const heads of [2, 5]) {
      const test = { shape, target, heads, logits: randomLogits(shape, heads, 3) };
      expect(streamed(test)).toEqual(naive(test));
    }
  });

  it.each(RATIOS)(
    'equals the naive rule where channels are one half-ulp apart: %s',
    (_, shape, target) => {
      for (let seed = 0; seed < 2; seed += 1) {
        const test = { shape, target, heads: 4, logits: adversarialLogits(shape, 4, seed) };
        expect(streamed(test)).toEqual(naive(test));
      }
    },
  );

  it.each<[Vec3]>([[[5, 1, 1]], [[1, 5, 1]], [[1, 1, 5]]])(
    'copies planes along the coarse axis of the plan’s spacing %j',
    (spacing) => {
      const shape: Vec3 = [6, 6, 6];
      for (const target of [
        [9, 9, 9],
        [3, 9, 9],
        [9, 4, 6],
      ] as Vec3[]) {
        const test = { shape, target, heads: 3, logits: adversarialLogits(shape, 3, 8), spacing };
        expect(streamed(test)).toEqual(naive(test));
      }
    },
  );

  it.each(RATIOS)(
    'equals the naive rule where one channel leads by few half-ulps: %s',
    (_, shape, target) => {
      for (const winner of [0, 1, 3]) {
        const test = { shape, target, heads: 4, logits: leadingLogits(shape, 4, winner, winner) };
        expect(streamed(test)).toEqual(naive(test));
      }
    },
  );

  it('equals the naive rule for smooth logits, where most voxels need no interpolation', () => {
    const shape: Vec3 = [8, 12, 12];
    const heads = 6;
    const logits = Float16Array.from({ length: heads * 1152 }, (_, at) => {
      const [c, z, y, x] = [
        Math.floor(at / 1152),
        Math.floor(at / 144) % 8,
        Math.floor(at / 12) % 12,
        at % 12,
      ];
      return (
        6 * Math.sin(0.3 * x + c) + 5 * Math.cos(0.25 * y - 2 * c) + 4 * Math.sin(0.4 * z * (c + 1))
      );
    });
    for (const target of [
      [12, 18, 18],
      [5, 20, 9],
    ] as Vec3[]) {
      const test = { shape, target, heads, logits };
      expect(streamed(test)).toEqual(naive(test));
    }
  });

  it('lets the first of equal channels win', () => {
    const logits = new Float16Array(41 * 8).fill(2.5);
    const test = { shape: [2, 2, 2] as Vec3, target: [3, 3, 3] as Vec3, heads: 41, logits };
    expect(streamed(test).every((label) => label === 0)).toBe(true);
  });

  it('writes regions in class order, later over earlier, above one half', () => {
    const shape: Vec3 = [3, 4, 5];
    const rule: LabelRule = { kind: 'regions', classOrder: [3, 1, 2] };
    const logits = randomLogits(shape, 3, 6, 1);
    logits.set([0, 2 ** -24, 2 ** -23, -(2 ** -24)]);
    for (const target of [shape, [5, 6, 8] as Vec3]) {
      const test = { shape, target, heads: 3, logits, rule };
      expect(streamed(test)).toEqual(naive(test));
    }
  });

  it('undoes transpose, flip and crop in one step', () => {
    const shape: Vec3 = [3, 4, 5];
    const logits = randomLogits(shape, 3, 12);
    const expected = streamed({ shape, target: shape, heads: 3, logits });
    const source = lpsView({ axes: [1, 2, 0], flipped: [true, false, true] }, [7, 6, 8]);
    const turned = transposeView(source, [1, 2, 0]);
    const view: GridView = { ...turned, shape, base: turned.base + turned.stride[1] };
    const labels = new Uint8Array(7 * 6 * 8).fill(99);
    const taps = exportTaps(shape, shape, ISOTROPIC, ISOTROPIC, RESAMPLING);
    const exporter = labelExporter({ shape, heads: 3, rule: ARGMAX, taps, view }, labels);
    for (let z = 0; z < 3; z += 1) {
      const row = new Float16Array(60);
      for (let c = 0; c < 3; c += 1)
        row.set(logits.subarray((c * 3 + z) * 20, (c * 3 + z) * 20 + 20), c * 20);
      exporter.push(z, row);
    }
    const [s0, s1, s2] = view.stride;
    expected.forEach((label, at) => {
      const [a, b, c] = [Math.floor(at / 20), Math.floor(at / 5) % 4, at % 5];
      expect(labels[view.base + a * s0 + b * s1 + c * s2]).toBe(label);
    });
    expect(labels.filter((label) => label !== 99)).toHaveLength(60);
  });
});

describe('linear taps', () => {
  it('weigh to one and stay inside', () => {
    for (const [n, m] of [
      [5, 8],
      [8, 5],
      [1, 4],
      [7, 7],
    ] as const) {
      const taps = linearTaps(n, m);
      for (let k = 0; k < m; k += 1) {
        expect(taps.w1[k]).toBe(1 - (taps.w0[k] ?? 0));
        expect(taps.first[k]).toBeGreaterThanOrEqual(0);
        expect(taps.second[k]).toBeLessThan(n);
      }
    }
  });
});
