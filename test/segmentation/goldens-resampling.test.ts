import { describe, expect, it } from '@jest/globals';
import { exportTaps } from '../../src/segmentation/export/axis-taps.ts';
import type { Vec3 } from '../../src/segmentation/plans/plan.ts';
import { permute } from '../../src/segmentation/preprocess/grid-view.ts';
import { separateAxis, targetShape } from '../../src/segmentation/preprocess/target-shape.ts';
import { differentBits, openTierA, ulps32 } from './support/tier-a.ts';
import { halvesNear, noise32 } from './support/tier-a-formulas.ts';
import type { Changes } from './support/tier-a-doors.ts';
import { denseLabels, planOf, prepare } from './support/tier-a-doors.ts';

const vec3 = (values: Int32Array | Float64Array, row: number): Vec3 => [
  values[3 * row] ?? 0,
  values[3 * row + 1] ?? 0,
  values[3 * row + 2] ?? 0,
];

const A7 = openTierA('A7');

describe(A7.name, () => {
  it('rounds every shape as nnU-Net does', () => {
    const [shape, next] = [A7.array('shape', 'i32'), A7.array('new', 'i32')];
    const [current, target] = [A7.array('current', 'f64'), A7.array('target', 'f64')];
    const rows = shape.length / 3;
    expect(rows).toBeGreaterThan(1000);
    for (let row = 0; row < rows; row += 1) {
      expect(targetShape(vec3(shape, row), vec3(current, row), vec3(target, row))).toEqual(
        vec3(next, row),
      );
    }
  });
});

interface Decision {
  readonly force: boolean | null;
  readonly current: Vec3;
  readonly new: Vec3;
  readonly separate: boolean;
  readonly axis: number;
}
interface Pipeline {
  readonly changes: Changes;
  readonly spacing: Vec3;
  readonly image: readonly [boolean, number];
  readonly export: readonly [boolean, number];
  readonly shape: Vec3;
}
const A8 = openTierA<{ decisions: readonly Decision[]; pipelines: readonly Pipeline[] }>('A8');

describe(A8.name, () => {
  it.each(A8.facts.decisions)('decides $separate for $current → $new, forced: $force', (row) => {
    const axis = separateAxis(row.current, row.new, {
      order: 3,
      forceSeparateZ: row.force,
      anisotropyThreshold: 3,
    });
    expect(axis).toBe(row.separate ? row.axis : null);
  });

  it('decides the same for image and logits with every transpose, spacings untransposed on export', () => {
    const { pipelines } = A8.facts;
    expect(pipelines.length).toBe(72);
    let harmed = 0;
    for (const { changes, spacing, image, export: exported, shape } of pipelines) {
      const plan = planOf(changes);
      const transposed = permute(spacing, plan.transposeForward);
      const axis = separateAxis(transposed, plan.spacing, plan.resampleImage);
      expect([axis !== null, axis ?? -1]).toEqual(image);
      const voxels = new Float32Array(5 * 6 * 7).fill(3);
      const prepared = prepare(voxels, [5, 6, 7], spacing, plan);
      expect(prepared.shape).toEqual(shape);
      const { copied, changed } = tapsOf(prepared.shape, prepared.view.shape, spacing, changes);
      expect(copied).toEqual(changed.filter((a) => exported[0] && a === exported[1]));
      if (exported[1] !== image[1]) harmed += 1;
    }
    expect(harmed).toBeGreaterThan(10);
  });
});

/** Axes whose length the export changes, and those of them that it copies along. */
function tapsOf(
  shape: Vec3,
  target: Vec3,
  spacing: Vec3,
  changes: Changes,
): { copied: number[]; changed: number[] } {
  const plan = planOf(changes);
  const taps = exportTaps(shape, target, plan.spacing, spacing, plan.resampleLogits);
  const changed = [0, 1, 2].filter((a) => shape[a] !== target[a]);
  return { changed, copied: changed.filter((a) => taps[a]?.taps === 1) };
}

interface ImageVolume {
  readonly name: string;
  readonly target: Vec3;
  readonly spacing: Vec3;
  readonly formula?: { seed: number; shape: Vec3; scale: number; offset: number };
  readonly changes: Changes;
}

describe.each(
  (['A9', 'A10'] as const).map((number) => openTierA<{ volumes: readonly ImageVolume[] }>(number)),
)('$name', (golden) => {
  const { volumes } = golden.facts;
  const resampled = volumes.map(({ formula, spacing, changes }, index) => {
    const shape = formula?.shape ?? golden.shape(`input${index}`);
    const voxels =
      formula === undefined
        ? golden.array(`input${index}`, 'f32')
        : noise32(
            formula.seed,
            formula.shape.reduce((product, n) => product * n, 1),
            formula.scale,
            formula.offset,
          );
    return prepare(voxels, shape, spacing, planOf(changes));
  });

  it.each(volumes.map((volume, index) => ({ ...volume, index })))(
    'is at most one binary32 step away: $name',
    ({ index, target }) => {
      const reference = golden.array(`output${index}`, 'f32');
      const result = resampled[index];
      expect(result?.shape).toEqual(target);
      let worst = 0;
      reference.forEach((value, i) => {
        worst = Math.max(worst, ulps32(value, result?.values[i] ?? Number.NaN));
      });
      expect(worst).toBeLessThanOrEqual(1);
    },
  );

  it('is equal in at least 99.99 % of all voxels', () => {
    let different = 0;
    let total = 0;
    for (const [index, { values }] of resampled.entries()) {
      const reference = golden.array(`output${index}`, 'f32');
      different += differentBits(values, reference, 4);
      total += reference.length;
    }
    expect(different / total).toBeLessThanOrEqual(1e-4);
  });
});

interface LogitVolume {
  readonly name: string;
  readonly shape: Vec3;
  readonly target: Vec3;
  readonly spacing: Vec3;
  readonly seed: number;
  readonly base: number;
  readonly spread: number;
  readonly changes: Changes;
}
const A17 = openTierA<{ volumes: readonly LogitVolume[] }>('A17');

/**
 * The product never holds resampled logits: they become labels at once. Its halves are read by exporting each volume
 * against a constant channel 0 of every half in turn: label 1 says that the interpolated half is larger.
 */
function resampledHalves(volume: LogitVolume): Uint16Array {
  const { shape, target, spacing, base, spread } = volume;
  const plan = planOf(volume.changes);
  const size = shape[0] * shape[1] * shape[2];
  const logits = new Float16Array(2 * size);
  logits.set(halvesNear(volume.seed, size, base, spread), size);
  const halves = new Uint16Array(target[0] * target[1] * target[2]);
  const isNegative = base >= 0x8000;
  const lowest = isNegative ? base + spread - 1 : base;
  halves.fill(lowest);
  for (let step = 0; step < spread; step += 1) {
    const threshold = isNegative ? lowest - step : lowest + step;
    logits.fill(new Float16Array(Uint16Array.of(threshold).buffer)[0] ?? 0, 0, size);
    const above = denseLabels({ logits, shape, plan, toldSpacing: spacing }, target);
    above.forEach((label, i) => {
      if (label === 1) halves[i] = isNegative ? threshold - 1 : threshold + 1;
    });
  }
  return halves;
}

describe(A17.name, () => {
  it.each(A17.facts.volumes.map((volume, index) => ({ ...volume, index })))(
    'has the same bits: $name',
    (volume) => {
      const reference = A17.array(`output${volume.index}`, 'u16');
      expect(new Set(reference).size).toBeGreaterThan(4);
      expect(differentBits(resampledHalves(volume), reference, 2)).toBe(0);
    },
  );
});
