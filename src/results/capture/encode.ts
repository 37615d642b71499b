import { createHash } from 'node:crypto';
import type { DicomJson, EncodedResult, Volume } from '../../contracts/index.ts';
import { sliceSides, windowOf } from '../../imaging/index.ts';
import { sourceText } from '../copied.ts';
import { referenceUid, type Dataset } from '../dicom/dataset.ts';
import { decimal } from '../dicom/decimal.ts';
import { attributeOf } from '../dicom/dictionary.ts';
import { writeFile } from '../dicom/file.ts';
import { textProblem } from '../dicom/values.ts';
import { algorithmNames, commonAttributes, fitText, seriesNumber } from '../equipment.ts';
import type { ResultInput } from '../input.ts';
import { findPresence, presentSegments } from '../segments.ts';
import { lossyAttributes, sourceImageItem } from '../source-image.ts';
import { dicomSource, sourceInstances } from '../source.ts';
import { resultUids } from '../uids.ts';
import { drawFrames } from './draw.ts';
import { planCapture, type CapturePlan } from './plan.ts';

/** Multi-frame True Color Secondary Capture Image Storage. */
export const TRUE_COLOUR_CAPTURE = '1.2.840.10008.5.1.4.1.1.7.4';
/** Superior and inferior in the words of Patient Orientation (C.7.6.1.1.1). */
const HEAD_AND_FOOT: Readonly<Record<string, string>> = { S: 'H', I: 'F' };
const SERIES_NUMBER_BASE = 9_000;

export interface CaptureInput extends ResultInput {
  /** The segmentation that the pictures show; they are never stored without it. */
  readonly segmentation: Pick<
    EncodedResult,
    'sopClassUid' | 'sopInstanceUid' | 'seriesInstanceUid'
  >;
}

/**
 * Pictures of a segmentation for viewers that cannot show one: a Multi-frame True Color Secondary
 * Capture (PS3.3 A.8.5) of the source's slices with outlines and a legend burned in, in Explicit VR
 * Little Endian. Equal inputs give equal bytes.
 * @throws SitusError EMPTY_SEGMENTATION, MISSING_FRAME_OF_REFERENCE, NO_DICOM_SOURCE (refuse).
 */
export function encodeCapture(input: CaptureInput): EncodedResult {
  const { volume, labels } = input;
  const source = dicomSource(volume);
  const presence = findPresence(labels, volume);
  const segments = presentSegments(input, presence);
  const { name, version } = algorithmNames(input.algorithm);
  const lines = [`${name} ${version}`, 'AI outlines', 'Not for measuring'];
  const plan = planCapture(volume, presence, segments, lines);
  const uids = resultUids(input.identity);
  const object = {
    sopClassUid: TRUE_COLOUR_CAPTURE,
    sopInstanceUid: uids.captureInstance,
    seriesInstanceUid: uids.captureSeries,
  };
  const dataset: Dataset = {
    ...commonAttributes(input, {
      ...object,
      modality: 'OT',
      called: 'pictures',
      seriesNumber: seriesNumber(volume, SERIES_NUMBER_BASE),
    }),
    ConversionType: 'WSD',
    BodyPartExamined: bodyPart(source.dataset),
    ...imageDescription(volume, plan),
    ...lossyAttributes(source),
    DerivationDescription: derivation(input, plan, segments.length),
    ...references(input),
  };
  const length = 3 * plan.rows * plan.columns * plan.slices.length;
  const scene = { volume, labels, segments, lines };
  const bytes = writeFile(object, dataset, {
    length,
    fill: (into) => drawFrames(into, plan, scene),
  });
  return {
    kind: 'SC',
    ...object,
    studyInstanceUid: source.studyInstanceUid,
    bytes,
    sha256: createHash('sha256').update(bytes).digest('hex'),
  };
}

/** General Image, Image Pixel, Multi-frame and SC Multi-frame modules (C.7.6.1, .3, .6, C.8.6.3, .4). */
function imageDescription(volume: Volume, plan: CapturePlan): Dataset {
  const sides = sliceSides(volume.affine);
  return {
    ImageType: ['DERIVED', 'SECONDARY'],
    PatientOrientation: [sides.right, sides.bottom].map((side) => HEAD_AND_FOOT[side] ?? side),
    BurnedInAnnotation: 'YES',
    SamplesPerPixel: 3,
    PhotometricInterpretation: 'RGB',
    PlanarConfiguration: 0,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    Rows: plan.rows,
    Columns: plan.columns,
    NumberOfFrames: String(plan.slices.length),
    FrameIncrementPointer: attributeOf('SliceLocationVector').tag,
    SliceLocationVector: plan.slices.map((slice) => decimal(sliceLocation(volume, slice))),
  };
}

/**
 * The source's, else what Situs is for: without it readers must ask for Laterality, which a trunk has
 * not (C.7.3.1).
 */
function bodyPart(dataset: DicomJson): string {
  const theirs = sourceText(dataset, 'BodyPartExamined');
  return theirs === null || textProblem('CS', theirs) !== null ? 'ABDOMEN' : theirs;
}

/** Where a slice lies along the normal of the slices, in mm. */
export function sliceLocation({ affine, spacing }: Volume, slice: number): number {
  const step = spacing[0];
  const [x, y, z] = [0, 1, 2].map((axis) => (affine[4 * axis + 2] ?? 0) / step);
  const along = [x, y, z].reduce<number>(
    (sum, cosine, axis) => sum + (cosine ?? 0) * (affine[4 * axis + 3] ?? 0),
    0,
  );
  return Number((along + slice * step).toFixed(4));
}

function derivation(input: ResultInput, plan: CapturePlan, structures: number): string {
  const { name, version } = algorithmNames(input.algorithm);
  const { low, high } = windowOf(input.volume);
  const which = plan.every === 1 ? 'Every slice' : `Every ${plan.every}th slice`;
  const unit = input.volume.unit === 'HU' ? ' HU' : '';
  return fitText(
    `${which} of the segmented part, window ${decimal(Number(low.toFixed(2)))} to ${decimal(Number(high.toFixed(2)))}${unit}, outlines and legend of ${structures} structures by ${name} ${version} burned in`,
    1_024,
  );
}

/** General Reference and Common Instance Reference (PS3.3 C.12.4, C.12.2): the source and the SEG. */
function references({ volume, segmentation }: CaptureInput): Dataset {
  const source = dicomSource(volume);
  const instances = sourceInstances(volume);
  const seg = {
    ReferencedSOPClassUID: segmentation.sopClassUid,
    ReferencedSOPInstanceUID: segmentation.sopInstanceUid,
  };
  return {
    SourceImageSequence: [
      ...instances.map(sourceImageItem),
      sourceImageItem({ ...segmentation, frames: [] }),
    ],
    ReferencedSeriesSequence: [
      {
        SeriesInstanceUID: referenceUid(source.seriesInstanceUid),
        ReferencedInstanceSequence: instances.map(({ sopClassUid, sopInstanceUid }) => ({
          ReferencedSOPClassUID: sopClassUid,
          ReferencedSOPInstanceUID: referenceUid(sopInstanceUid),
        })),
      },
      { SeriesInstanceUID: segmentation.seriesInstanceUid, ReferencedInstanceSequence: [seg] },
    ],
  };
}
