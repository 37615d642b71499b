import { describe, expect, it } from '@jest/globals';
import type { Engine } from '../../src/segmentation/engine/engine.ts';
import { runPipeline } from '../../src/segmentation/pipeline.ts';
import type { Vec3 } from '../../src/segmentation/plans/plan.ts';
import type { GridView } from '../../src/segmentation/preprocess/grid-view.ts';
import {
  gatherView,
  lpsOrientation,
  lpsView,
  voxelCount,
} from '../../src/segmentation/preprocess/grid-view.ts';
import type { Grid } from '../../src/segmentation/preprocess/preprocess.ts';
import { axialVolume } from './support/goldens.ts';
import type { Changes } from './support/tier-a-doors.ts';
import { planOf } from './support/tier-a-doors.ts';
import { formulaNetwork } from './support/tier-a-network.ts';
import { openTierA } from './support/tier-a.ts';

interface Split {
  readonly name: string;
  readonly shape: Vec3;
  /** Of columns, rows, slices, as ITK has it. */
  readonly spacing: Vec3;
  readonly heads: number;
  readonly patch: Vec3;
  readonly folds: readonly number[];
  readonly runs: readonly { readonly level: number; readonly margin: number }[];
  readonly changes: Changes;
}
const A21 = openTierA<{ volumes: readonly Split[] }>('A21');

/** The formula network in place of files. */
function formulaEngine({ heads, patch, folds }: Split): Engine {
  return {
    name: 'formula',
    device: 'cpu',
    open: (file) => Promise.resolve(formulaNetwork(heads, patch, folds[Number(file)] ?? NaN)),
  };
}

async function labelsOf(
  volume: Split,
  voxels: Float32Array<ArrayBuffer>,
  grid: Grid,
  splitLevel: number,
): Promise<Uint8Array> {
  const task = {
    voxels,
    grid,
    plan: planOf(volume.changes),
    networks: volume.folds.map((_, index) => String(index)),
    spacingMode: 'v1.2.3' as const,
    settings: { stepSize: 0.5, mirroring: true, splitLevel },
    device: 'cpu' as const,
    threads: 1,
  };
  const outcome = await runPipeline(task, formulaEngine(volume), () => undefined);
  return outcome.labels;
}

function gridOf({ shape, spacing }: Split, direction: Float64Array): Grid {
  const row = (p: number): number[] => [
    ...spacing.map((step, c) => step * (direction[3 * p + c] ?? 0)),
    0,
  ];
  return {
    shape,
    affine: [...row(0), ...row(1), ...row(2), 0, 0, 0, 1],
    spacing: [spacing[2], spacing[1], spacing[0]],
  };
}

/** Segments [start, end) of the turned array by halving it `level` times without margin, each part a volume by itself. */
async function halved(
  volume: Split,
  turned: Float32Array<ArrayBuffer>,
  shape: Vec3,
  spacing: Vec3,
  level: number,
): Promise<Uint8Array> {
  if (level === 0) return labelsOf(volume, turned, axialVolume(turned, shape, spacing), 0);
  const middle = Math.floor(shape[0] / 2);
  const plane = shape[1] * shape[2];
  const parts = [
    await halved(
      volume,
      turned.slice(0, middle * plane),
      [middle, shape[1], shape[2]],
      spacing,
      level - 1,
    ),
    await halved(
      volume,
      turned.slice(middle * plane),
      [shape[0] - middle, shape[1], shape[2]],
      spacing,
      level - 1,
    ),
  ];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}

/** Writes labels of the turned array to their places in the source. */
function scatter(labels: Uint8Array, view: GridView): Uint8Array {
  const places = gatherView(
    Float32Array.from({ length: labels.length }, (_, i) => i),
    view,
  );
  const source = new Uint8Array(labels.length);
  places.forEach((place, i) => {
    source[place] = labels[i] ?? 0;
  });
  return source;
}

describe(A21.name, () => {
  const runs = A21.facts.volumes.flatMap((volume, index) =>
    volume.runs.map((run) => ({ ...run, volume, index, title: volume.name })),
  );

  it.each(runs)(
    'labels every voxel as MRSegmentator does: $title, level $level, margin $margin',
    async ({ volume, index, level, margin }) => {
      const voxels = Float32Array.from(A21.array(`image${index}`, 'i16'));
      const grid = gridOf(volume, A21.array(`direction${index}`, 'f64'));
      const view = lpsView(lpsOrientation(grid.affine), grid.shape);
      const labels =
        margin === 3
          ? await labelsOf(volume, voxels, grid, level)
          : scatter(
              await halved(volume, gatherView(voxels, view), view.shape, grid.spacing, level),
              view,
            );
      const reference = A21.array(`labels${index}_${level}_${margin}`, 'u8');
      expect(labels.length).toBe(voxelCount(volume.shape));
      expect(labels.filter((label, i) => label !== reference[i])).toHaveLength(0);
    },
  );

  it('gives other labels with splitting than without, and with another margin', () => {
    for (const [index] of A21.facts.volumes.entries()) {
      const differing = (a: string, b: string): number => {
        const other = A21.array(`labels${index}_${b}`, 'u8');
        return A21.array(`labels${index}_${a}`, 'u8').filter((x, i) => x !== other[i]).length;
      };
      expect(differing('0_3', '1_3')).toBeGreaterThan(0);
      expect(differing('1_3', '2_3')).toBeGreaterThan(0);
      expect(differing('1_3', '1_0')).toBeGreaterThan(0);
    }
  });
});
