import { describe, expect, it } from '@jest/globals';
import type { PatchNetwork } from '../../../src/segmentation/engine/engine.ts';
import { gaussianMap } from '../../../src/segmentation/inference/gaussian.ts';
import { mirrorCombinations, predictPatch } from '../../../src/segmentation/inference/mirroring.ts';
import { slideWindow } from '../../../src/segmentation/inference/sliding-window.ts';
import { extractPatch, tile } from '../../../src/segmentation/inference/tiles.ts';
import type { InferencePlan, Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { readPlan } from '../../../src/segmentation/plans/read-plan.ts';
import { rejection } from '../support/errors.ts';
import { datasetJson, noise, plansJson } from '../support/nnunet-folder.ts';
import { DEFAULT_SETTINGS } from '../../../src/segmentation/settings.ts';

const HEADS = 3;
const r32 = Math.fround;

function planFor(patchSize: Vec3, mirrorAxes: readonly number[] = []): InferencePlan {
  const facts = { configuration: '3d_fullres', trainer: 'nnUNetTrainer', mirrorAxes };
  return { ...readPlan(plansJson(), datasetJson({ heads: HEADS }), facts), patchSize };
}

/** A network that is a fixed function of the input and of where a voxel lies in the patch; counts its runs. */
function fakeNetwork(fold: number): PatchNetwork & { runs: number } {
  return {
    runs: 0,
    run(patch) {
      this.runs += 1;
      const logits = new Float32Array(HEADS * patch.length);
      for (let channel = 0; channel < HEADS; channel += 1) {
        for (let i = 0; i < patch.length; i += 1) {
          const wave = 5 * Math.sin(0.37 * i * (channel + 1) + fold);
          logits[channel * patch.length + i] = wave + (channel - 1) * (patch[i] ?? 0);
        }
      }
      return Promise.resolve(logits);
    },
    close: () => Promise.resolve(),
  };
}

/** §3.5 of nnunet-inference done plainly: whole arrays, folds averaged at the end, padding cut off. */
async function blendPlainly(
  values: Float32Array,
  shape: Vec3,
  plan: InferencePlan,
  folds: number,
): Promise<Float64Array[]> {
  const tiling = tile(shape, plan.patchSize);
  const [p0, p1, p2] = plan.patchSize;
  const [, d1, d2] = tiling.padded;
  const size = tiling.padded[0] * d1 * d2;
  const weights = gaussianMap(plan.patchSize);
  const means: Float64Array[] = [];
  for (let fold = 0; fold < folds; fold += 1) {
    const sums = new Float64Array(HEADS * size);
    const totals = new Float64Array(size);
    const network = fakeNetwork(fold);
    for (const z of tiling.starts[0]) {
      for (const y of tiling.starts[1]) {
        for (const x of tiling.starts[2]) {
          const patch = new Float32Array(p0 * p1 * p2);
          extractPatch(values, tiling, [z, y, x], patch);
          const logits = await predictPatch(network, patch, plan.patchSize, plan.mirrorAxes);
          patch.forEach((_, i) => {
            const [a, b, c] = [Math.floor(i / (p1 * p2)), Math.floor(i / p2) % p1, i % p2];
            const at = ((z + a) * d1 + y + b) * d2 + x + c;
            const g = weights[i] ?? 0;
            totals[at] = Math.f16round(r32((totals[at] ?? 0) + g));
            for (let channel = 0; channel < HEADS; channel += 1) {
              const product = r32((logits[channel * patch.length + i] ?? 0) * g);
              const sum = channel * size + at;
              sums[sum] = Math.f16round(r32((sums[sum] ?? 0) + product));
            }
          });
        }
      }
    }
    means.push(sums.map((sum, i) => Math.f16round(r32(sum / (totals[i % size] ?? 0)))));
  }
  const rest = means.slice(1);
  let mean = means[0] ?? new Float64Array();
  for (const next of rest)
    mean = mean.map((value, i) => Math.f16round(r32(value + (next[i] ?? 0))));
  if (folds > 1) mean = mean.map((value) => Math.f16round(r32(value / folds)));
  return Array.from({ length: shape[0] }, (_, z) => {
    const row = new Float64Array(HEADS * shape[1] * shape[2]);
    return row.map((__, i) => {
      const channel = Math.floor(i / (shape[1] * shape[2]));
      const y = Math.floor(i / shape[2]) % shape[1];
      const line = (z + tiling.below[0]) * d1 + y + tiling.below[1];
      return mean[channel * size + line * d2 + (i % shape[2]) + tiling.below[2]] ?? Number.NaN;
    });
  });
}

async function slide(
  values: Float32Array,
  shape: Vec3,
  plan: InferencePlan,
  folds: number,
  open = (fold: number): PatchNetwork => fakeNetwork(fold),
): Promise<Float64Array[]> {
  const rows: Float64Array[] = [];
  await slideWindow(
    {
      values,
      shape,
      plan,
      settings: DEFAULT_SETTINGS,
      folds,
      open: (fold) => Promise.resolve(open(fold)),
      tick: () => undefined,
    },
    (z, logits) => {
      expect(z).toBe(rows.length);
      rows.push(Float64Array.from(logits));
    },
  );
  return rows;
}

describe('sliding window', () => {
  it.each<[string, Vec3, Vec3, number, number[]]>([
    ['one patch', [6, 6, 6], [6, 6, 6], 1, []],
    ['many patches', [13, 11, 17], [6, 6, 8], 1, []],
    ['padding on every axis, odd', [5, 3, 4], [8, 6, 9], 1, []],
    ['two folds', [11, 7, 9], [6, 6, 6], 2, []],
    ['five folds', [9, 6, 6], [6, 6, 6], 5, []],
    ['mirroring', [9, 7, 6], [6, 6, 6], 1, [0, 2]],
  ])(
    'blends through its ring as through whole arrays: %s',
    async (_, shape, patch, folds, axes) => {
      const random = noise(7);
      const values = Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, random);
      const plan = planFor(patch, axes);
      const expected = await blendPlainly(values, shape, plan, folds);
      expect(await slide(values, shape, plan, folds)).toEqual(expected);
    },
  );

  it('adds in order, whatever order the answers of several runs at a time come in', async () => {
    const shape: Vec3 = [13, 11, 17];
    const values = Float32Array.from({ length: 13 * 11 * 17 }, noise(9));
    const plan = planFor([6, 6, 8], [1]);
    const random = noise(10);
    const late = (fold: number): PatchNetwork => ({
      ...fakeNetwork(fold),
      parallel: 4,
      async run(patch) {
        const answer = await fakeNetwork(fold).run(patch);
        for (let i = 0; i < 4 * random(); i += 1) await new Promise(setImmediate);
        return answer;
      },
    });
    const expected = await slide(values, shape, plan, 2);
    expect(await slide(values, shape, plan, 2, late)).toEqual(expected);
  });

  it('gives corners the coarse logits of nnU-Net: whole numbers under subnormal weights', async () => {
    const shape: Vec3 = [64, 8, 8];
    const values = new Float32Array(64 * 64).fill(0.3);
    const rows = await slide(values, shape, planFor([64, 8, 8]), 1);
    const corner = rows[0]?.filter((__, i) => i % 64 === 0) ?? new Float64Array([0.5]);
    expect(corner.every(Number.isInteger)).toBe(true);
  });

  it('refuses logits that overflow half precision', async () => {
    const network: PatchNetwork = {
      run: (patch) => Promise.resolve(new Float32Array(HEADS * patch.length).fill(1e6)),
      close: () => Promise.resolve(),
    };
    const work = slideWindow(
      {
        values: new Float32Array(512),
        shape: [8, 8, 8],
        plan: planFor([8, 8, 8]),
        settings: DEFAULT_SETTINGS,
        folds: 1,
        open: () => Promise.resolve(network),
        tick: () => undefined,
      },
      () => undefined,
    );
    expect((await rejection(work))?.code).toBe('LOGITS_NOT_FINITE');
  });

  it('closes the network when it is stopped', async () => {
    let closed = 0;
    const work = slideWindow(
      {
        values: new Float32Array(512),
        shape: [8, 8, 8],
        plan: planFor([8, 8, 8]),
        settings: DEFAULT_SETTINGS,
        folds: 1,
        open: (fold) =>
          Promise.resolve({
            ...fakeNetwork(fold),
            close: () => Promise.resolve(void (closed += 1)),
          }),
        tick: () => {
          throw new Error('stopped');
        },
      },
      () => undefined,
    );
    await expect(work).rejects.toThrow('stopped');
    expect(closed).toBe(1);
  });
});

describe('mirroring', () => {
  it('keeps nnU-Net’s order of combinations', () => {
    expect(mirrorCombinations([])).toEqual([]);
    expect(mirrorCombinations([0])).toEqual([[0]]);
    expect(mirrorCombinations([0, 2])).toEqual([[0], [2], [0, 2]]);
    expect(mirrorCombinations([0, 1, 2])).toEqual([
      [0],
      [1],
      [2],
      [0, 1],
      [0, 2],
      [1, 2],
      [0, 1, 2],
    ]);
  });

  it.each([[[]], [[0]], [[0, 1]], [[0, 1, 2]]])('runs 2^axes times for axes %j', async (axes) => {
    const network = fakeNetwork(0);
    await predictPatch(network, new Float32Array(24), [2, 3, 4], axes);
    expect(network.runs).toBe(2 ** axes.length);
  });

  it('is invisible for a network that answers each voxel by itself', async () => {
    const network: PatchNetwork = {
      run: (patch) => Promise.resolve(Float32Array.from([...patch, ...patch.map((x) => -x)])),
      close: () => Promise.resolve(),
    };
    const random = noise(2);
    const patch = Float32Array.from({ length: 24 }, () => Math.round(16 * random()) / 16);
    const answer = await predictPatch(network, patch, [2, 3, 4], [0, 1, 2]);
    expect(answer).toEqual(await network.run(patch));
  });

  it('averages a network that only sees the place to its mean over mirror images', async () => {
    const network: PatchNetwork = {
      run: (patch) => Promise.resolve(Float32Array.from(patch, (_, i) => i)),
      close: () => Promise.resolve(),
    };
    const answer = await predictPatch(network, new Float32Array(24), [2, 3, 4], [0, 1, 2]);
    expect(new Set(answer)).toEqual(new Set([11.5]));
  });
});
