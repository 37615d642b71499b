import { describe, expect, it } from '@jest/globals';
import { PNG } from 'pngjs';

import type { Labels, Volume } from '../../src/contracts/index.ts';
import { buildVolume, patientAxes, previewPng } from '../../src/imaging/index.ts';
import { slicePlaceText, sliceSides } from '../../src/imaging/pictures/directions.ts';
import type { SeriesOptions } from '../support/dicom.ts';
import { readSeries } from './read-series.ts';

const RED = [255, 0, 0] as const;
const BLUE = [0, 0, 255] as const;

async function picture(options: SeriesOptions, label: (x: number, y: number, z: number) => number) {
  const volume = await buildVolume(readSeries(options));
  const labels = labelsOf(volume, label);
  const colours = new Map<number, readonly [number, number, number]>([
    [1, RED],
    [2, BLUE],
  ]);
  return PNG.sync.read(Buffer.from(previewPng(volume, labels, colours)));
}

/** Labels by patient coordinates. */
function labelsOf(volume: Volume, label: (x: number, y: number, z: number) => number): Labels {
  const [slices, rows, columns] = volume.shape;
  const voxels = new Uint8Array(volume.voxels.length);
  const along = (axis: number, c: number, r: number, s: number) => {
    const [a = 0, b = 0, d = 0, e = 0] = volume.affine.slice(4 * axis, 4 * axis + 4);
    return a * c + b * r + d * s + e;
  };
  let i = 0;
  for (let s = 0; s < slices; s++)
    for (let r = 0; r < rows; r++)
      for (let c = 0; c < columns; c++)
        voxels[i++] = label(along(0, c, r, s), along(1, c, r, s), along(2, c, r, s));
  return {
    voxels,
    shape: volume.shape,
    structures: { 1: 'liver', 2: 'spleen' },
    run: {
      model: 'test',
      modelVersion: '1',
      modelHash: '',
      folds: [],
      engine: 'test',
      device: 'cpu',
      threads: 1,
      spacingMode: 'true',
      patches: 1,
      seconds: {},
    },
  };
}

/** Height of the three planes of a cube, and of the gap under them. */
const PLANES = 360;
const GAP = 6;

/** Mean position of the pixels of a colour inside a part of the planes, null when there are none. */
function centreOf(png: PNG, colour: readonly number[], from: number, to: number) {
  let [x, y, count] = [0, 0, 0];
  for (let row = 0; row < PLANES; row++) {
    for (let column = from; column < to; column++) {
      const at = 4 * (row * png.width + column);
      if (png.data[at] !== colour[0] || png.data[at + 2] !== colour[2]) continue;
      if (png.data[at + 1] !== colour[1]) continue;
      [x, y, count] = [x + column - from, y + row, count + 1];
    }
  }
  return count === 0 ? null : { x: x / count, y: y / count };
}

const CUBE = { slices: 20, rows: 20, columns: 20, spacing: [2, 2, 2] } as const;

/** Origins that put the same cube of the patient, -20 to 18 mm, into every kind of stack. */
const STACKS: readonly [string, SeriesOptions][] = [
  ['axial', { ...CUBE, orientation: 'axial', origin: [-20, -20, -20] }],
  ['coronal', { ...CUBE, orientation: 'coronal', origin: [-20, -20, 18] }],
  ['sagittal', { ...CUBE, orientation: 'sagittal', origin: [18, -20, 18] }],
  ['prone', { ...CUBE, orientation: [-1, 0, 0, 0, -1, 0], origin: [18, 18, -20] }],
];

describe('the preview', () => {
  it.each(STACKS)(
    '%s: left of the patient on the right, anterior and superior up, in all three planes',
    async (_, options) => {
      // Label 1: a block on the right, anterior, inferior; label 2 its opposite.
      const inside = (x: number, y: number, z: number) =>
        Math.max(Math.abs(x), Math.abs(y), Math.abs(z)) < 15;
      const png = await picture({ ...options, value: ({ row }) => 100 + row }, (x, y, z) =>
        inside(x, y, z) ? (x + y + z < 0 ? 1 : 2) : 0,
      );
      const width = (png.width - 12) / 3;
      const planes = [0, 1, 2].map((i) => Math.round(i * (width + 6)));
      for (const left of planes) {
        const first = centreOf(png, RED, left, left + Math.floor(width));
        const second = centreOf(png, BLUE, left, left + Math.floor(width));
        if (first === null || second === null) throw new Error('a structure is not drawn');
        expect(second.x).toBeGreaterThan(first.x);
        // y points down: posterior in the axial plane, inferior in the others.
        if (left === 0) expect(second.y).toBeGreaterThan(first.y);
        else expect(second.y).toBeLessThan(first.y);
      }
    },
  );

  it('keeps proportions of thick slices', async () => {
    const png = await picture({ slices: 10, rows: 40, columns: 40, spacing: [8, 2, 2] }, () => 0);
    // 80 mm each way: three squares, and under them two rows of five for the ten slices.
    expect(png.width).toBe(3 * PLANES + 2 * GAP);
    const tile = Math.floor((png.width - 4 * GAP) / 5);
    expect(png.height).toBe(PLANES + 2 * (tile + GAP));
  });

  it('shows soft tissue of CT, however dense the bones', async () => {
    const png = await picture(
      {
        ...CUBE,
        modality: 'CT',
        value: ({ row, slice }) => (row < 10 ? 1064 : slice % 2 === 0 ? 4000 : 0),
      },
      () => 0,
    );
    // 40 HU is the middle of the window from -160 to 240 HU.
    expect(Math.abs((png.data[4 * (10 * png.width + 10)] ?? 0) - 127.5)).toBeLessThanOrEqual(1);
  });

  it('draws outlines only, the inside stays grey', async () => {
    const png = await picture({ ...CUBE, origin: [-20, -20, -20] }, (x, y, z) =>
      Math.hypot(x, y, z) < 12 ? 1 : 0,
    );
    const middle = 4 * (Math.floor(PLANES / 2) * png.width + Math.floor(PLANES / 2));
    const [r, g, b] = png.data.subarray(middle, middle + 3);
    expect(r === g && g === b).toBe(true);
    expect(centreOf(png, RED, 0, PLANES)).not.toBeNull();
  });
});

describe('the mosaic under the planes', () => {
  /** Which of the colours are in each tile, from left to right and top to bottom. */
  function tiles(png: PNG): string[] {
    const tile = Math.floor((png.width - 4 * GAP) / 5);
    const rows = Math.round((png.height - PLANES) / (tile + GAP));
    return Array.from({ length: 5 * rows }, (_, i) => {
      const left = (i % 5) * (tile + GAP);
      const top = PLANES + GAP + Math.floor(i / 5) * (tile + GAP);
      let found = 0;
      for (let y = top; y < top + tile; y++)
        for (let x = left; x < left + tile; x++) {
          const [r, g, b] = png.data.subarray(4 * (y * png.width + x), 4 * (y * png.width + x) + 3);
          if (r === RED[0] && g === RED[1] && b === RED[2]) found |= 1;
          if (r === BLUE[0] && g === BLUE[1] && b === BLUE[2]) found |= 2;
        }
      return ['', 'red', 'blue', 'both'][found] ?? '';
    });
  }

  it.each(STACKS)(
    'of an %s stack goes through the segmented part from the head down',
    async (_, options) => {
      // Slices from -8 to 10 mm are segmented: ten of twenty, blue above and red below.
      const png = await picture({ ...options, value: ({ row }) => 100 + row }, (x, y, z) =>
        Math.max(Math.abs(x), Math.abs(y)) < 10 && z > -9 && z < 11 ? (z > 0 ? 2 : 1) : 0,
      );
      expect(tiles(png)).toEqual([
        ...Array<string>(5).fill('blue'),
        ...Array<string>(5).fill('red'),
      ]);
    },
  );

  it('shows all of the scan where nothing was found, in fifteen slices at most', async () => {
    const png = await picture(CUBE, () => 0);
    expect(tiles(png)).toEqual(Array<string>(15).fill(''));
  });
});

describe('the marks of a plane', () => {
  it('say where it lies in the patient', async () => {
    const volume = await buildVolume(
      readSeries({ ...CUBE, orientation: 'coronal', origin: [-20, -20.25, 18] }),
    );
    // A coronal stack ascends along the normal of its rows and columns, here toward posterior.
    expect(slicePlaceText(volume.affine, volume.shape, 0)).toBe('A 20.3');
    expect(slicePlaceText(volume.affine, volume.shape, 19)).toBe('P 17.8');
    expect(sliceSides(volume.affine)).toEqual({ left: 'R', right: 'L', bottom: 'I' });
  });
});

describe('patient axes', () => {
  it.each([
    ['axial', [2, 1, 0], [1, 1, 1]],
    ['coronal', [2, 0, 1], [1, 1, -1]],
    ['sagittal', [0, 2, 1], [-1, 1, -1]],
  ] as const)('of a %s stack', async (orientation, arrayAxes, signs) => {
    const { affine } = await buildVolume(readSeries({ orientation }));
    expect(patientAxes(affine).map(({ arrayAxis }) => arrayAxis)).toEqual(arrayAxes);
    expect(patientAxes(affine).map(({ sign }) => sign)).toEqual(signs);
  });

  it('resolves ties as ITK: the larger patient axis, then the larger array axis', () => {
    const h = Math.SQRT1_2;
    const affine = [1, 0, 0, 0, 0, h, -h, 0, 0, h, h, 0, 0, 0, 0, 1];
    // Superior takes the slice axis (h on both rows and slices), posterior what is left.
    expect(patientAxes(affine)).toEqual([
      { arrayAxis: 2, sign: 1 },
      { arrayAxis: 1, sign: 1 },
      { arrayAxis: 0, sign: 1 },
    ]);
  });
});
