import { existsSync, readFileSync, readdirSync } from 'node:fs';

import { describe, expect, it } from '@jest/globals';

import { buildVolume, readInstance, seriesHeaders } from '../../src/imaging/index.ts';

const SHARED = new URL('../../../shared/data/real/', import.meta.url);
const isThere = existsSync(SHARED);
if (!isThere) console.warn('Skipped: the real series of the shared folder are not there.');

function read(series: string) {
  const folder = new URL(`${series}/`, SHARED);
  return readdirSync(folder).map((name) => readInstance(readFileSync(new URL(name, folder))));
}

(isThere ? describe : describe.skip)('real series', () => {
  it('reads the CT of the abdomen in HU', async () => {
    const instances = read('ct-abdomen');
    const volume = await buildVolume(instances);
    expect(volume.shape).toEqual([30, 101, 122]);
    expect(volume.spacing).toEqual([3, 3, 3]);
    expect(volume.unit).toBe('HU');
    const sorted = Float32Array.from(volume.voxels).sort();
    expect(sorted[0]).toBeGreaterThanOrEqual(-1100);
    expect(sorted[0]).toBeLessThan(-900);
    expect(sorted.at(-1)).toBeGreaterThan(300);
    expect(seriesHeaders(instances.map(({ dataset }) => dataset)).stacks).toHaveLength(1);
  });

  it('reads the MR of the abdomen in arbitrary units', async () => {
    const volume = await buildVolume(read('mr-abdomen'));
    expect(volume.shape).toEqual([20, 91, 117]);
    expect(volume.spacing).toEqual([3, 3, 3]);
    expect(volume.unit).toBe('arbitrary');
    expect(volume.warnings).toEqual([]);
  });
});
