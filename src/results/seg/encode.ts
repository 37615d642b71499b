import { createHash } from 'node:crypto';
import type { EncodedResult, VolumeSource } from '../../contracts/index.ts';
import { fault } from '../../contracts/index.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { RLE_LOSSLESS, writeFile, type PixelSource } from '../dicom/file.ts';
import { codingSchemes } from '../coding-schemes.ts';
import { commonAttributes, fitText, seriesNumber } from '../equipment.ts';
import type { ResultInput } from '../input.ts';
import { findPresence, presentSegments, type Presence } from '../segments.ts';
import { lossyAttributes, sourceImageItem } from '../source-image.ts';
import { dicomSource, sourceInstances } from '../source.ts';
import { resultUids } from '../uids.ts';
import { packedLength, packFrames, planFrames } from './frames.ts';
import { dimensions, perFrameGroups, sharedGroups, type FramePlace } from './groups.ts';
import { SEG_CLASSES, type SegEncoding } from './kind.ts';
import { copyFrames, labelLength, planLabelFrames, rleFrames } from './label-frames.ts';
import { backgroundItem, segmentItem } from './segment-item.ts';

const SERIES_NUMBER_BASE = 7_000;

/**
 * Labels as a DICOM Segmentation (PS3.3 A.51): BINARY, or LABELMAP where the input asks for it, in
 * Explicit VR Little Endian (label maps in RLE Lossless where asked for). Only structures with a voxel
 * are described; a frame without a voxel does not exist. Equal inputs give equal bytes.
 * @throws SitusError EMPTY_SEGMENTATION, MISSING_FRAME_OF_REFERENCE, NO_DICOM_SOURCE (refuse).
 */
export function encodeSeg(input: ResultInput): EncodedResult {
  const { volume, labels } = input;
  const source = dicomSource(volume);
  const presence = findPresence(labels, volume);
  const segments = presentSegments(input, presence);
  const encoding = input.encoding ?? 'BINARY';
  const { frames, pixels } = framesOf(input, encoding, presence);
  const uids = resultUids(input.identity);
  const [, rows, columns] = labels.shape;
  const instances = sourceInstances(volume);
  const object = {
    sopClassUid: SEG_CLASSES[encoding],
    sopInstanceUid: encoding === 'BINARY' ? uids.segInstance : uids.labelMapInstance,
    seriesInstanceUid: uids.segSeries,
  };
  const dataset: Dataset = {
    ...codingSchemes(segments.map(({ structure }) => structure)),
    ...commonAttributes(input, {
      ...object,
      modality: 'SEG',
      seriesNumber: seriesNumber(volume, SERIES_NUMBER_BASE),
    }),
    FrameOfReferenceUID: referenceUid(source.frameOfReferenceUid),
    PositionReferenceIndicator: '',
    ...imageDescription(rows, columns, frames.length, source),
    ...PIXELS[encoding],
    ContentLabel: `${source.modality}_SEG`,
    ContentDescription: fitText(
      `${segments.length} structures by ${input.algorithm.name} ${input.algorithm.version}`,
      64,
    ),
    ContentCreatorName: '',
    SegmentSequence: [
      ...(encoding === 'LABELMAP' ? [backgroundItem(input)] : []),
      ...segments.map((segment) => segmentItem(segment, input)),
    ],
    ...dimensions(uids.dimensionOrganization, encoding, frames),
    SharedFunctionalGroupsSequence: [sharedGroups(volume)],
    PerFrameFunctionalGroupsSequence: perFrameGroups(volume, frames),
    SourceImageSequence: instances.map(sourceImageItem),
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: referenceUid(source.seriesInstanceUid),
        ReferencedInstanceSequence: instances.map(({ sopClassUid, sopInstanceUid }) => ({
          ReferencedSOPClassUID: sopClassUid,
          ReferencedSOPInstanceUID: referenceUid(sopInstanceUid),
        })),
      },
    ],
  };
  const bytes = writeFile(object, dataset, pixels);
  return {
    kind: 'SEG',
    ...object,
    studyInstanceUid: source.studyInstanceUid,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** The frames of an encoding and their pixels. */
function framesOf(
  { labels, compressed }: ResultInput,
  encoding: SegEncoding,
  presence: Presence,
): { readonly frames: readonly FramePlace[]; readonly pixels: PixelSource } {
  const area = labels.shape[1] * labels.shape[2];
  if (encoding === 'BINARY') {
    const frames = planFrames(presence);
    const length = packedLength(frames.length, area);
    return { frames, pixels: { length, fill: (into) => packFrames(into, labels, frames) } };
  }
  const frames = planLabelFrames(presence);
  if (compressed === true) {
    return {
      frames,
      pixels: { transferSyntax: RLE_LOSSLESS, fragments: rleFrames(labels, frames) },
    };
  }
  const length = labelLength(frames.length, area);
  return { frames, pixels: { length, fill: (into) => copyFrames(into, labels, frames) } };
}

/** What differs between the encodings in Image Pixel and Segmentation Image (dicom-seg-sr §1.1). */
const PIXELS: Readonly<Record<SegEncoding, Dataset>> = {
  BINARY: { BitsAllocated: 1, BitsStored: 1, HighBit: 0, SegmentationType: 'BINARY' },
  LABELMAP: {
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    SegmentationType: 'LABELMAP',
    PixelPaddingValue: 0,
  },
};

/** Image Pixel, General Image and Segmentation Image modules (PS3.3 C.7.6.3, C.7.6.1, C.8.20.2). */
function imageDescription(
  rows: number,
  columns: number,
  frames: number,
  source: VolumeSource,
): Dataset {
  if (rows > 65_535 || columns > 65_535) {
    throw fault(
      'IMAGE_TOO_LARGE',
      `A frame of ${rows} rows and ${columns} columns has no place in DICOM.`,
      {
        rows,
        columns,
      },
    );
  }
  return {
    ImageType: ['DERIVED', 'PRIMARY'],
    ...lossyAttributes(source),
    BurnedInAnnotation: 'NO',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    NumberOfFrames: String(frames),
    Rows: rows,
    Columns: columns,
    PixelRepresentation: 0,
    SegmentsOverlap: 'NO',
  };
}
