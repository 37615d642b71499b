import type { ScanGrid } from '../phantom/geometry.ts';
import type { StudyIdentity } from './identity.ts';
import { timeAfter } from './identity.ts';
import { uidOf } from './uids.ts';
import { ds, writeInstance, type Attributes, type PrivateElements } from './write.ts';

export const SOP_CLASSES = {
  CT: '1.2.840.10008.5.1.4.1.1.2',
  MR: '1.2.840.10008.5.1.4.1.1.4',
  secondaryCapture: '1.2.840.10008.5.1.4.1.1.7',
} as const;

export interface DicomFile {
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly bytes: Uint8Array;
}

/** One stack of slices in a series: an echo, a b-value, a plane of a localizer. */
export interface Stack {
  readonly grid: ScanGrid;
  /** [slices, rows, columns], modality values. */
  readonly voxels: Int16Array;
  /** What differs from the other stacks: ImageType, EchoTime, … */
  readonly attributes: Attributes;
  readonly private?: PrivateElements;
}

/** A series to be written. */
export interface SeriesPlan {
  /** Word for the series inside its study; part of its UID. */
  readonly key: string;
  readonly number: number;
  readonly modality: 'CT' | 'MR';
  /** Seconds after the beginning of the study. */
  readonly at: number;
  readonly attributes: Attributes;
  readonly stacks: readonly Stack[];
  /** Slices numbered from the last (the head, in an axial stack) to the first. */
  readonly descending?: boolean;
}

export function seriesUid(identity: StudyIdentity, key: string): string {
  return uidOf('series', identity.studyInstanceUid, key);
}

/** The position and orientation attributes of a slice. */
function planeAttributes(grid: ScanGrid, slice: number): Attributes {
  const a = grid.affine;
  const at = (i: number): number => a[i] ?? 0;
  const direction = (column: 0 | 1, size: number): string[] =>
    [0, 1, 2].map((i) => ds(Math.round((at(4 * i + column) / size) * 1e6) / 1e6));
  const [, rowSpacing, columnSpacing] = grid.spacing;
  const position = [0, 1, 2].map(
    (i) => Math.round((at(4 * i + 2) * slice + at(4 * i + 3)) * 1e4) / 1e4,
  );
  const normal = [0, 1, 2].map((i) => at(4 * i + 2) / grid.spacing[0]);
  const location = position.reduce((sum, p, i) => sum + p * (normal[i] ?? 0), 0);
  return {
    ImagePositionPatient: position.map(ds),
    ImageOrientationPatient: [...direction(0, columnSpacing), ...direction(1, rowSpacing)],
    SliceLocation: ds(Math.round(location * 1e4) / 1e4),
    PixelSpacing: [ds(rowSpacing), ds(columnSpacing)],
    SliceThickness: ds(grid.thickness),
  };
}

/** Stored values and the attributes that describe them: 12 bits unsigned for MR, signed 16 with −1024 for CT (GE). */
function pixelAttributes(modality: 'CT' | 'MR', values: Int16Array): Attributes {
  const stored = modality === 'CT' ? values.map((v) => v + 1024) : values;
  let low = Infinity;
  let high = -Infinity;
  for (const v of stored) {
    if (v < low) low = v;
    if (v > high) high = v;
  }
  const common = {
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    BitsAllocated: 16,
    SmallestImagePixelValue: low,
    LargestImagePixelValue: high,
    PixelData: new Uint8Array(stored.buffer, stored.byteOffset, stored.byteLength),
  };
  return modality === 'CT'
    ? {
        ...common,
        BitsStored: 16,
        HighBit: 15,
        PixelRepresentation: 1,
        PixelPaddingValue: -2000,
        RescaleIntercept: '-1024',
        RescaleSlope: '1',
        RescaleType: 'HU',
        WindowCenter: '40',
        WindowWidth: '400',
      }
    : {
        ...common,
        BitsStored: 12,
        HighBit: 11,
        PixelRepresentation: 0,
        WindowCenter: '450',
        WindowWidth: '900',
      };
}

/** Writes the instances of a series, stack after stack. */
export function writeSeries(identity: StudyIdentity, plan: SeriesPlan): DicomFile[] {
  const files: DicomFile[] = [];
  const seriesInstanceUid = seriesUid(identity, plan.key);
  const date = identity.attributes['StudyDate'] ?? '';
  const begin = timeAfter(identity, plan.at);
  plan.stacks.forEach((stack, stackIndex) => {
    const [slices, rows, columns] = stack.grid.shape;
    const plane = rows * columns;
    for (let n = 0; n < slices; n++) {
      const slice = plan.descending === true ? slices - 1 - n : n;
      const sopInstanceUid = uidOf('instance', seriesInstanceUid, stackIndex, slice);
      const time = timeAfter(identity, plan.at + 2 + 0.35 * n);
      const attributes: Attributes = {
        ...identity.attributes,
        SOPClassUID: SOP_CLASSES[plan.modality],
        SOPInstanceUID: sopInstanceUid,
        Modality: plan.modality,
        SeriesDate: date,
        SeriesTime: begin,
        AcquisitionDate: date,
        AcquisitionTime: time,
        ContentDate: date,
        ContentTime: time,
        InstanceCreationDate: date,
        InstanceCreationTime: time,
        SeriesInstanceUID: seriesInstanceUid,
        SeriesNumber: String(plan.number),
        AcquisitionNumber: String(stackIndex + 1),
        InstanceNumber: String(files.length + 1),
        FrameOfReferenceUID: identity.frameOfReferenceUid,
        PositionReferenceIndicator: '',
        PatientPosition: 'HFS',
        Rows: rows,
        Columns: columns,
        ...planeAttributes(stack.grid, slice),
        ...pixelAttributes(plan.modality, stack.voxels.slice(slice * plane, (slice + 1) * plane)),
        ...plan.attributes,
        ...stack.attributes,
      };
      files.push({
        seriesInstanceUid,
        sopInstanceUid,
        bytes: writeInstance(attributes, stack.private),
      });
    }
  });
  return files;
}
