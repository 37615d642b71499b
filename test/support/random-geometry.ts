import fc from 'fast-check';
import type { Labels, Volume } from '../../src/contracts/index.ts';
import { buildVolume, readInstance } from '../../src/imaging/index.ts';
import { makeSeries, TRANSFER_SYNTAX, type SeriesOptions } from './dicom.ts';
import { STRUCTURE_NAMES } from './structures.ts';
import { makeLabels } from './volume.ts';

/** A series whose every property of geometry and storage is drawn at random. */
export interface RandomSeries {
  readonly options: SeriesOptions;
  /** A slice in the middle that was lost; null when the series is whole. */
  readonly lost: number | null;
  /** Slices without any structure. */
  readonly empty: readonly number[];
}

const NAMES: readonly (readonly [string, string])[] = [
  ['ISO_IR 192', 'Müller^Änne'],
  ['ISO_IR 192', 'Yamada^Tarou=山田^太郎=やまだ^たろう'],
  ['ISO_IR 192', 'Иванов^Пётр'],
  ['ISO_IR 192', ''],
];

/** A rotation from four numbers, as the direction of rows and columns. */
const orientation = fc
  .tuple(...Array.from({ length: 4 }, () => fc.double({ min: -1, max: 1, noNaN: true })))
  .filter((q) => Math.hypot(...q) > 0.1)
  .map((q): number[] => {
    const length = Math.hypot(...q);
    const [w = 1, x = 0, y = 0, z = 0] = q.map((part) => part / length);
    return [
      1 - 2 * (y * y + z * z),
      2 * (x * y + w * z),
      2 * (x * z - w * y),
      2 * (x * y - w * z),
      1 - 2 * (x * x + z * z),
      2 * (y * z + w * x),
    ];
  });

const millimetres = (min: number, max: number): fc.Arbitrary<number> =>
  fc.double({ min, max, noNaN: true });

export const randomSeries: fc.Arbitrary<RandomSeries> = fc
  .record({
    modality: fc.constantFrom('CT' as const, 'MR' as const),
    enhanced: fc.boolean(),
    slices: fc.integer({ min: 2, max: 9 }),
    rows: fc.integer({ min: 3, max: 17 }),
    columns: fc.integer({ min: 3, max: 17 }),
    orientation: fc.oneof(fc.constantFrom('axial' as const, 'coronal', 'sagittal'), orientation),
    spacing: fc.tuple(millimetres(0.5, 12), millimetres(0.3, 4), millimetres(0.3, 4)),
    origin: fc.tuple(millimetres(-400, 400), millimetres(-400, 400), millimetres(-1500, 1500)),
    order: fc.constantFrom('ascending' as const, 'descending', 'shuffled'),
    signed: fc.boolean(),
    bitsStored: fc.constantFrom(12, 16),
    slope: fc.constantFrom(1, 0.5, 2.4419),
    intercept: fc.constantFrom(0, -1024, 17),
    syntax: fc.constantFrom(...Object.values(TRANSFER_SYNTAX)),
    name: fc.constantFrom(...NAMES),
    loss: fc.integer({ min: 0, max: 9 }),
    empty: fc.array(fc.integer({ min: 0, max: 8 }), { maxLength: 4 }),
  })
  .map((drawn) => {
    const { slope, intercept, syntax, name, loss, empty, ...options } = drawn;
    const bias = drawn.signed ? 2 ** (drawn.bitsStored - 1) : 0;
    const lossy = loss === 0 && drawn.slices > 4 && !drawn.enhanced;
    return {
      options: {
        ...options,
        transferSyntax: syntax,
        rescale: (slice) => ({
          slope: slope * (drawn.modality === 'MR' ? 1 + slice : 1),
          intercept,
        }),
        value: ({ slice, row, column }) =>
          ((slice * 97 + row * 13 + column * 3) % 900) - (bias > 0 && column % 2 === 0 ? 450 : 0),
        header: { SpecificCharacterSet: name[0], PatientName: name[1] },
      },
      lost: lossy ? 2 : null,
      empty,
    };
  });

/** The volume as the imaging room reads it from the files. */
export async function readRandomSeries({ options, lost }: RandomSeries): Promise<Volume> {
  const lostUid =
    lost === null
      ? null
      : makeSeries({ ...options, order: 'ascending' }).instances[lost]?.sopInstanceUid;
  const files = makeSeries(options).instances.filter(
    ({ sopInstanceUid }) => sopInstanceUid !== lostUid,
  );
  return buildVolume(files.map(({ bytes }) => readInstance(bytes)));
}

/** Labels that touch every corner and leave the drawn slices empty, but never all. */
export function randomLabels(volume: Volume, { empty }: RandomSeries): Labels {
  return makeLabels(volume, STRUCTURE_NAMES, (column, row, slice) => {
    if (slice > 0 && empty.includes(slice)) return 0;
    return (column * 5 + row * 3 + slice * 7) % 4 === 0 ? 1 + ((column + row + slice) % 40) : 0;
  });
}
