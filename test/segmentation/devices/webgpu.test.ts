import { beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync } from 'node:fs';
import { examineDevice, segment, type LoadedModel } from '../../../src/segmentation/index.ts';
import { importGolden, openGolden, TINY } from '../support/goldens.ts';
import { temporaryFolder } from '../support/nnunet-folder.ts';

/** A driver in software that comes with Chromium; right, but slow. */
const SOFTWARE_DRIVER = '/usr/lib/chromium/vk_swiftshader_icd.json';

let webgpu = await examineDevice('webgpu', 0);
if (!webgpu.isAvailable && existsSync(SOFTWARE_DRIVER)) {
  process.env['VK_ICD_FILENAMES'] = SOFTWARE_DRIVER;
  webgpu = await examineDevice('webgpu', 0);
}
if (!webgpu.isAvailable) process.stdout.write(`Skipped WebGPU: ${webgpu.message}\n`);
const onWebgpu = webgpu.isAvailable ? describe : describe.skip;

onWebgpu('WebGPU, two folds and mirroring', () => {
  const golden = openGolden(TINY);
  let model: LoadedModel;

  beforeAll(async () => {
    model = await importGolden(TINY, temporaryFolder());
  });

  it.each([
    ['with sums on the device', null],
    ['with sums on the host, as the card may hold no more', 700 * 2 ** 20],
  ])('labels as nnU-Net did, %s', async (_, deviceMemoryLimit) => {
    const labels = await segment(golden.volume, model, {
      folds: 'all',
      device: 'webgpu',
      deviceMemoryLimit,
      threads: 1,
      spacingMode: 'true',
    });
    const reference = golden.read('labels.npy')?.values ?? new Uint8Array();
    expect(labels.voxels.filter((label, i) => label !== reference[i]).length).toBe(0);
    expect(labels.run.device).toBe('webgpu');
    expect(Object.keys(labels.run.placement ?? {})).toEqual(['WebGpuExecutionProvider']);
  });

  it('refuses what the card may not hold', async () => {
    const work = segment(golden.volume, model, {
      folds: 'first',
      device: 'webgpu',
      deviceMemoryLimit: 2 ** 20,
      threads: 1,
      spacingMode: 'true',
    });
    await expect(work).rejects.toMatchObject({ code: 'DEVICE_MEMORY_LIMIT' });
  });
});
