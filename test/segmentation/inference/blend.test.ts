import { describe, expect, it } from '@jest/globals';
import { BlendRing } from '../../../src/segmentation/inference/blend.ts';
import { FoldEnsemble } from '../../../src/segmentation/inference/ensemble.ts';
import { gaussianMap } from '../../../src/segmentation/inference/gaussian.ts';
import { shardChannels } from '../../../src/segmentation/inference/ring-shard.ts';
import { tile } from '../../../src/segmentation/inference/tiles.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { noise, temporaryFolder } from '../support/nnunet-folder.ts';

const CHANNELS = 5;
const SHAPE: Vec3 = [15, 11, 13];
const PATCH: Vec3 = [6, 6, 10];

/** Adds patches of random logits through a ring whose memory is limited; the rows it hands out. */
function blended(ring: BlendRing, seed: number): Float16Array[] {
  const random = noise(seed);
  const { starts } = tile(SHAPE, PATCH, 0.5, 3);
  const rows: Float16Array[] = [];
  ring.begin((z, logits) => {
    expect(z).toBe(rows.length);
    rows.push(logits.slice());
  });
  for (const z of starts[0]) {
    for (const y of starts[1]) {
      for (const x of starts[2]) {
        const size = CHANNELS * PATCH[0] * PATCH[1] * PATCH[2];
        ring.add(
          Float32Array.from({ length: size }, () => 30 * random()),
          [z, y, x],
        );
      }
    }
  }
  ring.finish();
  return rows;
}

const newRing = (limit?: number): BlendRing =>
  new BlendRing(tile(SHAPE, PATCH, 0.5, 3), CHANNELS, gaussianMap(PATCH), limit);

describe('a blending ring', () => {
  it('gives the same rows from one block of memory and from several', () => {
    const expected = blended(newRing(), 3);
    expect(expected).toHaveLength(SHAPE[0]);
    for (const limit of [8_000, 10_000]) {
      const tiling = tile(SHAPE, PATCH, 0.5, 3);
      expect(shardChannels(tiling, CHANNELS, limit).length).toBeGreaterThan(1);
      expect(blended(newRing(limit), 3)).toEqual(expected);
    }
  });

  it('starts each fold from nothing', () => {
    const ring = newRing();
    blended(ring, 4);
    expect(blended(ring, 5)).toEqual(blended(newRing(), 5));
  });

  it('is spread evenly, over as few blocks as the limit allows', () => {
    const tiling = tile([128, 512, 512], [128, 128, 128], 0.5, 3);
    expect(shardChannels(tiling, 41, 2 ** 32)).toEqual([41]);
    expect(shardChannels(tiling, 41, 2 ** 31)).toEqual([20, 21]);
    expect(() => shardChannels(tiling, 41, 2 ** 20)).toThrow(RangeError);
  });
});

describe('the mean of folds', () => {
  it('is added in order and divided once, in halves, for rows longer than a chunk', () => {
    const length = 40_000;
    const random = noise(8);
    const folds = [0, 1, 2].map(() =>
      Float16Array.from({ length }, () => random() * 2 ** Math.round(12 * random())),
    );
    const means: Float16Array[] = [];
    const ensemble = new FoldEnsemble(3, length, temporaryFolder(), (_, logits) => {
      means.push(logits.slice());
    });
    folds.forEach((logits, fold) => {
      ensemble.sinkFor(fold)(0, logits);
    });
    ensemble.close();
    const [a = new Float16Array(), b = a, c = a] = folds;
    const expected = a.map((value, i) => {
      const two = Math.f16round(Math.fround(value + (b[i] ?? 0)));
      const three = Math.f16round(Math.fround(two + (c[i] ?? 0)));
      return Math.fround(three / 3);
    });
    expect(means).toEqual([expected]);
  });
});
