import { describe, expect, it } from '@jest/globals';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { segment } from '../../src/segmentation/index.ts';
import { readNpy } from '../support/npy.ts';
import { GOLDEN_NETWORKS } from './support/golden-networks.ts';
import { compare, importCase, openCase, runCase } from './support/network-cases.ts';
import { temporaryFolder } from './support/nnunet-folder.ts';

const CASES = join(GOLDEN_NETWORKS, 'cases');

/** Case B3 of nnunet-inference §6: checkpoints of nnU-Net's own `save_checkpoint`, labels of nnU-Net 2.2.1 itself. */
describe('whole runs on random networks', () => {
  it.each(readdirSync(CASES))('%s: labels as nnU-Net', async (name) => {
    const result = await runCase(openCase(join(CASES, name)), join(temporaryFolder(), 'model'));
    expect(result.foreground).toBeGreaterThan(2000);
    expect(result.different / result.foreground).toBeLessThanOrEqual(1e-4);
    expect(result.dice).toBeGreaterThanOrEqual(0.9999);
  });

  /**
   * Case B6: nnU-Net up to 2.5 chose the axis of separate resampling by a spacing in the wrong order when labels went back
   * (§2.6). Situs follows 2.2.1; where the transpose is no identity, later versions answer otherwise.
   */
  it('follows nnU-Net 2.2.1 where 2.8.1 differs: a transposed plan with thick slices', async () => {
    const directory = join(CASES, 'later-versions');
    const golden = openCase(directory);
    const model = await importCase(directory, join(temporaryFolder(), 'model'));
    expect(model.manifest.plan.transposeForward).not.toEqual([0, 1, 2]);
    const labels = await segment(golden.volume, model, {
      folds: 'all',
      device: 'cpu',
      threads: 1,
      spacingMode: 'true',
    });
    const later = readNpy(join(directory, 'labels-2.8.1.npy')).values;
    const difference = compare(labels.voxels, later);
    expect(difference.different / difference.foreground).toBeGreaterThan(0.1);
    expect(compare(labels.voxels, golden.labels).different).toBe(0);
  });
});
