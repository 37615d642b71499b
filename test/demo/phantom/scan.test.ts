import { describe, expect, it } from '@jest/globals';
import { drawVariation, gradientEcho } from '../../../src/demo/phantom/contrast.ts';
import { planGrid } from '../../../src/demo/phantom/geometry.ts';
import { label } from '../../../src/demo/phantom/labels.ts';
import { makePhantom } from '../../../src/demo/phantom/phantom.ts';
import { random } from '../../../src/demo/phantom/random.ts';
import { expose, type Sampling } from '../../../src/demo/phantom/render.ts';
import { takeScan, type Scan } from '../../../src/demo/phantom/scan.ts';
import { tissue } from '../../../src/demo/phantom/tissues.ts';

const phantom = makePhantom(9501, 4);
const coarse = { pixel: 3, sliceSpacing: 8 } as const;

function mean(image: Int16Array | undefined, scan: Scan, wanted: number): number {
  let sum = 0;
  let n = 0;
  scan.labels.forEach((l, i) => {
    if (l !== wanted) return;
    sum += image?.[i] ?? 0;
    n++;
  });
  return sum / n;
}

describe('fat and water in a gradient echo', () => {
  const variation = drawVariation(random(1));
  const timing = { tr: 140, flip: 70 };
  const inPhase = gradientEcho(variation, 1.5, 'in_phase', { ...timing, te: 4.6 });
  const opposed = gradientEcho(variation, 1.5, 'opposed_phase', { ...timing, te: 2.3 });
  const grid = planGrid({
    orientation: 'axial', matrix: [1, 3], slices: 1, pixel: 2, sliceSpacing: 5, thickness: 5, centre: [0, 0, 0],
  }); // prettier-ignore
  const [muscle, fat] = [tissue('muscle'), tissue('visceral_fat')];
  const sampling: Sampling = {
    grid,
    count: 2,
    // Muscle alone, muscle and fat half and half, fat alone.
    tissues: Uint8Array.from([muscle, muscle, muscle, fat, fat, fat]),
    labels: new Uint8Array(3),
  };
  const [water1 = 0, mixed1 = 0, fat1 = 0] = expose(sampling, inPhase).signal;
  const [water2 = 0, mixed2 = 0, fat2 = 0] = expose(sampling, opposed).signal;

  it('add up in phase', () => {
    expect(mixed1).toBeCloseTo((water1 + fat1) / 2, 6);
  });

  it('cancel in opposed phase where a voxel holds both', () => {
    expect(mixed2).toBeLessThan(0.6 * mixed1);
    expect(mixed2).toBeLessThan(0.75 * Math.min(water2, fat2));
  });

  it('hardly differ between the phases where a voxel holds one of them', () => {
    expect(water2 / water1).toBeGreaterThan(0.9);
    expect(fat2 / fat1).toBeGreaterThan(0.75);
  });
});

describe('a scan of a phantom', () => {
  const dual = takeScan(phantom, { kind: 't1_dual_echo', ...coarse });
  const ct = takeScan(phantom, { kind: 'ct', ...coarse });
  const haste = takeScan(phantom, { kind: 'haste', orientation: 'coronal', ...coarse });

  it('loses the signal of fatty marrow in opposed phase and keeps that of the spleen', () => {
    const ratio = (name: 'spine' | 'spleen'): number =>
      mean(dual.images.opposed_phase, dual, label(name)) /
      mean(dual.images.in_phase, dual, label(name));
    expect(ratio('spine')).toBeLessThan(0.65);
    // Its rim shares voxels with fat, so something is lost there too.
    expect(ratio('spleen')).toBeGreaterThan(0.75);
  });

  it('shows CT numbers of the structures under their labels', () => {
    const hu = (name: Parameters<typeof label>[0]): number => mean(ct.images.ct, ct, label(name));
    expect(hu('left_lung')).toBeLessThan(-700);
    expect(hu('liver')).toBeGreaterThan(75);
    expect(hu('liver')).toBeLessThan(145);
    expect(hu('aorta')).toBeGreaterThan(110);
    expect(Math.abs(hu('urinary_bladder'))).toBeLessThan(35);
    expect(hu('left_femur')).toBeGreaterThan(150);
  });

  it('is dark where blood flows and bright in fluid in single-shot T2', () => {
    const signal = (name: Parameters<typeof label>[0]): number =>
      mean(haste.images.haste, haste, label(name));
    expect(signal('gallbladder')).toBeGreaterThan(2 * signal('liver'));
    expect(signal('aorta')).toBeLessThan(signal('spleen'));
  });

  it.each([
    ['axial', dual],
    ['axial CT', ct],
    ['coronal', haste],
  ] as const)('has labels and affine that agree with the phantom (%s)', (_name, scan) => {
    const [slices, rows, columns] = scan.shape;
    const [nz, ny, nx] = phantom.shape;
    const a = scan.affine;
    let inside = 0;
    let same = 0;
    for (let s = 0; s < slices; s += 2)
      for (let r = 0; r < rows; r += 3)
        for (let c = 0; c < columns; c += 3) {
          const l = scan.labels[(s * rows + r) * columns + c] ?? 0;
          if (l === 0) continue;
          const [h = 0, j = 0, k = 0] = [0, 1, 2].map((i) => {
            const at = (n: number): number => a[4 * i + n] ?? 0;
            const p = at(0) * c + at(1) * r + at(2) * s + at(3);
            return Math.round((p - (phantom.origin[i] ?? 0)) / phantom.spacing);
          });
          if (k < 0 || k >= nz) continue;
          inside++;
          if (phantom.labels[(k * ny + j) * nx + h] === l) same++;
        }
    expect(inside).toBeGreaterThan(1000);
    expect(same / inside).toBeGreaterThan(0.85);
  });

  it('gives whole numbers that a scanner could store', () => {
    for (const image of [dual.images.in_phase, haste.images.haste]) {
      const values = image ?? new Int16Array([-1]);
      expect(Math.min(...values.subarray(0, 50_000))).toBeGreaterThanOrEqual(0);
    }
    expect(ct.images.ct?.every((v) => v >= -1024 && v <= 3071)).toBe(true);
  });

  it('is the same each time', () => {
    const again = takeScan(phantom, { kind: 't1_dual_echo', ...coarse });
    expect(again.affine).toEqual(dual.affine);
    expect(again.images.opposed_phase).toEqual(dual.images.opposed_phase);
  });

  it('holds different noise in its two echoes', () => {
    // The corner is air in both.
    const corner = (image: Int16Array | undefined): number[] => [...(image ?? []).slice(0, 20)];
    expect(corner(dual.images.in_phase)).not.toEqual(corner(dual.images.opposed_phase));
  });
});

describe('a planned grid', () => {
  const plan = { matrix: [4, 6], slices: 5, pixel: 2, sliceSpacing: 6, thickness: 5 } as const;

  it.each([
    ['axial', [2, 0, 0], [0, 2, 0], [0, 0, 6]],
    ['coronal', [2, 0, 0], [0, 0, -2], [0, 6, 0]],
    ['sagittal', [0, 2, 0], [0, 0, -2], [-6, 0, 0]],
  ] as const)('steps by column, row and slice as a %s scan does', (orientation, u, v, n) => {
    const { affine } = planGrid({ ...plan, orientation, centre: [0, 0, 0] });
    const column = (k: number): number[] => [0, 1, 2].map((i) => (affine[4 * i + k] ?? 0) + 0);
    expect([column(0), column(1), column(2)]).toEqual([u, v, n]);
  });

  it('has its middle at the wished point, turned or not', () => {
    const { affine } = planGrid({
      ...plan, orientation: 'coronal', centre: [10, -20, 30], tilt: [3, -4, 5],
    }); // prettier-ignore
    const middle = [0, 1, 2].map((i) => {
      const at = (k: number): number => affine[4 * i + k] ?? 0;
      return at(0) * 2.5 + at(1) * 1.5 + at(2) * 2 + at(3);
    });
    [10, -20, 30].forEach((want, i) => expect(middle[i]).toBeCloseTo(want, 4));
  });
});
