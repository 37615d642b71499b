import { describe, expect, it } from '@jest/globals';
import { readNiftiLabels, writeNifti } from '../../src/imaging/index.ts';

const SHAPE = [1, 2, 3] as const;
const AFFINE = [2, 0, 0, -5, 0, 2, 0, 7, 0, 0, 4, 1, 0, 0, 0, 1];
const BYTES = writeNifti({
  voxels: Uint8Array.of(0, 1, 2, 3, 200, 2),
  shape: SHAPE,
  affine: AFFINE,
});
/** 1 → 7, 2 → 9, everything else is not wanted. */
const TABLE = Uint8Array.of(0, 7, 9);

/** The same file with its voxels stored as another type (NIfTI code, bytes a voxel). */
function stored(
  code: number,
  width: number,
  write: (view: DataView, at: number, value: number) => void,
  values: readonly number[],
): Uint8Array {
  const file = new Uint8Array(352 + values.length * width);
  file.set(BYTES.subarray(0, 352));
  const view = new DataView(file.buffer);
  view.setInt16(70, code, true);
  view.setInt16(72, 8 * width, true);
  values.forEach((value, index) => write(view, 352 + index * width, value));
  return file;
}

const int16 = (values: readonly number[]): Uint8Array =>
  stored(4, 2, (view, at, value) => view.setInt16(at, value, true), values);
const float64 = (values: readonly number[]): Uint8Array =>
  stored(64, 8, (view, at, value) => view.setFloat64(at, value, true), values);

describe('label files', () => {
  const values = [0, 1, 2, 3, 200, 2];
  const files: readonly (readonly [string, Uint8Array])[] = [
    ['bytes', BYTES],
    ['gzip', writeNifti({ voxels: Uint8Array.from(values), shape: SHAPE, affine: AFFINE }, { gzip: true })],
    ['16-bit numbers', int16(values)],
    ['64-bit floats that miss by rounding', float64(values.map((value) => value + 1e-5))],
  ]; // prettier-ignore
  it.each(files)(
    'of %s become what the table says, and tell which labels they hold',
    (_what, file) => {
      const labels = readNiftiLabels(file, TABLE);
      expect([...labels.voxels]).toEqual([0, 7, 9, 0, 0, 9]);
      expect(labels.values).toEqual([1, 2, 3, 200]);
      expect(labels.shape).toEqual(SHAPE);
      labels.affine.forEach((value, index) => expect(value).toBeCloseTo(AFFINE[index] ?? 0, 5));
    },
  );

  const images: readonly (readonly [string, Uint8Array])[] = [
    ['a fraction', float64([0, 0.5, 1, 1, 1, 1])],
    ['no number', float64([0, Number.NaN, 1, 1, 1, 1])],
    ['a negative value', int16([0, -1024, 1, 1, 1, 1])],
    ['a value above 65535', float64([0, 70_000, 1, 1, 1, 1])],
  ];
  it.each(images)('with %s are refused: that is an image', (_what, file) => {
    expect(() => readNiftiLabels(file, TABLE)).toThrow(
      expect.objectContaining({ code: 'NOT_LABELS' }),
    );
  });
});
