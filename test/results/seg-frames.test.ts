import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { Labels, Volume } from '../../src/contracts/index.ts';
import { encodeSeg } from '../../src/results/index.ts';
import {
  rawFrame,
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { makeLabels, makeVolume } from '../support/volume.ts';

interface Frame {
  readonly segment: number;
  readonly label: number;
  readonly slice: number;
  readonly index: readonly number[];
  readonly pixels: readonly number[];
}

/** The frames of a segmentation as a reader sees them: dcmjs for the data set, bits by hand. */
function framesOf(dataset: RawDataset, volume: Volume): Frame[] {
  const labels = rawItems(dataset, '00620002').map((segment) =>
    Number(/^Label (\d+) /.exec(rawTexts(segment, '00620006')[0] ?? '')?.[1]),
  );
  return rawItems(dataset, '52009230').map((frame, number) => {
    const [derivation] = rawItems(frame, '00089124');
    const [source] = rawItems(derivation, '00082112');
    const uid = rawTexts(source, '00081155')[0];
    const segment = Number(rawValue(rawItems(frame, '0062000A')[0], '0062000B'));
    return {
      segment,
      label: labels[segment - 1] ?? 0,
      slice: volume.slices.findIndex(({ sopInstanceUid }) => sopInstanceUid === uid),
      index: (rawItems(frame, '00209111')[0]?.['00209157']?.Value ?? []) as number[],
      pixels: rawFrame(dataset, number),
    };
  });
}

function rebuilt(frames: readonly Frame[], volume: Volume): number[] {
  const [slices, rows, columns] = volume.shape;
  const voxels = new Array<number>(slices * rows * columns).fill(0);
  for (const { label, slice, pixels } of frames) {
    pixels.forEach((bit, pixel) => {
      if (bit === 1) voxels[slice * rows * columns + pixel] = label;
    });
  }
  return voxels;
}

function encoded(volume: Volume, labels: Labels): RawDataset {
  return readRaw(encodeSeg(makeResultInput(volume, labels)).bytes);
}

describe('frames of the segmentation', () => {
  it.each([
    ['an area that is no multiple of 8', [6, 11, 13]],
    ['whole bytes a frame', [5, 8, 12]],
    ['an odd count of bytes a frame', [3, 8, 5]],
    ['a single slice', [1, 4, 4]],
    ['a single pixel a frame', [9, 1, 1]],
  ] as const)('equal the label volume voxel for voxel with %s', (_name, shape) => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(0, 0, 0, 1, 2, 5, 17, 40), {
          minLength: shape[0] * shape[1] * shape[2],
          maxLength: shape[0] * shape[1] * shape[2],
        }),
        (values) => {
          fc.pre(values.some((value) => value !== 0));
          const volume = makeVolume({ shape });
          const labels = {
            ...makeLabels(volume, STRUCTURE_NAMES, () => 0),
            voxels: Uint8Array.from(values),
          };
          const dataset = encoded(volume, labels);
          expect(rebuilt(framesOf(dataset, volume), volume)).toEqual(values);
        },
      ),
      { seed: 3, numRuns: 15 },
    );
  });

  it('equal a label volume that is a view into another buffer at an odd offset', () => {
    const volume = makeVolume({ shape: [2, 8, 8] });
    const plain = makeLabels(volume, STRUCTURE_NAMES, (column, row) => (column > row ? 3 : 0));
    const voxels = new Uint8Array(129).subarray(1);
    voxels.set(plain.voxels);
    const dataset = encoded(volume, { ...plain, voxels });
    expect(rebuilt(framesOf(dataset, volume), volume)).toEqual([...plain.voxels]);
  });

  it('are those with a voxel and no others, by segment and then along the normal', () => {
    const volume = makeVolume();
    const places: readonly (readonly [number, number])[] = [
      [40, 1],
      [3, 5],
      [3, 2],
      [40, 4],
      [17, 2],
    ];
    const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) => {
      const index = places.findIndex(
        ([, at], place) => at === slice && column === place && row === 3,
      );
      return places[index]?.[0] ?? 0;
    });
    const frames = framesOf(encoded(volume, labels), volume);
    expect(frames.map(({ label, slice }) => [label, slice])).toEqual([
      [3, 2],
      [3, 5],
      [17, 2],
      [40, 1],
      [40, 4],
    ]);
    expect(frames.every(({ pixels }) => pixels.includes(1))).toBe(true);
    expect(frames.map(({ index }) => index)).toEqual([
      [1, 2],
      [1, 4],
      [2, 2],
      [3, 1],
      [3, 3],
    ]);
  });

  it('leave the bits after the last pixel 0 in an even count of bytes', () => {
    const volume = makeVolume({ shape: [3, 3, 3] });
    const dataset = encoded(
      volume,
      makeLabels(volume, STRUCTURE_NAMES, () => 1),
    );
    const pixels = rawValue(dataset, '7FE00010') as Uint8Array;
    const bytes = new Uint8Array(pixels);
    expect([...bytes]).toEqual([0xff, 0xff, 0xff, 0b111]);
  });

  it('refuse labels on another grid, labels without a name and empty labels', () => {
    const volume = makeVolume();
    const labels = makeLabels(volume, STRUCTURE_NAMES, () => 1);
    const expectCode = (changed: Labels, code: string): void => {
      expect(() => encodeSeg(makeResultInput(volume, changed))).toThrow(
        expect.objectContaining({ code }),
      );
    };
    expectCode({ ...labels, shape: [6, 13, 11] }, 'LABELS_SHAPE');
    expectCode({ ...labels, structures: { 2: 'liver' } }, 'INVALID_LABEL');
    expectCode({ ...labels, structures: { 1: 'appendix' } }, 'UNKNOWN_STRUCTURE');
    expectCode(
      makeLabels(volume, STRUCTURE_NAMES, () => 0),
      'EMPTY_SEGMENTATION',
    );
  });
});
