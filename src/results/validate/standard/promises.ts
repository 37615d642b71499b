import type { ObjectKind } from './kinds.ts';

/** What Situs always writes although the standard leaves it open; `A/B` is B in items of A. */
const EVERYWHERE = `Manufacturer ManufacturerModelName DeviceSerialNumber SoftwareVersions
  CodingSchemeIdentificationSequence/CodingSchemeName`;

/** Viewers and readers need these, whatever the standard asks for (dicom-seg-sr §1). */
const SEGMENTATION = `SegmentsOverlap ContentCreatorName
  PerFrameFunctionalGroupsSequence/DerivationImageSequence/SourceImageSequence`;

const paths = (...texts: readonly string[]): ReadonlySet<string> =>
  new Set(texts.join(' ').trim().split(/\s+/));

/** Attributes that every object of a kind has beyond what the standard requires. */
export const PROMISED: Readonly<Record<ObjectKind, ReadonlySet<string>>> = {
  binary: paths(
    EVERYWHERE,
    SEGMENTATION,
    // The background of a label map has neither.
    `SegmentSequence/TrackingID SegmentSequence/TrackingUID
     SegmentSequence/SegmentationAlgorithmIdentificationSequence`,
  ),
  labelMap: paths(EVERYWHERE, SEGMENTATION),
  report: paths(EVERYWHERE),
  rejection: paths(EVERYWHERE),
  capture: paths(
    EVERYWHERE,
    `ImageType DerivationDescription LossyImageCompression BodyPartExamined ContentDate
     ContentTime`,
  ),
};

/** Of what is promised, what may stand empty: Situs knows no person who made the segmentation. */
export const MAY_BE_EMPTY: ReadonlySet<string> = new Set(['ContentCreatorName']);
