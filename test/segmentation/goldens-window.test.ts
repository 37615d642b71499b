import { describe, expect, it } from '@jest/globals';
import { createHash } from 'node:crypto';
import { gaussianMap } from '../../src/segmentation/inference/gaussian.ts';
import { predictPatch } from '../../src/segmentation/inference/mirroring.ts';
import type { SlidingWindow } from '../../src/segmentation/inference/sliding-window.ts';
import { slideWindow } from '../../src/segmentation/inference/sliding-window.ts';
import { patchStarts, tile } from '../../src/segmentation/inference/tiles.ts';
import type { Vec3 } from '../../src/segmentation/plans/plan.ts';
import { voxelCount } from '../../src/segmentation/preprocess/grid-view.ts';
import type { Changes } from './support/tier-a-doors.ts';
import { planOf } from './support/tier-a-doors.ts';
import { noise32 } from './support/tier-a-formulas.ts';
import { formulaNetwork } from './support/tier-a-network.ts';
import { differentBits, openTierA } from './support/tier-a.ts';

const SETTINGS = { stepSize: 0.5, mirroring: true, splitLevel: 0 };

interface Padded {
  readonly shape: Vec3;
  readonly patch: Vec3;
  readonly seed: number;
  readonly padded: Vec3;
  readonly below: Vec3;
  readonly changes: Changes;
}
const A11 = openTierA<{ volumes: readonly Padded[] }>('A11');

describe(A11.name, () => {
  it.each(A11.facts.volumes.map((volume, index) => ({ ...volume, index })))(
    'shows the network the same patches: $shape in $patch',
    async ({ shape, patch, seed, padded, below, changes, index }) => {
      const tiling = tile(shape, patch);
      expect(tiling.padded).toEqual(padded);
      expect(tiling.below).toEqual(below);
      const seen: number[] = [];
      const work: SlidingWindow = {
        values: noise32(seed, voxelCount(shape), 2),
        shape,
        plan: planOf(changes),
        settings: SETTINGS,
        folds: 1,
        open: () =>
          Promise.resolve({
            run: (input) => {
              seen.push(...input);
              return Promise.resolve(new Float32Array(2 * input.length));
            },
            close: () => Promise.resolve(),
          }),
        tick: () => undefined,
      };
      await slideWindow(work, () => undefined);
      expect(differentBits(Float32Array.from(seen), A11.array(`patches${index}`, 'f32'), 4)).toBe(
        0,
      );
    },
  );
});

const A12 = openTierA<{
  rows: readonly { size: number; patch: number; step: number; starts: readonly number[] }[];
}>('A12');

describe(A12.name, () => {
  it('starts every patch where nnU-Net does', () => {
    expect(A12.facts.rows.length).toBe(600);
    for (const { size, patch, step, starts } of A12.facts.rows) {
      expect(patchStarts(size, patch, step)).toEqual(starts);
    }
  });
});

const A13 = openTierA<{ maps: readonly { patch: Vec3; sha256: string }[] }>('A13');

describe(A13.name, () => {
  it.each(A13.facts.maps)('has the same halves for $patch', ({ patch, sha256 }) => {
    const halves = Float16Array.from(gaussianMap(patch));
    const bits = new Uint16Array(halves.buffer);
    if (bits.length < 50_000) {
      expect(differentBits(bits, A13.array(patch.join('x'), 'u16'), 2)).toBe(0);
    }
    expect(createHash('sha256').update(bits).digest('hex')).toBe(sha256);
  });
});

interface Blended {
  readonly name: string;
  readonly shape: Vec3;
  readonly patch: Vec3;
  readonly seed: number;
  readonly heads: number;
  readonly folds: readonly number[];
  readonly mirrorAxes: readonly number[];
  readonly step: number;
  readonly changes: Changes;
}

describe.each(
  (['A14', 'A15', 'A16'] as const).map((number) =>
    openTierA<{ volumes: readonly Blended[] }>(number),
  ),
)('$name', (golden) => {
  it.each(golden.facts.volumes.map((volume, index) => ({ ...volume, index })))(
    'blends to the same halves: $name',
    async (volume) => {
      const { shape, heads, patch, folds } = volume;
      const plan = planOf(volume.changes, volume.mirrorAxes);
      const logits = new Float16Array(heads * voxelCount(shape));
      const plane = shape[1] * shape[2];
      const rows: number[] = [];
      await slideWindow(
        {
          values: noise32(volume.seed, voxelCount(shape), 2),
          shape,
          plan,
          settings: { ...SETTINGS, stepSize: volume.step },
          folds: folds.length,
          open: (fold) => Promise.resolve(formulaNetwork(heads, patch, folds[fold] ?? Number.NaN)),
          tick: () => undefined,
        },
        (z, row) => {
          rows.push(z);
          for (let channel = 0; channel < heads; channel += 1) {
            const part = row.subarray(channel * plane, (channel + 1) * plane);
            logits.set(part, (channel * shape[0] + z) * plane);
          }
        },
      );
      expect(rows).toEqual(Array.from({ length: shape[0] }, (_, z) => z));
      const reference = golden.array(`logits${volume.index}`, 'u16');
      expect(differentBits(logits, reference, 2)).toBe(0);
    },
  );
});

const A16 = openTierA<{
  patches: readonly { mirrorAxes: readonly number[]; patch: Vec3; heads: number; seed: number }[];
}>('A16');

describe(`${A16.name}: before blending`, () => {
  it.each(A16.facts.patches.map((patch, index) => ({ ...patch, index })))(
    'averages to the same bits with axes $mirrorAxes',
    async ({ mirrorAxes, patch, heads, seed, index }) => {
      const network = formulaNetwork(heads, patch, 1);
      const input = noise32(seed, voxelCount(patch), 2);
      const answer = await predictPatch(network, input, patch, mirrorAxes);
      expect(differentBits(answer, A16.array(`answer${index}`, 'f32'), 4)).toBe(0);
    },
  );
});
