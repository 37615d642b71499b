import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import type { Affine } from '../../src/contracts/index.ts';
import { patientAxes, readNifti } from '../../src/imaging/index.ts';
import type { Vec3 } from '../../src/segmentation/plans/plan.ts';
import type { Box } from '../../src/segmentation/preprocess/grid-view.ts';
import {
  cropView,
  gatherView,
  lpsOrientation,
  lpsView,
  voxelCount,
} from '../../src/segmentation/preprocess/grid-view.ts';
import { filledMask } from '../../src/segmentation/preprocess/holes.ts';
import { nonzeroBox } from '../../src/segmentation/preprocess/nonzero.ts';
import { preprocess } from '../../src/segmentation/preprocess/preprocess.ts';
import { meanAndStd } from '../../src/segmentation/preprocess/statistics.ts';
import { errorCode } from './support/errors.ts';
import type { Changes } from './support/tier-a-doors.ts';
import { denseView, planOf, prepare } from './support/tier-a-doors.ts';
import { noise32 } from './support/tier-a-formulas.ts';
import { differentBits, openTierA } from './support/tier-a.ts';

const ONE: Vec3 = [1, 1, 1];
const A1 = openTierA<{ wideSha256: string }>('A1');

/** The next binary64 number away from zero (1) or toward it (-1). */
function neighbour64(values: Float64Array<ArrayBuffer>, step: 1n | -1n): Float64Array {
  const bits = BigInt64Array.from(new BigInt64Array(values.buffer), (b) => b + step);
  return new Float64Array(bits.buffer);
}

function neighbour32(values: Float32Array<ArrayBuffer>, step: 1 | -1): Float32Array {
  const bits = Int32Array.from(new Int32Array(values.buffer), (b) => b + step);
  return new Float32Array(bits.buffer);
}

describe(A1.name, () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, i) => i);
  const halves = new Float16Array(bits.buffer);
  const positive = Float64Array.from(halves.subarray(0, 0x7c00));
  const middle = positive.slice(1).map((upper, i) => (upper + (positive[i] ?? 0)) / 2);
  const middle32 = Float32Array.from(middle);
  const inputs = {
    below64: neighbour64(middle, -1n),
    middle64: middle,
    above64: neighbour64(middle, 1n),
    below32: neighbour32(middle32, -1),
    middle32,
    above32: neighbour32(middle32, 1),
  } as const;
  const places = (stored: Float16Array<ArrayBuffer>): Int8Array =>
    Int8Array.from(new Uint16Array(stored.buffer), (half, i) => half - i);

  it('widens every half exactly and narrows it back', () => {
    const wide = Float32Array.from(halves, (x) => (Number.isNaN(x) ? Number.NaN : x));
    expect(createHash('sha256').update(wide).digest('hex')).toBe(A1.facts.wideSha256);
    const back = new Uint16Array(Float16Array.from(wide).buffer);
    expect(back.filter((half, i) => half !== i && !Number.isNaN(halves[i]))).toHaveLength(0);
  });

  it.each(Object.keys(inputs) as (keyof typeof inputs)[])(
    'rounds once, by store and by Math.f16round: %s',
    (name) => {
      const reference = A1.array(name, 'i8');
      expect(reference).toHaveLength(0x7c00 - 1);
      expect(differentBits(places(Float16Array.from(inputs[name])), reference, 1)).toBe(0);
      const rounded = Float16Array.from(Array.from(inputs[name], (x) => Math.f16round(x)));
      expect(differentBits(places(rounded), reference, 1)).toBe(0);
      const mirrored = Array.from(inputs[name], (x) => -Math.f16round(-x));
      expect(differentBits(places(Float16Array.from(mirrored)), reference, 1)).toBe(0);
    },
  );

  it.each(['below64', 'middle64', 'above64'] as const)(
    'rounds through binary32 as torch does for the Gaussian map: %s',
    (name) => {
      const rounded = Array.from(inputs[name], (x) => Math.f16round(Math.fround(x)));
      const reference = A1.array(`${name}through32`, 'i8');
      expect(differentBits(places(Float16Array.from(rounded)), reference, 1)).toBe(0);
    },
  );

  it('treats infinities, 65519.99, 65520 and the smallest numbers alike', () => {
    const edges = A1.array('edges', 'f64');
    const once = Float16Array.from(edges);
    expect(differentBits(once, A1.array('edges16', 'u16'), 2)).toBe(0);
    const twice = Float16Array.from(edges, (x) => Math.f16round(Math.fround(x)));
    expect(differentBits(twice, A1.array('edges16through32', 'u16'), 2)).toBe(0);
  });
});

const A2 = openTierA<{
  shape: Vec3;
  matrices: readonly { group: string; shape: Vec3; returns: boolean }[];
}>('A2');

function affineOf(direction: Float64Array, spacing: Vec3): Affine {
  const row = (p: number): number[] => [
    ...[0, 1, 2].map((c) => (direction[3 * p + c] ?? 0) * (spacing[c] ?? 1)),
    10 * p,
  ];
  return [...row(0), ...row(1), ...row(2), 0, 0, 0, 1];
}

describe.each<[Vec3]>([[ONE], [[0.7, 0.9, 3.3]]])(`${A2.name}; spacing %j`, (spacing) => {
  const { shape, matrices } = A2.facts;
  const directions = A2.array('directions', 'f64');
  const turned = A2.array('turned', 'u8');
  const labelled = Float32Array.from({ length: voxelCount(shape) }, (_, i) => i);
  const cases = matrices.map((matrix, index) => ({
    ...matrix,
    affine: affineOf(directions.subarray(9 * index, 9 * index + 9), spacing),
    reference: turned.subarray(60 * index, 60 * index + 60),
  }));

  it.each(['code', 'oblique', 'tie', 'tie of three axes'])(
    'turns the array as ITK does: %s',
    (wanted) => {
      const group = cases.filter((matrix) => matrix.group === wanted);
      expect(group).toHaveLength(
        { code: 48, oblique: 30, tie: 144, 'tie of three axes': 48 }[wanted] ?? 0,
      );
      for (const { affine, shape: expected, reference } of group) {
        const view = lpsView(lpsOrientation(affine), shape);
        expect(view.shape).toEqual(expected);
        expect([...gatherView(labelled, view)]).toEqual([...reference]);
      }
    },
  );

  it('chooses the same axes where pictures and findings look for left, posterior and superior', () => {
    for (const { affine, reference } of cases) {
      const [l, p, s] = patientAxes(affine);
      const view = lpsView(
        {
          axes: [s.arrayAxis, p.arrayAxis, l.arrayAxis],
          flipped: [s.sign < 0, p.sign < 0, l.sign < 0],
        },
        shape,
      );
      expect([...gatherView(labelled, view)]).toEqual([...reference]);
    }
  });

  it('brings every label back to its voxel, also in the ties where MRSegmentator 1.2.3 does not', () => {
    for (const { affine, reference } of cases) {
      const view = lpsView(lpsOrientation(affine), shape);
      const back = new Float32Array(60);
      let at = 0;
      for (let a = 0; a < view.shape[0]; a += 1) {
        for (let b = 0; b < view.shape[1]; b += 1) {
          for (let c = 0; c < view.shape[2]; c += 1, at += 1) {
            const [s0, s1, s2] = view.stride;
            back[view.base + a * s0 + b * s1 + c * s2] = reference[at] ?? -1;
          }
        }
      }
      expect(back).toEqual(labelled);
    }
    const lost = cases.filter(({ returns }) => !returns);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every(({ group }) => group.startsWith('tie'))).toBe(true);
  });
});

const A3 = openTierA<{
  files: readonly { name: string; shape: Vec3; told: Vec3; repaired: Vec3 }[];
}>('A3');

describe(A3.name, () => {
  const plan = planOf({ top: {}, configuration: {}, dataset: { labels: { background: 0, a: 1 } } });

  it.each(A3.facts.files.map((file, index) => ({ ...file, index })))(
    'reads $name as MRSegmentator does',
    ({ index, shape, told, repaired }) => {
      const volume = readNifti(A3.array(`file${index}`, 'u8'));
      const view = lpsView(lpsOrientation(volume.affine), volume.shape);
      expect(view.shape).toEqual(shape);
      const array = gatherView(volume.voxels, view);
      expect(differentBits(array, A3.array(`array${index}`, 'f32'), 4)).toBe(0);
      const spacingOf = (mode: 'v1.2.3' | 'true'): Vec3 =>
        preprocess(volume.voxels, volume, plan, mode, () => undefined).toldSpacing;
      expect(spacingOf('v1.2.3')).toEqual(told);
      expect(spacingOf('true')).toEqual(repaired);
    },
  );
});

const A4 = openTierA<{
  images: readonly { name: string; channels: number; shape: Vec3; bbox: Box }[];
  twoChannels: Changes;
}>('A4');

describe(A4.name, () => {
  const images = A4.facts.images.map((image, index) => ({ ...image, index }));

  it.each(images.filter(({ channels }) => channels === 1))(
    'crops and fills alike: $name',
    ({ index, shape, bbox }) => {
      const image = A4.array(`image${index}`, 'f32');
      const view = denseView(shape);
      const box = nonzeroBox(image, view);
      expect(box).toEqual(bbox);
      const cropped = cropView(view, box);
      const mask = filledMask(gatherView(image, cropped), cropped.shape);
      expect(differentBits(mask, A4.array(`mask${index}`, 'u8'), 1)).toBe(0);
    },
  );

  it('refuses models of two channels, whose masks nnU-Net would join', () => {
    expect(images.some(({ channels }) => channels === 2)).toBe(true);
    expect(errorCode(() => planOf(A4.facts.twoChannels))).toBe('MODEL_UNSUPPORTED');
  });
});

interface Prepared {
  readonly name: string;
  readonly masked?: boolean;
  readonly shape: Vec3;
  readonly changes: Changes;
}
const A5 = openTierA<{
  arrays: readonly { count: number; seed: number; scale: number; offset: number }[];
  shape: Vec3;
  volumes: readonly Prepared[];
}>('A5');

describe(A5.name, () => {
  it.each(A5.facts.arrays.map((array, index) => ({ ...array, index })))(
    'has the bits of mean and deviation: $count numbers, ±$scale',
    ({ count, seed, scale, offset, index }) => {
      const { mean, std } = meanAndStd(noise32(seed, count, scale, offset));
      const reference = A5.array('results', 'f32').subarray(2 * index, 2 * index + 2);
      expect([mean, std]).toEqual([...reference]);
    },
  );

  it.each(A5.facts.volumes.map((volume, index) => ({ ...volume, index })))(
    'normalises to the same bits: $name',
    ({ index, masked, shape, changes }) => {
      const voxels = noise32(77, voxelCount(A5.facts.shape), 300, 500);
      const ball = A5.array('ball', 'u8');
      if (masked === true) {
        ball.forEach((inside, i) => {
          if (inside === 0) voxels[i] = 0;
        });
      }
      const { values, shape: prepared } = prepare(voxels, A5.facts.shape, ONE, planOf(changes));
      expect(prepared).toEqual(shape);
      expect(differentBits(values, A5.array(`output${index}`, 'f32'), 4)).toBe(0);
    },
  );
});

const A6 = openTierA<{ shape: Vec3; volumes: readonly Prepared[]; rgb: Changes }>('A6');

describe(A6.name, () => {
  it.each(A6.facts.volumes.map((volume, index) => ({ ...volume, index })))(
    'normalises to the same bits: $name',
    ({ index, shape, changes }) => {
      const voxels = A6.array(`input${index}`, 'f32');
      const { values, shape: prepared } = prepare(voxels, A6.facts.shape, ONE, planOf(changes));
      expect(prepared).toEqual(shape);
      expect(differentBits(values, A6.array(`output${index}`, 'f32'), 4)).toBe(0);
    },
  );

  it.each([-1, 256])('refuses %d where colours are expected, as nnU-Net asserts', (value) => {
    const voxels = new Float32Array(voxelCount(A6.facts.shape)).fill(7);
    voxels[9] = value;
    const plan = planOf(A6.facts.rgb);
    expect(errorCode(() => prepare(voxels, A6.facts.shape, ONE, plan))).toBe('VOLUME_NOT_RGB');
  });
});
