import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Labels } from '../../src/contracts/index.ts';
import { mergedStructures, shapeLabels } from '../../src/imaging/index.ts';
import { smoothLabels } from '../../src/imaging/smooth-labels.ts';
import { STRUCTURE_NAMES, STRUCTURES } from '../support/structures.ts';
import { TEST_RUN } from '../support/volume.ts';

const LUNGS = { lungs: ['right_lung', 'left_lung'] };

function labelsOf(...voxels: number[]): Labels {
  return {
    voxels: Uint8Array.from(voxels),
    shape: [1, 1, voxels.length],
    structures: STRUCTURE_NAMES,
    run: TEST_RUN,
  };
}

describe('labels as a rule wants them', () => {
  const given = labelsOf(0, 1, 5, 10, 11, 10);

  it('are the model’s own without an order', () => {
    expect(shapeLabels(given, {})).toBe(given);
  });

  it('have groups in place of their members, with the smallest label', () => {
    const shaped = shapeLabels(given, { merge: LUNGS });
    expect([...shaped.voxels]).toEqual([0, 1, 5, 10, 10, 10]);
    expect(shaped.structures[10]).toBe('lungs');
    expect(shaped.structures[11]).toBeUndefined();
    expect([...given.voxels]).toEqual([0, 1, 5, 10, 11, 10]);
  });

  it('leave out what is not wanted, groups counting by their own name', () => {
    const shaped = shapeLabels(given, { merge: LUNGS, structures: ['lungs', 'liver'] });
    expect([...shaped.voxels]).toEqual([0, 0, 5, 10, 10, 10]);
    expect(shaped.structures).toEqual({ 5: 'liver', 10: 'lungs' });
  });

  it('are refused when the order names what the model does not segment', () => {
    for (const order of [{ structures: ['thymus'] }, { merge: { both: ['liver', 'thymus'] } }]) {
      expect(() => shapeLabels(given, order)).toThrow(
        expect.objectContaining({ code: 'STRUCTURE_UNKNOWN', errorClass: 'usage' }),
      );
    }
  });
});

describe('the code of a merged structure', () => {
  it('is that of its members without a side', () => {
    const lungs = mergedStructures(STRUCTURES, { merge: LUNGS }).find(
      ({ name }) => name === 'lungs',
    );
    expect(lungs).toMatchObject({ laterality: null, type: { value: '39607008' } });
  });

  it('is the site’s own where it defines the group', () => {
    const [liver] = STRUCTURES;
    if (liver === undefined) throw new Error('no structure');
    const own = { ...liver, name: 'viscera' };
    const known = [...STRUCTURES, own];
    expect(mergedStructures(known, { merge: { viscera: ['liver', 'spleen'] } })).toBe(known);
  });

  it('is refused where the members differ and nobody defined it', () => {
    expect(() => mergedStructures(STRUCTURES, { merge: { viscera: ['liver', 'spleen'] } })).toThrow(
      expect.objectContaining({ code: 'MERGE_WITHOUT_CODE' }),
    );
  });
});

describe('smoothing', () => {
  /** The rule word by word, without the shortcut for calm voxels. */
  function plainly(labels: Uint8Array, [slices, rows, columns]: readonly number[]): number[] {
    const at = (z: number, y: number, x: number): number | null =>
      z < 0 || y < 0 || x < 0 || z >= (slices ?? 0) || y >= (rows ?? 0) || x >= (columns ?? 0)
        ? null
        : (labels[(z * (rows ?? 0) + y) * (columns ?? 0) + x] ?? 0);
    return Array.from(labels, (own, index) => {
      const x = index % (columns ?? 1);
      const y = Math.floor(index / (columns ?? 1)) % (rows ?? 1);
      const z = Math.floor(index / ((columns ?? 1) * (rows ?? 1)));
      const six = [
        at(z - 1, y, x),
        at(z + 1, y, x),
        at(z, y - 1, x),
        at(z, y + 1, x),
        at(z, y, x - 1),
        at(z, y, x + 1),
      ];
      if (six.every((label) => label === null || label === own)) return own;
      const counts = new Map<number, number>();
      for (const dz of [-1, 0, 1])
        for (const dy of [-1, 0, 1])
          for (const dx of [-1, 0, 1]) {
            const label = at(z + dz, y + dy, x + dx);
            if (label !== null) counts.set(label, (counts.get(label) ?? 0) + 1);
          }
      const most = Math.max(...counts.values());
      if (counts.get(own) === most) return own;
      return Math.min(...[...counts].filter(([, count]) => count === most).map(([label]) => label));
    });
  }

  it('gives each voxel the label that most around it have', () => {
    const shape = [3, 4, 5] as const;
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 1, 2, 40), { minLength: 60, maxLength: 60 }),
        (values) => {
          const labels = Uint8Array.from(values);
          expect([...smoothLabels(labels, shape, 1)]).toEqual(plainly(labels, shape));
          expect([...smoothLabels(labels, shape, 2)]).toEqual(
            plainly(Uint8Array.from(plainly(labels, shape)), shape),
          );
        },
      ),
      { seed: 11, numRuns: 60 },
    );
  });

  it('removes a lone voxel and keeps a body', () => {
    const labels = new Uint8Array(5 * 5 * 5);
    labels[62] = 7;
    expect(smoothLabels(labels, [5, 5, 5], 1).every((label) => label === 0)).toBe(true);
    expect(smoothLabels(new Uint8Array(27).fill(3), [3, 3, 3], 2).every((one) => one === 3)).toBe(
      true,
    );
  });
});
