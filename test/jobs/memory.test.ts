import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { admitSegmentation, hostMemory } from '../../src/jobs/memory.ts';
import { DEFAULT_SETTINGS, estimateMemory, loadModel } from '../../src/segmentation/index.ts';
import { makeVolume } from '../support/volume.ts';
import { TINY_MODEL, writeTinyModel } from '../support/tiny-model.ts';

const GIB = 2 ** 30;
const ORDER = { folds: 1, spacingMode: 'true', settings: DEFAULT_SETTINGS } as const;

describe('the memory of a host', () => {
  it('is never more than there is', async () => {
    const { total, available } = await hostMemory();
    expect(total).toBeGreaterThan(0);
    expect(available).toBeGreaterThanOrEqual(0);
    expect(available).toBeLessThanOrEqual(total);
  });
});

describe('admission of a segmentation', () => {
  const setUp = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'situs-model-'));
    try {
      await writeTinyModel(folder);
      const model = await loadModel(join(folder, TINY_MODEL));
      const volume = makeVolume();
      return { model, volume, needed: estimateMemory(volume, model, 1).bytes };
    } finally {
      await rm(folder, { recursive: true });
    }
  };

  it('takes the configured limit as it is', async () => {
    const { model, volume } = await setUp();
    const memory = { total: 0, available: 0 };
    expect(admitSegmentation(volume, model, ORDER, 3 * GIB, memory)).toBe(3 * GIB);
  });

  it('lets through what fits now, leaving the rest of the machine a reserve', async () => {
    const { model, volume, needed } = await setUp();
    const memory = { total: 64 * GIB, available: needed + GIB };
    const limit = admitSegmentation(volume, model, ORDER, null, memory);
    expect(limit).toBeGreaterThan(needed);
    expect(limit).toBeLessThan(memory.total);
  });

  it('lets wait what would fit on the machine, but not now', async () => {
    const { model, volume, needed } = await setUp();
    const memory = { total: 64 * GIB, available: needed };
    expect(() => admitSegmentation(volume, model, ORDER, null, memory)).toThrow(
      expect.objectContaining({
        code: 'MEMORY_BUSY',
        errorClass: 'retry',
        details: expect.objectContaining({ needed }),
      }),
    );
  });

  it('leaves it to the segmentation to refuse what can never fit', async () => {
    const { model, volume, needed } = await setUp();
    const memory = { total: needed, available: needed };
    expect(admitSegmentation(volume, model, ORDER, null, memory)).toBeLessThan(needed);
  });
});
