import { describe, expect, it } from '@jest/globals';
import { encodeSeg } from '../../src/results/index.ts';
import { rawItems, readRaw } from '../support/dicom-objects.ts';
import { makeResultInput } from '../support/results.ts';
import { STRUCTURE_NAMES } from '../support/structures.ts';
import { viewSegmentation } from '../support/viewer.ts';
import { makeLabels, makeVolume, type VolumeOptions } from '../support/volume.ts';

const CASES: readonly (readonly [string, VolumeOptions])[] = [
  ['an oblique MR', { shape: [6, 16, 8] }],
  ['a coronal CT', { modality: 'CT', shape: [4, 16, 16], row: [1, 0, 0], column: [0, 0, -1] }],
  ['a multi-frame MR', { shape: [5, 16, 8], frameNumbers: [14, 11, 8, 5, 2] }],
];

describe.each(CASES)('cornerstone (OHIF) and the segmentation of %s', (_name, options) => {
  const volume = makeVolume(options);
  const labels = makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) =>
    slice === 1 ? 0 : ([0, 2, 5, 40][(column + 2 * row + slice) % 4] ?? 0),
  );

  it.each(['BINARY', 'LABELMAP'] as const)(
    'shows our labels, colours and voxels from %s',
    async (encoding) => {
      const { bytes } = encodeSeg({ ...makeResultInput(volume, labels), encoding });
      const viewed = await viewSegmentation(bytes, volume);
      const numbers = encoding === 'BINARY' ? [1, 2, 3] : [2, 5, 40];
      const described = viewed.segments.filter(({ number }) => number > 0);
      expect(described).toEqual([
        { number: numbers[0], label: 'right_kidney' },
        { number: numbers[1], label: 'liver' },
        { number: numbers[2], label: 'right_gluteus_minimus' },
      ]);
      const written = rawItems(readRaw(bytes), '00620002').map((item) => item['0062000D']?.Value);
      expect(viewed.cielab.map((colour) => [...colour])).toEqual(written);
      const area = volume.shape[1] * volume.shape[2];
      const expected = volume.slices.map((_slice, index) =>
        [...labels.voxels.subarray(index * area, (index + 1) * area)].map((label) =>
          label === 0 ? 0 : (numbers[[2, 5, 40].indexOf(label)] ?? 0),
        ),
      );
      expect(viewed.slices.map((slice) => [...slice])).toEqual(expected);
    },
  );
});
