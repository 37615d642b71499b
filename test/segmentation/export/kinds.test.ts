import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { exportTaps } from '../../../src/segmentation/export/axis-taps.ts';
import { labelExporter } from '../../../src/segmentation/export/label-exporter.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { logitSource } from '../../bench/logits.ts';

const ONE: Vec3 = [1, 1, 1];
type Fill = (z: number, row: Float16Array) => void;

function streamed(shape: Vec3, target: Vec3, heads: number, fill: Fill): Uint8Array {
  const labels = new Uint8Array(target[0] * target[1] * target[2]);
  const resampling = { order: 1, forceSeparateZ: null, anisotropyThreshold: 3 } as const;
  const taps = exportTaps(shape, target, ONE, ONE, resampling);
  const view = { shape: target, stride: [target[1] * target[2], target[2], 1], base: 0 } as const;
  const exporter = labelExporter({ shape, heads, rule: { kind: 'argmax' }, taps, view }, labels);
  const row = new Float16Array(heads * shape[1] * shape[2]);
  for (let z = 0; z < shape[0]; z += 1) {
    fill(z, row);
    exporter.push(z, row);
  }
  return labels;
}

/** Every channel, every tap, in the order of nnunet-inference §2.7 item 4, rounded to binary16 once. */
function plain(shape: Vec3, target: Vec3, heads: number, fill: Fill): Uint8Array {
  const rows = Array.from({ length: shape[0] }, (_, z) => {
    const row = new Float16Array(heads * shape[1] * shape[2]);
    fill(z, row);
    return Float32Array.from(row);
  });
  const taps = ([0, 1, 2] as const).map((axis) =>
    Array.from({ length: target[axis] }, (_, k) => {
      const [n, m] = [shape[axis], target[axis]];
      const c = (k + 0.5) * (n / m) - 0.5;
      const w0 = 1 - (c - Math.floor(c));
      const clamp = (i: number): number => Math.min(Math.max(i, 0), n - 1);
      return [
        [clamp(Math.floor(c)), w0],
        [clamp(Math.floor(c) + 1), 1 - w0],
      ] as const;
    }),
  );
  const labels = new Uint8Array(target[0] * target[1] * target[2]);
  let at = 0;
  for (const alongZ of taps[0] ?? []) {
    for (const alongY of taps[1] ?? []) {
      for (const alongX of taps[2] ?? []) {
        let best = Number.NEGATIVE_INFINITY;
        for (let channel = 0; channel < heads; channel += 1) {
          let sum = 0;
          for (const [z, u] of alongZ) {
            for (const [y, v] of alongY) {
              for (const [x, w] of alongX) {
                sum += (rows[z]?.[(channel * shape[1] + y) * shape[2] + x] ?? 0) * u * v * w;
              }
            }
          }
          const half = Math.f16round(sum);
          if (half > best) {
            best = half;
            labels[at] = channel;
          }
        }
        at += 1;
      }
    }
  }
  return labels;
}

const TARGETS: [string, Vec3][] = [
  ['half along axis 0', [4, 19, 27]],
  ['up by 4:3 and more', [11, 27, 38]],
  ['down', [5, 11, 13]],
  ['one axis only', [8, 19, 40]],
];

describe.each(['organs', 'noise', 'ties'] as const)('labels of %s over several tiles', (kind) => {
  it.each(TARGETS)('equal those of interpolating every channel: %s', (_, target) => {
    const shape: Vec3 = [8, 19, 27];
    for (const heads of [7, 41]) {
      const fill = logitSource(kind, heads, shape);
      expect(streamed(shape, target, heads, fill)).toEqual(plain(shape, target, heads, fill));
    }
  });
});

describe('labels of random halves', () => {
  it('equal those of interpolating every channel, whatever shape, channels and size of the logits', () => {
    const axis = fc.integer({ min: 1, max: 12 });
    const shapes = fc.tuple(axis, axis, axis);
    fc.assert(
      fc.property(
        shapes,
        shapes,
        fc.integer({ min: 1, max: 12 }),
        fc.constantFrom(2 ** -22, 2 ** -14, 2 ** -3, 8, 30_000),
        fc.constantFrom(1, 3, 2000),
        fc.integer(),
        (shape, target, heads, size, steps, seed) => {
          const fill: Fill = (z, row) => {
            for (let i = 0; i < row.length; i += 1) {
              const mixed = Math.imul(i + 1, 0x9e3779b1) ^ Math.imul(z + seed, 0x85ebca6b);
              const spread = Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) / 2 ** 31;
              row[i] = (size * Math.round(steps * spread)) / steps;
            }
          };
          expect(streamed(shape, target, heads, fill)).toEqual(plain(shape, target, heads, fill));
        },
      ),
      { seed: 20, numRuns: 100 },
    );
  });
});
