import { gzipSync } from 'node:zlib';

import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import { buildVolume, readNifti, writeNifti } from '../../src/imaging/index.ts';
import { refusalOf } from '../support/refusal.ts';
import { golden, goldenJson } from './goldens.ts';
import { readSeries } from './read-series.ts';

/** What SimpleITK 2.4.0 says of a file. */
interface ItkFacts {
  readonly size: readonly number[];
  readonly spacing: readonly number[];
  readonly origin: readonly number[];
  readonly direction: readonly number[];
  readonly values: readonly number[];
}

const facts = goldenJson<Readonly<Record<string, ItkFacts>>>('nifti.json');

/** A copy of a golden file with some bytes changed. */
function changed(name: string, change: (view: DataView) => void): Uint8Array {
  const bytes = Uint8Array.from(golden(name));
  change(new DataView(bytes.buffer));
  return bytes;
}

describe('reading NIfTI', () => {
  it.each(Object.keys(facts))('%s: places and scales voxels as ITK does', (name) => {
    const itk = facts[name];
    if (itk === undefined) throw new Error(name);
    const volume = readNifti(golden(name));
    expect(volume.shape).toEqual([...itk.size].reverse());
    expect(Array.from(volume.voxels)).toEqual(itk.values);
    for (const [i, step] of volume.spacing.entries())
      expect(step).toBeCloseTo(itk.spacing[2 - i] ?? 0, 5);
    for (let row = 0; row < 3; row++) {
      for (let column = 0; column < 3; column++) {
        const expected = (itk.direction[3 * row + column] ?? 0) * (itk.spacing[column] ?? 0);
        expect(volume.affine[4 * row + column]).toBeCloseTo(expected, 4);
      }
      expect(volume.affine[4 * row + 3]).toBeCloseTo(itk.origin[row] ?? 0, 4);
    }
    expect(volume.slices).toEqual([]);
    expect(volume.source).toBeNull();
  });

  const refused: readonly [string, string, () => Uint8Array][] = [
    ['text', 'NOT_NIFTI', () => new TextEncoder().encode('x'.repeat(500))],
    ['an empty file', 'NOT_NIFTI', () => new Uint8Array(0)],
    [
      'NIfTI-2',
      'UNSUPPORTED_NIFTI',
      () => changed('sform.nii', (view) => view.setInt32(0, 540, true)),
    ],
    [
      'a header and image pair',
      'UNSUPPORTED_NIFTI',
      () => changed('sform.nii', (view) => view.setUint8(345, 0x69)),
    ],
    [
      'four dimensions',
      'UNSUPPORTED_NIFTI',
      () =>
        changed('sform.nii', (view) => {
          view.setInt16(40, 4, true);
          view.setInt16(48, 2, true);
        }),
    ],
    [
      'two dimensions',
      'UNSUPPORTED_NIFTI',
      () => changed('sform.nii', (view) => view.setInt16(40, 2, true)),
    ],
    [
      'colour',
      'UNSUPPORTED_NIFTI',
      () => changed('sform.nii', (view) => view.setInt16(70, 128, true)),
    ],
    [
      'a negative size',
      'INVALID_NIFTI',
      () => changed('sform.nii', (view) => view.setInt16(44, -3, true)),
    ],
    [
      'no spacing',
      'INVALID_NIFTI',
      () => changed('sform.nii', (view) => view.setFloat32(80, 0, true)),
    ],
    [
      'voxels inside the header',
      'INVALID_NIFTI',
      () => changed('sform.nii', (view) => view.setFloat32(108, 12, true)),
    ],
    [
      'only a skewed form',
      'INVALID_NIFTI',
      () => changed('both-skewed.nii', (view) => view.setInt16(252, 0, true)),
    ],
    [
      'too many voxels',
      'VOLUME_TOO_LARGE',
      () =>
        changed('sform.nii', (view) => [42, 44, 46].forEach((at) => view.setInt16(at, 2000, true))),
    ],
    ['a cut file', 'TRUNCATED_FILE', () => golden('sform.nii').subarray(0, 390)],
    ['a cut gzip file', 'TRUNCATED_FILE', () => golden('oblique.nii.gz').subarray(0, 100)],
    [
      'values that are no numbers',
      'NON_FINITE_VOXELS',
      () => changed('float.nii', (view) => view.setFloat32(352, Number.NaN, true)),
    ],
  ];
  it.each(refused)('refuses %s with %s', async (_, code, bytes) => {
    const error = await refusalOf(() => readNifti(bytes()));
    expect(error.code).toBe(code);
    expect(error.next).not.toBe('');
  });
});

describe('writing NIfTI', () => {
  it.each(['oblique.nii.gz', 'left-handed.nii.gz', 'coronal.nii.gz'])(
    '%s comes back as it was, by sform and by qform',
    (name) => {
      const volume = readNifti(golden(name));
      const file = writeNifti(volume);
      const byQform = Uint8Array.from(file);
      new DataView(byQform.buffer).setInt16(254, 0, true);
      for (const bytes of [file, byQform, gzipSync(file), writeNifti(volume, { gzip: true })]) {
        const back = readNifti(bytes);
        expect(back.shape).toEqual(volume.shape);
        expect(back.voxels).toEqual(volume.voxels);
        for (const [i, value] of back.affine.entries()) {
          expect(value).toBeCloseTo(volume.affine[i] ?? 0, 4);
        }
      }
    },
  );

  it('writes labels as bytes on the grid of their volume', async () => {
    const volume = await buildVolume(readSeries({ orientation: 'sagittal' }));
    const voxels = Uint8Array.from(volume.voxels, (value) => value % 41);
    const file = writeNifti({ voxels, shape: volume.shape, affine: volume.affine });
    expect(file).toHaveLength(352 + voxels.length);
    const back = readNifti(file);
    expect(Array.from(back.voxels)).toEqual(Array.from(voxels));
    for (const [i, value] of back.affine.entries()) {
      expect(value).toBeCloseTo(volume.affine[i] ?? 0, 4);
    }
  });

  it('keeps every rotation, also mirrored ones (property)', () => {
    const angle = fc.double({ min: -3.2, max: 3.2, noNaN: true });
    fc.assert(
      fc.property(angle, angle, angle, fc.boolean(), (a, b, c, mirrored) => {
        const [ca, sa, cb, sb, cc, sc] = [
          Math.cos(a),
          Math.sin(a),
          Math.cos(b),
          Math.sin(b),
          Math.cos(c),
          Math.sin(c),
        ];
        const turn = mirrored ? -1 : 1;
        const affine = [
          2 * cb * cc,
          sa * sb * cc - ca * sc,
          3 * turn * (ca * sb * cc + sa * sc),
          5,
          2 * cb * sc,
          sa * sb * sc + ca * cc,
          3 * turn * (ca * sb * sc - sa * cc),
          -6,
          2 * -sb,
          sa * cb,
          3 * turn * ca * cb,
          7,
          0,
          0,
          0,
          1,
        ];
        const file = writeNifti({ voxels: Float32Array.of(1, 2), shape: [2, 1, 1], affine });
        new DataView(file.buffer).setInt16(254, 0, true);
        const back = readNifti(file);
        for (const [i, value] of back.affine.entries()) {
          // The first part of the quaternion is not stored: near a half turn it is known to 3e-4.
          expect(Math.abs(value - (affine[i] ?? 0))).toBeLessThan(3e-3);
        }
      }),
      { numRuns: 300, seed: 11 },
    );
  });
});
