import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { Volume } from '../../../src/contracts/index.ts';
import { loadModel, segment, type LoadedModel } from '../../../src/segmentation/index.ts';
import type { Vec3 } from '../../../src/segmentation/plans/plan.ts';
import { openGolden, sharedGoldens } from '../../segmentation/support/goldens.ts';
import { plainUnetFolder } from '../../segmentation/support/plain-unet.ts';
import type { Measurement } from '../measure.ts';
import { volumeOf, voxelsOf, wavyVoxels } from './arrays.ts';
import { DEMO_MODEL } from './cases.ts';
import { fullSizeModel, imported, makeModel } from './models.ts';

export interface MemoryCase {
  readonly what: string;
  readonly measure: () => Promise<Measurement>;
}

const SMALL_NET = { features: [8, 16, 32], convs: 1, patch: [48, 96, 96], heads: 41 } as const;
const ISOTROPIC: Vec3 = [1.5, 1.5, 1.5];

/** Peak memory of whole jobs against what was estimated before (issue 4: within 20 %). */
export function memoryCases(full: boolean, threads: number, shelf: string): MemoryCase[] {
  const scan = (shape: Vec3, spacing: Vec3): Volume => volumeOf(wavyVoxels(shape), shape, spacing);
  const one = (
    what: string,
    model: () => Promise<LoadedModel>,
    volume: () => Volume,
  ): MemoryCase => ({
    what: `memory: ${what}`,
    measure: () => estimateAndPeak(`memory: ${what}`, model, volume, threads),
  });
  let made = 0;
  const small = async (folds: readonly number[], spacing: Vec3): Promise<LoadedModel> => {
    made += 1;
    const folder = join(shelf, `small-${made}`);
    return (await makeModel(folder, plainUnetFolder(SMALL_NET), spacing, folds)).model;
  };
  const mr = (): Volume => scan([40, 128, 128], [3, 1.5, 1.5]);
  const folds = [[0], [0, 1], [0, 1, 2, 3, 4]].map((list) =>
    one(`small network, 41 heads, ${list.length} folds`, () => small(list, ISOTROPIC), mr),
  );
  const goldens = sharedGoldens().map((directory) =>
    one(
      `golden ${basename(directory)}`,
      () => imported(join(directory, 'model'), join(shelf, basename(directory))),
      () => openGolden(directory).volume,
    ),
  );
  const demo = existsSync(DEMO_MODEL)
    ? demoShapes(full).map((shape) =>
        one(
          `demo model, ${shape.join('×')}`,
          () => loadModel(DEMO_MODEL),
          () => scan(shape, [4, 1.5, 1.5]),
        ),
      )
    : [];
  const side = full ? 128 : 64;
  return [
    ...folds,
    one(
      'thick slices, separate-z',
      () => small([0], [5, 1.5, 1.5]),
      () => scan([20, 160, 160], [6, 1.2, 1.2]),
    ),
    one(
      'upsampled twice',
      () => small([0], ISOTROPIC),
      () => scan([40, 64, 64], [3, 3, 3]),
    ),
    one(
      'downsampled, CT 512×512×300',
      () => small([0], [4, 4, 4]),
      () => scan([300, 512, 512], [1, 0.8, 0.8]),
    ),
    ...(full
      ? [
          one(
            'CT 512×512×300 at 1.5 mm',
            () => small([0], ISOTROPIC),
            () => scan([300, 512, 512], [1.5, 0.8, 0.8]),
          ),
        ]
      : []),
    ...goldens,
    ...demo,
    one(
      `full-size network, patch ${side}³`,
      async () => (await fullSizeModel(join(shelf, 'memory'), side)).model,
      () => scan([side / 2 + 8, side, side], [3, 1.5, 1.5]),
    ),
  ];
}

function demoShapes(full: boolean): Vec3[] {
  return [[30, 160, 160], full ? [90, 320, 320] : [60, 224, 224]];
}

async function estimateAndPeak(
  what: string,
  model: () => Promise<LoadedModel>,
  volume: () => Volume,
  threads: number,
): Promise<Measurement> {
  const loaded = await model();
  const scan = volume();
  const started = performance.now();
  const { run } = await segment(scan, loaded, {
    folds: 'all',
    device: 'cpu',
    threads,
    spacingMode: 'true',
  });
  const seconds = (performance.now() - started) / 1000;
  const { estimatedBytes = 0, peakBytes = 0, patches } = run;
  return {
    what,
    seconds: [seconds],
    median: seconds,
    volume: scan.shape,
    voxels: voxelsOf(scan.shape),
    patches,
    estimatedBytes,
    processPeakBytes: peakBytes,
    estimateToPeak: estimatedBytes / peakBytes,
    goal: 'estimate within 20 % of the peak',
  };
}
