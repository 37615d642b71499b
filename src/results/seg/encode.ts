import { createHash } from 'node:crypto';
import type { EncodedResult, VolumeSource } from '../../contracts/index.ts';
import { fault } from '../../contracts/index.ts';
import { CODES, codeItem } from '../codes.ts';
import { cielab } from '../colours.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { textProblem } from '../dicom/values.ts';
import { writeFile } from '../dicom/file.ts';
import { algorithmNames, commonAttributes, fitText, seriesNumber } from '../equipment.ts';
import type { ResultInput } from '../input.ts';
import { findPresence, presentSegments, type PresentSegment } from '../segments.ts';
import { dicomSource, sourceInstances, type SourceInstance } from '../source.ts';
import { resultUids } from '../uids.ts';
import { packedLength, packFrames, planFrames } from './frames.ts';
import { dimensions, perFrameGroups, sharedGroups } from './groups.ts';

export const SEGMENTATION_STORAGE = '1.2.840.10008.5.1.4.1.1.66.4';
const SERIES_NUMBER_BASE = 7_000;

/**
 * Labels as a DICOM Segmentation (PS3.3 A.51), BINARY, Explicit VR Little Endian. Only structures
 * with a voxel are described, only (structure, slice) pairs with a voxel have a frame. Equal inputs
 * give equal bytes.
 * @throws SitusError EMPTY_SEGMENTATION, MISSING_FRAME_OF_REFERENCE, NO_DICOM_SOURCE (refuse).
 */
export function encodeSeg(input: ResultInput): EncodedResult {
  const { volume, labels } = input;
  const source = dicomSource(volume);
  const presence = findPresence(labels, volume);
  const segments = presentSegments(input, presence);
  const frames = planFrames(presence);
  const uids = resultUids(input.identity);
  const [, rows, columns] = labels.shape;
  const instances = sourceInstances(volume);
  const object = {
    sopClassUid: SEGMENTATION_STORAGE,
    sopInstanceUid: uids.segInstance,
    seriesInstanceUid: uids.segSeries,
  };
  const dataset: Dataset = {
    ...commonAttributes(input, {
      ...object,
      modality: 'SEG',
      seriesNumber: seriesNumber(volume, SERIES_NUMBER_BASE),
    }),
    FrameOfReferenceUID: referenceUid(source.frameOfReferenceUid),
    PositionReferenceIndicator: '',
    ...pixelDescription(rows, columns, frames.length, source),
    ContentLabel: `${source.modality}_SEG`,
    ContentDescription: fitText(
      `${segments.length} structures by ${input.algorithm.name} ${input.algorithm.version}`,
      64,
    ),
    ContentCreatorName: '',
    SegmentSequence: segments.map((segment) => segmentItem(segment, input)),
    ...dimensions(uids.dimensionOrganization),
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
  const bytes = writeFile(object, dataset, {
    length: packedLength(frames.length, rows * columns),
    fill: (into) => packFrames(into, labels, frames),
  });
  return {
    kind: 'SEG',
    ...object,
    studyInstanceUid: source.studyInstanceUid,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** Image Pixel, General Image and Segmentation Image modules (PS3.3 C.7.6.3, C.7.6.1, C.8.20.2). */
function pixelDescription(
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
    BitsAllocated: 1,
    BitsStored: 1,
    HighBit: 0,
    PixelRepresentation: 0,
    SegmentationType: 'BINARY',
    SegmentsOverlap: 'NO',
  };
}

/**
 * Lossy once, lossy for good (PS3.3 C.7.6.1.1.5): ratio and method are the source's, left out where
 * the source does not say them legally.
 */
function lossyAttributes({ lossy }: VolumeSource): Dataset {
  if (lossy === null) return { LossyImageCompression: '00' };
  const legal = (text: string | null, vr: string): string[] => {
    const values = text === null || text === '' ? [] : text.split('\\').map((one) => one.trim());
    return values.every((one) => one !== '' && textProblem(vr, one) === null) ? values : [];
  };
  const ratio = legal(lossy.ratio, 'DS');
  const method = legal(lossy.method, 'CS');
  return {
    LossyImageCompression: '01',
    ...(ratio.length === 0 ? {} : { LossyImageCompressionRatio: ratio }),
    ...(method.length === 0 ? {} : { LossyImageCompressionMethod: method }),
  };
}

/** General Reference (PS3.3 C.12.4): every instance the network saw. */
function sourceImageItem({ sopClassUid, sopInstanceUid, frames }: SourceInstance): Dataset {
  return {
    ReferencedSOPClassUID: sopClassUid,
    ReferencedSOPInstanceUID: referenceUid(sopInstanceUid),
    ...(frames.length === 0 ? {} : { ReferencedFrameNumber: frames.map(String) }),
    PurposeOfReferenceCodeSequence: [codeItem(CODES.sourceImage)],
  };
}

/** Segment Description Macro (PS3.3 C.8.20.4; dicom-seg-sr §1.5). */
function segmentItem(segment: PresentSegment, input: ResultInput): Dataset {
  const { structure } = segment;
  const { name, version, manufacturer } = algorithmNames(input.algorithm);
  const parameters = input.algorithm.parameters ?? [];
  const { laterality } = structure;
  return {
    SegmentNumber: segment.number,
    SegmentLabel: fitText(structure.name, 64),
    SegmentDescription: fitText(`Label ${segment.label} of ${name} ${version}`, 1_024),
    SegmentAlgorithmType: 'AUTOMATIC',
    SegmentAlgorithmName: name,
    SegmentationAlgorithmIdentificationSequence: [
      {
        AlgorithmFamilyCodeSequence: [codeItem(CODES.artificialIntelligence)],
        AlgorithmName: name,
        AlgorithmVersion: version,
        AlgorithmSource: manufacturer,
        ...(parameters.length === 0
          ? {}
          : { AlgorithmParameters: fitText(parameters.join('; '), 10_240) }),
      },
    ],
    SegmentedPropertyCategoryCodeSequence: [codeItem(structure.category)],
    SegmentedPropertyTypeCodeSequence: [
      codeItem(
        structure.type,
        laterality === null
          ? {}
          : { SegmentedPropertyTypeModifierCodeSequence: [codeItem(laterality)] },
      ),
    ],
    RecommendedDisplayCIELabValue: cielab(structure.rgb),
    TrackingID: segment.trackingId,
    TrackingUID: segment.trackingUid,
  };
}
