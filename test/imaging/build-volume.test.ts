import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';

import type { Volume } from '../../src/contracts/index.ts';
import { buildVolume, readInstance } from '../../src/imaging/index.ts';
import { defaultValue, makeSeries, ORIENTATIONS } from '../support/dicom.ts';
import type { SeriesOptions } from '../support/dicom.ts';
import { golden } from './goldens.ts';
import { readSeries } from './read-series.ts';

type Point = readonly [number, number, number];

function at({ affine }: Volume, column: number, row: number, slice: number): Point {
  const along = (axis: number) => {
    const [a = 0, b = 0, c = 0, d = 0] = affine.slice(4 * axis, 4 * axis + 4);
    return a * column + b * row + c * slice + d;
  };
  return [along(0), along(1), along(2)];
}

function voxel({ voxels, shape }: Volume, slice: number, row: number, column: number): number {
  return voxels[(slice * shape[1] + row) * shape[2] + column] ?? Number.NaN;
}

/** A turn about all three axes, as the six cosines of an orientation. */
function turned(a: number, b: number, c: number): readonly number[] {
  const [ca, sa, cb, sb, cc, sc] = [
    Math.cos(a),
    Math.sin(a),
    Math.cos(b),
    Math.sin(b),
    Math.cos(c),
    Math.sin(c),
  ];
  return [cb * cc, cb * sc, -sb, sa * sb * cc - ca * sc, sa * sb * sc + ca * cc, sa * cb].map(
    (cosine) => Number(cosine.toFixed(10)),
  );
}

const OBLIQUE = turned(0.3, -0.2, 0.5);

describe('a volume from single-frame instances', () => {
  const cases: readonly [string, SeriesOptions['orientation']][] = [
    ['axial', 'axial'],
    ['coronal', 'coronal'],
    ['sagittal', 'sagittal'],
    ['oblique', OBLIQUE],
    ['feet first, prone', [-1, 0, 0, 0, 1, 0]],
  ];
  it.each(cases)('%s: every voxel where its instance says', async (_, orientation = 'axial') => {
    const options = { orientation, spacing: [4, 1.5, 0.75], origin: [10, -20, 35.5] } as const;
    const cosines = typeof orientation === 'string' ? ORIENTATIONS[orientation] : orientation;
    const volume = await buildVolume(readSeries(options));
    expect(volume.shape).toEqual([5, 8, 10]);
    expect(volume.spacing).toEqual([4, 1.5, 0.75]);
    const series = makeSeries(options);
    for (const [slice, { dataset, sopInstanceUid }] of series.instances.entries()) {
      expect(volume.slices[slice]?.sopInstanceUid).toBe(sopInstanceUid);
      const [x = 0, y = 0, z = 0] = dataset['ImagePositionPatient'] as readonly number[];
      for (const [row, column] of [
        [0, 0],
        [7, 9],
        [3, 8],
      ] as const) {
        const [rx = 0, ry = 0, rz = 0, cx = 0, cy = 0, cz = 0] = cosines;
        const expected: Point = [
          x + rx * 0.75 * column + cx * 1.5 * row,
          y + ry * 0.75 * column + cy * 1.5 * row,
          z + rz * 0.75 * column + cz * 1.5 * row,
        ];
        for (const [axis, value] of at(volume, column, row, slice).entries()) {
          expect(value).toBeCloseTo(expected[axis] ?? 0, 4);
        }
        expect(voxel(volume, slice, row, column)).toBe(
          defaultValue({ slice, row, column, stack: 0 }),
        );
      }
    }
  });

  it.each(['descending', 'shuffled'] as const)(
    '%s numbers and arrival give the same volume',
    async (order) => {
      const plain = await buildVolume(readSeries({ orientation: OBLIQUE }));
      const other = await buildVolume(readSeries({ orientation: OBLIQUE, order }));
      expect(other.voxels).toEqual(plain.voxels);
      expect(other.affine).toEqual(plain.affine);
      expect(other.slices).toEqual(plain.slices);
    },
  );

  it('keeps the digits of the source', async () => {
    const volume = await buildVolume(
      readSeries({
        header: {
          PixelSpacing: ['0.7500000', '7.5E-1'],
          ImageOrientationPatient: ['1.000000', '-0.0', '0', '0.00', '1', '6e-17'],
          SliceThickness: '3.0000',
        },
        perSlice: (slice) => ({ ImagePositionPatient: ['-0.0', '1.50', `${slice}.2500`] }),
      }),
    );
    expect(volume.slices[2]?.imagePositionPatient).toEqual(['-0.0', '1.50', '2.2500']);
    expect(volume.source).toMatchObject({
      pixelSpacing: ['0.7500000', '7.5E-1'],
      imageOrientationPatient: ['1.000000', '-0.0', '0', '0.00', '1', '6e-17'],
      sliceThickness: '3.0000',
      stackId: 'all',
      modality: 'MR',
      lossy: null,
    });
  });

  it('rescales every slice by its own slope and intercept', async () => {
    const volume = await buildVolume(
      readSeries({ rescale: (slice) => ({ slope: slice + 0.5, intercept: -10 * slice }) }),
    );
    for (const slice of [0, 1, 4]) {
      const stored = defaultValue({ slice, row: 2, column: 3, stack: 0 });
      expect(voxel(volume, slice, 2, 3)).toBeCloseTo(stored * (slice + 0.5) - 10 * slice, 3);
    }
    expect(volume.unit).toBe('arbitrary');
  });

  it('gives CT in HU, padding as -1024 and marked', async () => {
    const volume = await buildVolume(
      readSeries({
        modality: 'CT',
        signed: true,
        value: ({ row, column, slice }) => (row === 0 ? -2000 : 1024 + 10 * column + slice),
        header: { PixelPaddingValue: -2000 },
      }),
    );
    expect(volume.unit).toBe('HU');
    expect(voxel(volume, 1, 0, 5)).toBe(-1024);
    expect(voxel(volume, 1, 3, 5)).toBe(51);
    expect(volume.padding?.filter((mark) => mark === 1)).toHaveLength(5 * 10);
    expect(volume.padding?.[3]).toBe(1);
  });

  it('gives padding of MR the minimum of the rest', async () => {
    const volume = await buildVolume(
      readSeries({
        value: ({ row, column }) => (row === 0 ? 4095 : 40 + column),
        header: { PixelPaddingValue: 4095 },
      }),
    );
    expect(voxel(volume, 0, 0, 0)).toBe(40);
  });

  it.each([
    ['HU', 'HU'],
    ['US', 'arbitrary'],
    [undefined, 'HU'],
  ])('CT with Rescale Type %s is in %s', async (RescaleType, unit) => {
    const volume = await buildVolume(readSeries({ modality: 'CT', header: { RescaleType } }));
    expect(volume.unit).toBe(unit);
  });

  it('notes lossy compression with ratio and method', async () => {
    const volume = await buildVolume(
      readSeries({
        perSlice: (slice) =>
          slice === 2
            ? {
                LossyImageCompression: '01',
                LossyImageCompressionRatio: '10.5',
                LossyImageCompressionMethod: 'ISO_15444_1',
              }
            : {},
      }),
    );
    expect(volume.source?.lossy).toEqual({ ratio: '10.5', method: 'ISO_15444_1' });
  });

  it('knows lossy compression by the transfer syntax too', async () => {
    const instance = readInstance(golden('jpeg-baseline-unsigned8.dcm'));
    const [LOSSY, POSITION] = ['00282110', '00200032'];
    const instances = [0, 1].map((slice) => ({
      ...instance,
      sopInstanceUid: `2.25.${slice}`,
      dataset: {
        ...instance.dataset,
        [LOSSY]: { vr: 'CS' },
        [POSITION]: { vr: 'DS', Value: ['0', '0', `${slice}`] },
      },
    }));
    expect((await buildVolume(instances)).source?.lossy).not.toBeNull();
  });

  it('leaves out a copy of a slice with a warning', async () => {
    const instances = readSeries();
    const [first] = instances;
    if (first === undefined) throw new Error('no instance');
    const volume = await buildVolume([...instances, { ...first, sopInstanceUid: '2.25.99' }]);
    expect(volume.shape).toEqual([5, 8, 10]);
    expect(volume.warnings.map(({ code }) => code)).toContain('DUPLICATE_SLICE_REMOVED');
  });

  it('leaves out localizers and objects without pixel data with warnings', async () => {
    const localizer = makeSeries({
      slices: 1,
      seed: 'series',
      rows: 4,
      perSlice: () => ({
        SOPInstanceUID: '2.25.77',
        ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
      }),
    }).instances[0];
    const [first, ...rest] = readSeries();
    if (first === undefined || localizer === undefined) throw new Error('no instance');
    const volume = await buildVolume([
      first,
      ...rest,
      readInstance(localizer.bytes),
      { ...first, pixels: null, sopInstanceUid: '2.25.78' },
    ]);
    expect(volume.shape[0]).toBe(5);
    expect(volume.warnings.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['LOCALIZERS_SKIPPED', 'NON_IMAGES_SKIPPED']),
    );
  });

  it('warns when instance numbers say that images are missing at an end', async () => {
    const volume = await buildVolume(readSeries().slice(2));
    expect(volume.warnings.map(({ code }) => code)).toEqual(['INSTANCE_NUMBERS_MISSING']);
  });

  it('is the same for every orientation, spacing and order (property)', async () => {
    const angle = fc.double({ min: -3, max: 3, noNaN: true });
    const step = fc.double({ min: 0.4, max: 9, noNaN: true });
    await fc.assert(
      fc.asyncProperty(angle, angle, angle, step, step, step, async (a, b, c, s, r, k) => {
        const options = {
          orientation: turned(a, b, c),
          spacing: [s, r, k].map((value) => Number(value.toFixed(4))) as unknown as Point,
          order: 'shuffled',
          slices: 4,
          rows: 3,
          columns: 2,
        } as const;
        const volume = await buildVolume(readSeries(options));
        for (const { dataset, sopInstanceUid } of makeSeries(options).instances) {
          const slice = volume.slices.findIndex((one) => one.sopInstanceUid === sopInstanceUid);
          const position = dataset['ImagePositionPatient'] as readonly number[];
          for (const [axis, value] of at(volume, 0, 0, slice).entries()) {
            expect(Math.abs(value - (position[axis] ?? 0))).toBeLessThan(1e-3);
          }
        }
      }),
      { numRuns: 40, seed: 20261102 },
    );
  });
});

describe('a volume for another thread', () => {
  it('has the same voxels and padding, in shared memory', async () => {
    const series = readSeries({ header: { PixelPaddingValue: 0 } });
    const plain = await buildVolume(series);
    const shared = await buildVolume(series, null, { shared: true });
    expect([...shared.voxels]).toEqual([...plain.voxels]);
    expect(plain.padding).toContain(1);
    expect([...(shared.padding ?? [])]).toEqual([...(plain.padding ?? [])]);
    for (const { buffer } of [shared.voxels, shared.padding ?? new Uint8Array()]) {
      expect(Object.prototype.toString.call(buffer)).toBe('[object SharedArrayBuffer]');
    }
    expect(Object.prototype.toString.call(plain.voxels.buffer)).toBe('[object ArrayBuffer]');
  });
});
