import { describe, expect, it } from '@jest/globals';
import type { Affine } from '../../../src/contracts/index.ts';
import {
  cropView,
  gatherView,
  lpsOrientation,
  lpsView,
  permute,
  readerView,
  transposeView,
} from '../../../src/segmentation/preprocess/grid-view.ts';
import { toldSpacing } from '../../../src/segmentation/preprocess/preprocess.ts';
import { errorCode } from '../support/errors.ts';
import { noise } from '../support/nnunet-folder.ts';

type Matrix = readonly (readonly number[])[];

/** Affine (column, row, slice) → LPS with the given direction cosines D[physical][image axis]. */
const affineOf = (direction: Matrix, spacing = [1, 1, 1]): Affine => [
  ...direction.flatMap((row) => [...row.map((value, c) => value * (spacing[c] ?? 1)), 0]),
  ...[0, 0, 0, 1],
];

const PERMUTATIONS = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

/** All 48 axis codes: image axis c runs along physical axis `order[c]`, with a sign. */
const CODES = PERMUTATIONS.flatMap((order) =>
  Array.from({ length: 8 }, (_, bits) => {
    const direction = [0, 1, 2].map((p) =>
      [0, 1, 2].map((c) => (order[c] === p ? ((bits >> c) & 1 ? -1 : 1) : 0)),
    );
    return { order, bits, direction };
  }),
);

describe('turning to LPS', () => {
  it.each(CODES)(
    'turns axis code $order/$bits so that every voxel keeps its place',
    ({ direction }) => {
      const shape = [2, 3, 4] as const;
      const view = lpsView(lpsOrientation(affineOf(direction)), shape);
      const source = Float32Array.from({ length: 24 }, (_, i) => i);
      const turned = gatherView(source, view);
      const seen = new Set(turned);
      expect(seen.size).toBe(24);
      const rows: Matrix = direction;
      const place = (index: number): number[] => {
        const image: number[] = [index % 4, Math.floor(index / 4) % 3, Math.floor(index / 12)];
        return rows.map((row) => row.reduce((sum, value, c) => sum + value * (image[c] ?? 0), 0));
      };
      const [, n1, n2] = view.shape;
      const origin = place(turned[0] ?? 0);
      turned.forEach((index, at) => {
        const steps = [at % n2, Math.floor(at / n2) % n1, Math.floor(at / (n1 * n2))];
        expect(place(index)).toEqual(origin.map((value, p) => value + (steps[p] ?? 0)));
      });
    },
  );

  it('writes back through the same view exactly', () => {
    const shape = [3, 4, 5] as const;
    for (const { direction } of CODES) {
      const lps = lpsView(lpsOrientation(affineOf(direction)), shape);
      const view = transposeView(lps, [2, 0, 1]);
      const source = Float32Array.from({ length: 60 }, (_, i) => i);
      const turned = gatherView(source, view);
      const back = new Float32Array(60);
      let at = 0;
      for (let a = 0; a < view.shape[0]; a += 1) {
        for (let b = 0; b < view.shape[1]; b += 1) {
          for (let c = 0; c < view.shape[2]; c += 1) {
            back[view.base + a * view.stride[0] + b * view.stride[1] + c * view.stride[2]] =
              turned[at] ?? -1;
            at += 1;
          }
        }
      }
      expect(back).toEqual(source);
    }
  });

  it('gives each image axis to the physical axis it is nearest to, for 300 small tilts', () => {
    const random = noise(5);
    for (let round = 0; round < 300; round += 1) {
      const { direction } = CODES[round % CODES.length] ?? { direction: [] };
      const tilted = direction.map((row) => row.map((value) => value + random() * 0.3));
      expect(lpsOrientation(affineOf(tilted))).toEqual(lpsOrientation(affineOf(direction)));
    }
  });

  it.each([[[1, 1, 1]], [[0.7, 0.9, 3.3]]])(
    'breaks ties by the later physical axis, then the later image axis, as ITK (spacing %j)',
    (spacing) => {
      const h = Math.SQRT1_2;
      const tie = [
        [0.5, 0.5, -h],
        [0.5, 0.5, h],
        [h, -h, 0],
      ];
      expect(lpsOrientation(affineOf(tie, spacing))).toEqual({
        axes: [1, 0, 2],
        flipped: [true, false, false],
      });
    },
  );

  it.each([0, Number.NaN, Number.POSITIVE_INFINITY])('refuses an axis of length %d', (length) => {
    const { direction } = CODES[0] ?? { direction: [] };
    const code = errorCode(() => lpsOrientation(affineOf(direction, [1, length, 1])));
    expect(code).toBe('VOLUME_GEOMETRY_INVALID');
  });

  it('is not fooled by spacing', () => {
    const { direction } = CODES[13] ?? { direction: [] };
    expect(lpsOrientation(affineOf(direction, [0.5, 9, 3]))).toEqual(
      lpsOrientation(affineOf(direction)),
    );
  });

  it('tells the spacing of the turned axes, or as MRSegmentator 1.2.3 did', () => {
    const sagittal = [
      [0, 0, 1],
      [1, 0, 0],
      [0, -1, 0],
    ];
    const grid = {
      shape: [10, 20, 30] as const,
      affine: affineOf(sagittal, [0.9, 0.8, 4]),
      spacing: [4, 0.8, 0.9] as const,
    };
    expect(toldSpacing(grid, 'true')).toEqual([0.8, 0.9, 4]);
    expect(toldSpacing(grid, 'v1.2.3')).toEqual([4, 0.8, 0.9]);
  });

  it('crops and transposes as arrays do', () => {
    const view = lpsView({ axes: [0, 1, 2], flipped: [false, false, false] }, [2, 3, 4]);
    const source = Float32Array.from({ length: 24 }, (_, i) => i);
    const box = cropView(view, [
      [1, 2],
      [0, 2],
      [1, 3],
    ]);
    expect([...gatherView(source, box)]).toEqual([13, 14, 17, 18]);
    expect([...gatherView(source, transposeView(box, [2, 1, 0]))]).toEqual([13, 17, 14, 18]);
    expect(permute(['a', 'b', 'c'], [2, 0, 1])).toEqual(['c', 'a', 'b']);
  });
});

describe('turning for readers that hold RAS', () => {
  it.each(CODES)('turns axis code $order/$bits to the mirror image in x and y', ({ direction }) => {
    const shape = [2, 3, 4] as const;
    const affine = affineOf(direction);
    const source = Float32Array.from({ length: 24 }, (_, i) => i);
    const lps = readerView(affine, shape, 'LPS');
    expect(lps).toEqual(lpsView(lpsOrientation(affine), shape));
    const plain = gatherView(source, lps);
    const view = readerView(affine, shape, 'RAS');
    const [n0, n1, n2] = view.shape;
    const expected = Float32Array.from({ length: n0 * n1 * n2 }, (_, at) => {
      const [z, y, x] = [Math.floor(at / (n1 * n2)), Math.floor(at / n2) % n1, at % n2];
      return plain[(z * n1 + n1 - 1 - y) * n2 + n2 - 1 - x] ?? Number.NaN;
    });
    expect(gatherView(source, view)).toEqual(expected);
  });
});
