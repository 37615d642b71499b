import { beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { VolumeMode } from '../../../src/segmentation/engine/engine.ts';
import { onnxRuntimeEngine } from '../../../src/segmentation/engine/onnx-runtime.ts';
import type { LoadedModel } from '../../../src/segmentation/index.ts';
import { runPipeline, type SegmentOutcome } from '../../../src/segmentation/pipeline.ts';
import { DEFAULT_SETTINGS } from '../../../src/segmentation/settings.ts';
import { allGoldens, disagreement, importGolden, openGolden } from '../support/goldens.ts';
import { temporaryFolder } from '../support/nnunet-folder.ts';

/** The graphs share their nodes, so two more cases do for those that keep sums on the device. */
function modesFor(directory: string): VolumeMode[] {
  return /tiny|a_mr|e_mir/.test(directory) ? ['fused', 'resident'] : ['fused'];
}

/** The graphs that GPUs run give the golden labels on the CPU too: proof where no GPU is at hand. */
describe.each(allGoldens())('graphs for devices, golden case %s', (directory) => {
  const golden = openGolden(directory);
  const folder = temporaryFolder();
  let model: LoadedModel;

  beforeAll(async () => {
    model = await importGolden(directory, folder);
  });

  const label = (volumes: VolumeMode, ticks: number[]): Promise<SegmentOutcome> =>
    runPipeline(
      {
        voxels: golden.volume.voxels as Float32Array<ArrayBuffer>,
        grid: golden.volume,
        plan: model.manifest.plan,
        networks: model.manifest.folds.map(({ file }) => join(model.directory, file)),
        spacingMode: 'true',
        settings: DEFAULT_SETTINGS,
        device: 'cpu',
        threads: 2,
      },
      onnxRuntimeEngine({ device: 'cpu', threads: 2, volumes }),
      (phase, done, total) => {
        if (phase === 'network') ticks.push(done / total);
      },
    );

  it.each(modesFor(directory))('labels as nnU-Net did, %s', async (volumes) => {
    const ticks: number[] = [];
    const outcome = await label(volumes, ticks);
    const reference = golden.read('labels.npy')?.values ?? new Uint8Array();
    const { wrong, foreground } = disagreement(outcome.labels, reference);
    process.stdout.write(`${directory}, ${volumes}: ${wrong} of ${foreground} differ\n`);
    expect(outcome.labels.length).toBe(reference.length);
    expect(foreground).toBeGreaterThan(100);
    expect(wrong / foreground).toBeLessThanOrEqual(1e-4);
    expect(outcome.patches).toBe(golden.info.patch_starts.reduce((n, axis) => n * axis.length, 1));
    expect(ticks[0]).toBe(0);
    expect(ticks.at(-1)).toBe(1);
  });
});
