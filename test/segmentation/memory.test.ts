import { expect, it, describe } from '@jest/globals';
import { join } from 'node:path';
import { estimateMemory, importModel, segment } from '../../src/segmentation/index.ts';
import { activationBytes } from '../../src/segmentation/network-memory.ts';
import type { Architecture, Vec3 } from '../../src/segmentation/plans/plan.ts';
import { axialVolume } from './support/goldens.ts';
import { nnunetFiles, noise, temporaryFolder, writeFolder } from './support/nnunet-folder.ts';
import { FULL_SIZE, plainUnetFolder } from './support/plain-unet.ts';
import { HAS_PROC } from './support/processes.ts';

const MIB = 2 ** 20;

function architecture(changes: Partial<Architecture> = {}): Architecture {
  const stages = FULL_SIZE.features.length;
  return {
    dimensions: 3,
    kind: 'PlainConvUNet',
    inputChannels: 1,
    heads: FULL_SIZE.heads,
    features: FULL_SIZE.features,
    kernels: Array.from({ length: stages }, () => [3, 3, 3] as const),
    strides: Array.from({ length: stages }, (_, i): Vec3 => (i === 0 ? [1, 1, 1] : [2, 2, 2])),
    encoderBlocks: Array.from({ length: stages }, () => 2),
    decoderConvs: Array.from({ length: stages - 1 }, () => 2),
    convBias: true,
    normEpsilon: 1e-5,
    leakySlope: 0.01,
    ...changes,
  };
}

describe('the memory of a network run', () => {
  it('is four full-size activations where the finest skip is joined', () => {
    const activation = 32 * 128 ** 3 * 4;
    expect(activationBytes(architecture(), [128, 128, 128])).toBe(4 * activation);
  });

  it('is the answer and its copy, with what they are made of, where there are many heads', () => {
    const heads = 200;
    const voxels = 64 ** 3 * 4;
    const bytes = activationBytes(architecture({ heads }), [64, 64, 64]);
    expect(bytes).toBe((2 * heads + 32) * voxels);
  });

  it('grows with the patch alone', () => {
    const small = activationBytes(architecture(), [64, 64, 64]);
    expect(activationBytes(architecture(), [128, 128, 128])).toBe(8 * small);
  });
});

describe('the estimate of a segmentation', () => {
  (HAS_PROC ? it : it.skip)('is within a fifth of what its process then takes', async () => {
    const net = { features: [4, 8], convs: 1, patch: [48, 64, 64], heads: 41 } as const;
    const model = await importModel({
      input: writeFolder(nnunetFiles(plainUnetFolder(net))),
      out: join(temporaryFolder(), 'model'),
      name: 'model',
      version: '1',
    });
    const random = noise(4);
    const voxels = Float32Array.from({ length: 48 * 64 * 64 }, () => 100 + 50 * random());
    const volume = axialVolume(voxels, [48, 64, 64], [2, 2, 2]);
    const { run } = await segment(volume, model, {
      folds: 'all',
      device: 'cpu',
      threads: 1,
      spacingMode: 'true',
    });
    const { bytes } = estimateMemory(volume, model, 1);
    expect(run.estimatedBytes).toBe(bytes);
    expect(bytes / (run.peakBytes ?? 0)).toBeGreaterThan(0.8);
    expect(bytes / (run.peakBytes ?? 0)).toBeLessThan(1.2);
    expect(bytes).toBeGreaterThan(200 * MIB);
  });
});
