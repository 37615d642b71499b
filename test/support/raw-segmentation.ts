import { rawItems, rawTexts, rawValue, readRaw, type RawDataset } from './dicom-objects.ts';

export type Point = readonly [number, number, number];

/** A frame of a BINARY segmentation as its attributes and bits say, read without any code of Situs. */
export interface RawFrame {
  readonly segment: number;
  readonly index: readonly number[];
  readonly position: readonly string[];
  /** Items of Source Image Sequence: instance and frame number. */
  readonly sources: readonly { readonly uid: string; readonly frame: number | null }[];
  readonly pixels: Uint8Array;
}

export interface RawGeometry {
  readonly rows: number;
  readonly columns: number;
  readonly orientation: readonly number[];
  /** [between rows, between columns] in mm. */
  readonly pixelSpacing: readonly number[];
  readonly sliceSpacing: number;
}

/** Geometry that all frames share. */
export function rawGeometry(dataset: RawDataset): RawGeometry {
  const [shared] = rawItems(dataset, '52009229');
  const [measures] = rawItems(shared, '00289110');
  return {
    rows: Number(rawValue(dataset, '00280010')),
    columns: Number(rawValue(dataset, '00280011')),
    orientation: rawTexts(rawItems(shared, '00209116')[0], '00200037').map(Number),
    pixelSpacing: rawTexts(measures, '00280030').map(Number),
    sliceSpacing: Number(rawTexts(measures, '00180088')[0]),
  };
}

/** The frames of a segmentation; bits from the least significant one (PS3.5 8.2). */
export function rawFrames(dataset: RawDataset): RawFrame[] {
  const { rows, columns } = rawGeometry(dataset);
  const area = rows * columns;
  const stored = rawValue(dataset, '7FE00010');
  const bytes = stored instanceof Uint8Array ? stored : new Uint8Array(stored as ArrayBuffer);
  return rawItems(dataset, '52009230').map((frame, number) => {
    const pixels = new Uint8Array(area);
    for (let pixel = 0; pixel < area; pixel += 1) {
      const bit = number * area + pixel;
      pixels[pixel] = ((bytes[bit >>> 3] ?? 0) >>> (bit & 7)) & 1;
    }
    return {
      segment: Number(rawValue(rawItems(frame, '0062000A')[0], '0062000B')),
      index: (rawItems(frame, '00209111')[0]?.['00209157']?.Value ?? []) as number[],
      position: rawTexts(rawItems(frame, '00209113')[0], '00200032'),
      sources: rawItems(rawItems(frame, '00089124')[0], '00082112').map((item) => {
        const [frameNumber] = rawTexts(item, '00081160');
        return {
          uid: rawTexts(item, '00081155')[0] ?? '',
          frame: frameNumber === undefined ? null : Number(frameNumber),
        };
      }),
      pixels,
    };
  });
}

/** A single-frame source slice with its values after rescaling. */
export interface RawSlice {
  readonly uid: string;
  readonly position: readonly string[];
  readonly values: Float64Array;
}

/** Slices of a classic series in explicit little endian, ascending along the normal. */
export function rawSource(files: readonly Uint8Array[]): RawSlice[] {
  const slices = files.map((file) => {
    const dataset = readRaw(file);
    const slope = Number(rawTexts(dataset, '00281053')[0] ?? 1);
    const intercept = Number(rawTexts(dataset, '00281052')[0] ?? 0);
    const isSigned = Number(rawValue(dataset, '00280103')) === 1;
    const stored = rawValue(dataset, '7FE00010');
    const bytes = stored instanceof Uint8Array ? stored : new Uint8Array(stored as ArrayBuffer);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const count = Number(rawValue(dataset, '00280010')) * Number(rawValue(dataset, '00280011'));
    const position = rawTexts(dataset, '00200032');
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = rawTexts(dataset, '00200037').map(Number);
    const normal = [b * f - c * e, c * d - a * f, a * e - b * d];
    return {
      uid: rawTexts(dataset, '00080018')[0] ?? '',
      position,
      distance: position.reduce((sum, at, axis) => sum + Number(at) * (normal[axis] ?? 0), 0),
      values: Float64Array.from({ length: count }, (_, index) => {
        const raw = isSigned ? view.getInt16(index * 2, true) : view.getUint16(index * 2, true);
        return raw * slope + intercept;
      }),
    };
  });
  return slices.sort((one, other) => one.distance - other.distance);
}

/** Patient position of a pixel (PS3.3 C.7.6.2.1.1). */
export function pixelPoint(
  { orientation, pixelSpacing }: RawGeometry,
  position: readonly string[],
  column: number,
  row: number,
): Point {
  const [between = 0, along = 0] = pixelSpacing;
  const axis = (index: number): number =>
    Number(position[index]) +
    (orientation[index] ?? 0) * along * column +
    (orientation[index + 3] ?? 0) * between * row;
  return [axis(0), axis(1), axis(2)];
}

export function distance(one: Point, other: Point): number {
  return Math.hypot(...one.map((value, axis) => value - (other[axis] ?? 0)));
}
