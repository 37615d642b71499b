import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import type { VolumeMode } from '../../../src/segmentation/engine/engine.ts';
import { onnxRuntimeEngine } from '../../../src/segmentation/engine/onnx-runtime.ts';
import { runPipeline } from '../../../src/segmentation/pipeline.ts';
import { GOLDEN_NETWORKS } from '../support/golden-networks.ts';
import { compare, importCase, openCase, type Comparison } from '../support/network-cases.ts';
import { temporaryFolder } from '../support/nnunet-folder.ts';

const CASES = join(GOLDEN_NETWORKS, 'cases');
const FUSED = ['ct-regions-thick', 'fast', 'flat-mirrored', 'split', 'transposed-mirrored'];

async function label(name: string, volumes: VolumeMode): Promise<Comparison> {
  const directory = join(CASES, name);
  const golden = openCase(directory);
  const model = await importCase(directory, join(temporaryFolder(), 'model'));
  const { folds } = model.manifest;
  const chosen = golden.folds === 'first' ? folds.slice(0, 1) : folds;
  const outcome = await runPipeline(
    {
      voxels: Float32Array.from(golden.volume.voxels),
      grid: golden.volume,
      plan: model.manifest.plan,
      networks: chosen.map(({ file }) => join(model.directory, file)),
      spacingMode: golden.spacingMode,
      settings: golden.settings,
      device: 'cpu',
      threads: 1,
    },
    onnxRuntimeEngine({ device: 'cpu', threads: 1, volumes }),
    () => undefined,
  );
  return compare(outcome.labels, golden.labels);
}

/** Regions, flat networks, split volumes, large steps, readers: what the golden volumes do not have. */
describe('graphs for devices on random networks', () => {
  it.each(FUSED)('fused, %s', async (name) => {
    const result = await label(name, 'fused');
    expect(result.foreground).toBeGreaterThan(2000);
    expect(result.different / result.foreground).toBeLessThanOrEqual(1e-4);
  });

  it.each(['ct-regions-thick', 'flat-mirrored'])('resident, %s', async (name) => {
    const result = await label(name, 'resident');
    expect(result.foreground).toBeGreaterThan(2000);
    expect(result.different / result.foreground).toBeLessThanOrEqual(1e-4);
  });
});
