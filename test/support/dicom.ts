import type { DicomJson } from '../../src/contracts/index.ts';

import { TRANSFER_SYNTAX, testUid, textOf, toDicomJson, writePart10 } from './dicom-write.ts';
import type { TestDataset } from './dicom-write.ts';

export {
  TRANSFER_SYNTAX,
  decimalString,
  testUid,
  toDicomJson,
  writePart10,
} from './dicom-write.ts';
export type { TestDataset, TestValue } from './dicom-write.ts';

type Three = readonly [number, number, number];

/** Which voxel a stored value is asked for; slices ascend along the normal. */
export interface TestVoxel {
  readonly slice: number;
  readonly row: number;
  readonly column: number;
  /** Index into `stacks`. */
  readonly stack: number;
}

export interface SeriesOptions {
  /** Makes the UIDs of this series different from those of another. */
  readonly seed?: string;
  readonly studySeed?: string;
  readonly modality?: 'CT' | 'MR';
  readonly slices?: number;
  readonly rows?: number;
  readonly columns?: number;
  /** A plane, or the six direction cosines of Image Orientation (Patient). */
  readonly orientation?: keyof typeof ORIENTATIONS | readonly number[];
  /** Centre-to-centre distances in mm of [slices, rows, columns]. */
  readonly spacing?: Three;
  /** Image Position (Patient) of the first slice along the normal. */
  readonly origin?: Three;
  /** The order in which instances are numbered and returned; positions are the same in every case. */
  readonly order?: 'ascending' | 'descending' | 'shuffled';
  /** Attributes of each stack of the series, e.g. `[{ EchoTime: 2.3 }, { EchoTime: 4.6 }]`. */
  readonly stacks?: readonly TestDataset[];
  readonly bitsAllocated?: 8 | 16 | 32;
  readonly bitsStored?: number;
  readonly signed?: boolean;
  readonly rescale?: (slice: number) => { readonly slope: number; readonly intercept: number };
  /** The stored value of a voxel; default a value that is different for neighbours. */
  readonly value?: (voxel: TestVoxel) => number;
  /** Attributes of every instance, over the defaults; `undefined` takes one away. */
  readonly header?: Readonly<Record<string, TestDataset[string] | undefined>>;
  readonly perSlice?: (
    slice: number,
    stack: number,
  ) => Readonly<Record<string, TestDataset[string] | undefined>>;
  /** Replaces the regular position of a slice. */
  readonly position?: (slice: number, regular: Three) => Three;
  readonly transferSyntax?: string;
  /** One Enhanced MR or CT instance with functional groups instead of single-frame instances. */
  readonly enhanced?: boolean;
}

export interface TestInstance {
  readonly sopInstanceUid: string;
  readonly dataset: TestDataset;
  readonly bytes: Uint8Array;
}

export interface TestSeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
  readonly instances: readonly TestInstance[];
  /** What WADO-RS metadata says of the instances. */
  readonly metadata: readonly DicomJson[];
}

export const ORIENTATIONS = {
  axial: [1, 0, 0, 0, 1, 0],
  coronal: [1, 0, 0, 0, 0, -1],
  sagittal: [0, 1, 0, 0, 0, -1],
} as const;

const SOP_CLASS = {
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  enhancedCT: '1.2.840.10008.5.1.4.1.1.2.1',
  enhancedMR: '1.2.840.10008.5.1.4.1.1.4.1',
} as const;

interface Frame {
  readonly slice: number;
  readonly stack: number;
  readonly position: Three;
  readonly pixels: Uint8Array;
}

/** A series of Part 10 files with known geometry and voxels. Everything is the same for the same options. */
export function makeSeries(options: SeriesOptions = {}): TestSeries {
  const seed = options.seed ?? 'series';
  const studyInstanceUid = testUid('study', options.studySeed ?? 'study');
  const seriesInstanceUid = testUid('series', seed);
  const frameOfReferenceUid = testUid('frame-of-reference', seed);
  const frames = makeFrames(options);
  const common = commonAttributes(options, {
    StudyInstanceUID: studyInstanceUid,
    SeriesInstanceUID: seriesInstanceUid,
    FrameOfReferenceUID: frameOfReferenceUid,
  });
  const instances = options.enhanced
    ? [enhancedInstance(options, seed, common, frames)]
    : frames.map((frame, index) => classicInstance(options, seed, common, frame, index));
  return {
    studyInstanceUid,
    seriesInstanceUid,
    frameOfReferenceUid,
    instances,
    metadata: instances.map(({ dataset }) => toDicomJson(dataset)),
  };
}

/** The stored value that `makeSeries` writes unless told otherwise. */
export function defaultValue({ slice, row, column, stack }: TestVoxel): number {
  return (slice * 97 + row * 13 + column * 3 + stack * 500) % 1024;
}

function makeFrames(options: SeriesOptions): readonly Frame[] {
  const slices = options.slices ?? 5;
  const stacks = options.stacks?.length ?? 1;
  const step = options.spacing?.[0] ?? 3;
  const origin = options.origin ?? [-20, -15, -30];
  const normal = normalOf(orientationOf(options));
  const frames: Frame[] = [];
  for (let slice = 0; slice < slices; slice++) {
    for (let stack = 0; stack < stacks; stack++) {
      const regular: Three = [
        origin[0] + normal[0] * step * slice,
        origin[1] + normal[1] * step * slice,
        origin[2] + normal[2] * step * slice,
      ];
      const position = options.position?.(slice, regular) ?? regular;
      frames.push({ slice, stack, position, pixels: framePixels(options, slice, stack) });
    }
  }
  if (options.order === 'descending') return frames.reverse();
  return options.order === 'shuffled' ? shuffled(frames) : frames;
}

function framePixels(options: SeriesOptions, slice: number, stack: number): Uint8Array {
  const rows = options.rows ?? 8;
  const columns = options.columns ?? 10;
  const bytes = (options.bitsAllocated ?? 16) / 8;
  const value = options.value ?? defaultValue;
  const pixels = new DataView(new ArrayBuffer(rows * columns * bytes));
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const stored = value({ slice, row, column, stack });
      const offset = (row * columns + column) * bytes;
      if (bytes === 1) pixels.setUint8(offset, stored);
      else if (bytes === 2) pixels.setUint16(offset, stored, true);
      else pixels.setUint32(offset, stored, true);
    }
  }
  return new Uint8Array(pixels.buffer);
}

function commonAttributes(options: SeriesOptions, uids: TestDataset): TestDataset {
  const modality = options.modality ?? 'MR';
  const bitsAllocated = options.bitsAllocated ?? 16;
  const bitsStored = options.bitsStored ?? Math.min(bitsAllocated, 16);
  return {
    SpecificCharacterSet: 'ISO_IR 192',
    ImageType: ['ORIGINAL', 'PRIMARY', modality === 'CT' ? 'AXIAL' : 'M'],
    StudyDate: '20261102',
    StudyTime: '101500',
    SeriesDate: '20261102',
    SeriesTime: '101900',
    AcquisitionDate: '20261102',
    AcquisitionTime: '101900',
    ContentDate: '20261102',
    ContentTime: '101900',
    AccessionNumber: 'ACC0001',
    Modality: modality,
    Manufacturer: 'Situs test',
    ManufacturerModelName: 'Phantom',
    ReferringPhysicianName: '',
    StudyDescription: 'Abdomen',
    SeriesDescription: modality === 'CT' ? 'Abdomen 3.0' : 't1_vibe_dixon_tra_bh_in',
    PatientName: 'Test^Phantom',
    PatientID: 'PHANTOM1',
    PatientBirthDate: '19700101',
    PatientSex: 'O',
    BodyPartExamined: 'ABDOMEN',
    SliceThickness: options.spacing?.[0] ?? 3,
    ...(modality === 'CT'
      ? { KVP: 120, ConvolutionKernel: 'Br40' }
      : {
          ScanningSequence: 'GR',
          SequenceVariant: 'SP',
          ScanOptions: 'PFP',
          MRAcquisitionType: '3D',
          EchoTime: 4.6,
          EchoTrainLength: 2,
          RepetitionTime: 6.7,
          FlipAngle: 10,
          MagneticFieldStrength: 1.5,
        }),
    PatientPosition: 'HFS',
    StudyID: '1',
    SeriesNumber: 3,
    AcquisitionNumber: 1,
    PositionReferenceIndicator: '',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: options.rows ?? 8,
    Columns: options.columns ?? 10,
    BitsAllocated: bitsAllocated,
    BitsStored: bitsStored,
    HighBit: bitsStored - 1,
    PixelRepresentation: options.signed ? 1 : 0,
    ...uids,
  };
}

function classicInstance(
  options: SeriesOptions,
  seed: string,
  common: TestDataset,
  frame: Frame,
  index: number,
): TestInstance {
  const modality = options.modality ?? 'MR';
  const rescale = rescaleOf(options, frame.slice);
  const [, between = 1.5, within = 1.25] = options.spacing ?? [3, 1.5, 1.25];
  const dataset = without({
    ...common,
    SOPClassUID: SOP_CLASS[modality],
    SOPInstanceUID: testUid('instance', seed, frame.slice, frame.stack),
    InstanceNumber: index + 1,
    ImagePositionPatient: frame.position,
    ImageOrientationPatient: orientationOf(options),
    PixelSpacing: [between, within],
    ...(rescale === null
      ? {}
      : { RescaleIntercept: rescale.intercept, RescaleSlope: rescale.slope, RescaleType: 'HU' }),
    ...options.stacks?.[frame.stack],
    ...options.header,
    ...options.perSlice?.(frame.slice, frame.stack),
  });
  return instanceOf(dataset, options.transferSyntax, [frame.pixels]);
}

function enhancedInstance(
  options: SeriesOptions,
  seed: string,
  common: TestDataset,
  frames: readonly Frame[],
): TestInstance {
  const modality = options.modality ?? 'MR';
  const [, between = 1.5, within = 1.25] = options.spacing ?? [3, 1.5, 1.25];
  const { EchoTime, SliceThickness, ...root } = common;
  const dataset = without({
    ...root,
    SOPClassUID: modality === 'CT' ? SOP_CLASS.enhancedCT : SOP_CLASS.enhancedMR,
    SOPInstanceUID: testUid('instance', seed),
    InstanceNumber: 1,
    NumberOfFrames: frames.length,
    SharedFunctionalGroupsSequence: [
      {
        PixelMeasuresSequence: [
          { PixelSpacing: [between, within], SliceThickness: SliceThickness ?? 3 },
        ],
        PlaneOrientationSequence: [{ ImageOrientationPatient: orientationOf(options) }],
      },
    ],
    PerFrameFunctionalGroupsSequence: frames.map((frame, index) => {
      const rescale = rescaleOf(options, frame.slice) ?? { slope: 1, intercept: 0 };
      const stack = options.stacks?.[frame.stack] ?? {};
      const echo = stack['EchoTime'] ?? EchoTime;
      return {
        FrameContentSequence: [
          { StackID: '1', InStackPositionNumber: frame.slice + 1, FrameAcquisitionNumber: 1 },
        ],
        PlanePositionSequence: [{ ImagePositionPatient: frame.position }],
        PixelValueTransformationSequence: [
          { RescaleIntercept: rescale.intercept, RescaleSlope: rescale.slope, RescaleType: 'US' },
        ],
        ...(modality === 'MR'
          ? {
              MREchoSequence: [{ EffectiveEchoTime: Number(echo ?? 4.6) }],
              MRImageFrameTypeSequence: [
                { FrameType: stack['ImageType'] ?? ['ORIGINAL', 'PRIMARY', 'M', 'NONE'] },
              ],
            }
          : {}),
        ...options.perSlice?.(index, frame.stack),
      };
    }),
    ...options.header,
  });
  return instanceOf(
    dataset,
    options.transferSyntax,
    frames.map(({ pixels }) => pixels),
  );
}

function instanceOf(
  dataset: TestDataset,
  transferSyntax: string | undefined,
  frames: readonly Uint8Array[],
): TestInstance {
  return {
    sopInstanceUid: textOf(dataset, 'SOPInstanceUID'),
    dataset,
    bytes: writePart10(dataset, transferSyntax ?? TRANSFER_SYNTAX.explicit, frames),
  };
}

function rescaleOf(options: SeriesOptions, slice: number) {
  if (options.rescale !== undefined) return options.rescale(slice);
  return options.modality === 'CT' ? { slope: 1, intercept: -1024 } : null;
}

function orientationOf({ orientation = 'axial' }: SeriesOptions): readonly number[] {
  return typeof orientation === 'string' ? ORIENTATIONS[orientation] : orientation;
}

function normalOf(orientation: readonly number[]): Three {
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = orientation;
  return [b * f - c * e, c * d - a * f, a * e - b * d];
}

function without(dataset: Record<string, TestDataset[string] | undefined>): TestDataset {
  return Object.fromEntries(
    Object.entries(dataset).filter(([, value]) => value !== undefined),
  ) as TestDataset;
}

function shuffled<T>(items: readonly T[]): readonly T[] {
  const result = [...items];
  let state = 12345;
  for (let i = result.length - 1; i > 0; i--) {
    state = (state * 1103515245 + 12345) % 2147483648;
    const j = state % (i + 1);
    const [a, b] = [result[i], result[j]];
    if (a !== undefined && b !== undefined) [result[i], result[j]] = [b, a];
  }
  return result;
}
