import { describe, expect, it } from '@jest/globals';
import type { Affine, Shape } from '../../src/contracts/index.ts';
import { bringTogether, type PlacedLabels } from '../../src/evaluation/index.ts';

const AFFINE: Affine = [0.8, 0, 0, -40, 0, 0.8, 0, 10, 0, 0, 5, -200, 0, 0, 0, 1];
const SHAPE: Shape = [3, 4, 5];
const REFERENCE = labels('reference.nii.gz', SHAPE, AFFINE, (z, y, x) => 20 * z + 5 * y + x + 1);

function labels(
  name: string,
  shape: Shape,
  affine: Affine,
  value: (z: number, y: number, x: number) => number,
  sparse = false,
): PlacedLabels {
  const voxels = new Uint8Array(shape[0] * shape[1] * shape[2]);
  let at = 0;
  for (let z = 0; z < shape[0]; z += 1)
    for (let y = 0; y < shape[1]; y += 1)
      for (let x = 0; x < shape[2]; x += 1, at += 1) voxels[at] = value(z, y, x);
  return { name, voxels, shape, affine, sparse };
}

/** The reference as another program might have stored it: an axis turned round. */
function flipped(axis: 0 | 1 | 2): PlacedLabels {
  const column = 2 - axis;
  const affine = [...AFFINE];
  for (const row of [0, 1, 2]) {
    const step = AFFINE[4 * row + column] ?? 0;
    affine[4 * row + 3] = (affine[4 * row + 3] ?? 0) + step * ((SHAPE[axis] ?? 1) - 1);
    affine[4 * row + column] = -step;
  }
  return labels('flipped.nii', SHAPE, affine, (z, y, x) => {
    const at = [z, y, x];
    at[axis] = (SHAPE[axis] ?? 1) - 1 - (at[axis] ?? 0);
    return 20 * (at[0] ?? 0) + 5 * (at[1] ?? 0) + (at[2] ?? 0) + 1;
  });
}

describe('bringing two label files together', () => {
  it('takes equal grids as they are, and rounding of headers with them', () => {
    const other = { ...REFERENCE, affine: AFFINE.map((v) => v + 1e-4) };
    expect(bringTogether(REFERENCE, other).prediction).toBe(other.voxels);
  });

  for (const axis of [0, 1, 2] as const) {
    it(`turns axis ${axis} round where the other file has it so`, () => {
      expect(bringTogether(REFERENCE, flipped(axis)).prediction).toEqual(REFERENCE.voxels);
      expect(bringTogether(flipped(axis), REFERENCE).prediction).toEqual(flipped(axis).voxels);
    });
  }

  it('swaps axes', () => {
    // Stored as [x][z][y]: the column index of the affine that belongs to each.
    const order = [1, 2, 0];
    const affine = [0, 1, 2].flatMap((row) => [
      ...order.map((column) => AFFINE[4 * row + column] ?? 0),
      AFFINE[4 * row + 3] ?? 0,
    ]);
    const swapped = labels(
      'swapped.nii',
      [5, 3, 4],
      [...affine, 0, 0, 0, 1],
      (x, z, y) => 20 * z + 5 * y + x + 1,
    );
    expect(bringTogether(REFERENCE, swapped).prediction).toEqual(REFERENCE.voxels);
  });

  it('puts the frames of a segmentation object onto the slices they lie on', () => {
    const affine = [...AFFINE];
    affine[11] = -195;
    const seg = labels('seg.dcm', [1, 4, 5], affine, () => 7, true);
    const placed = bringTogether(REFERENCE, seg).prediction;
    expect([placed[0], placed[20], placed[39], placed[40]]).toEqual([0, 7, 7, 0]);
    expect(bringTogether(seg, REFERENCE).reference).toEqual(placed);
  });

  it('widens two segmentation objects to the slices of both', () => {
    const at = (z: number, slices: number, value: number): PlacedLabels =>
      labels(`at ${z}`, [slices, 4, 5], AFFINE.map((v, i) => (i === 11 ? -200 + 5 * z : v)), () => value, true); // prettier-ignore
    const pair = bringTogether(at(2, 1, 1), at(0, 2, 2));
    expect(pair.shape).toEqual([3, 4, 5]);
    expect(pair.affine[11]).toBe(-200);
    expect([pair.reference[0], pair.reference[40]]).toEqual([0, 1]);
    expect([pair.prediction[0], pair.prediction[39], pair.prediction[40]]).toEqual([2, 2, 0]);
  });

  const shifted = AFFINE.map((v, i) => (i === 3 ? v + 0.1 : v));
  const wider = AFFINE.map((v, i) => (i === 0 ? v * 1.02 : v));
  const turned = [0.79, -0.1, 0, -40, 0.1, 0.79, 0, 10, 0, 0, 5, -200, 0, 0, 0, 1];
  const cut = labels('cut.nii', [2, 4, 5], AFFINE, () => 1);
  const wrong: readonly (readonly [string, PlacedLabels, RegExp])[] = [
    ['shifted by an eighth of a voxel', { ...REFERENCE, affine: shifted }, /apart/],
    ['with other spacing', { ...REFERENCE, affine: wider }, /apart/],
    ['turned', { ...REFERENCE, affine: turned }, /apart|parallel/],
    ['with fewer slices', cut, /5×4×2 voxels in cut.nii do not cover the 5×4×3/],
    ['without volume', { ...REFERENCE, affine: AFFINE.map(() => 0) }, /apart|parallel|volume/],
  ];
  for (const [what, other, problem] of wrong) {
    it(`refuses a file ${what}, naming both`, () => {
      const named = { ...other, name: 'other.nii' };
      const pair = (): unknown =>
        bringTogether(REFERENCE, what === 'with fewer slices' ? other : named);
      expect(pair).toThrow(problem);
      expect(pair).toThrow(/reference\.nii\.gz/);
      expect(pair).toThrow(expect.objectContaining({ code: 'GRIDS_DIFFER', errorClass: 'refuse' }));
    });
  }
});
