import { COPIED_KEYWORDS } from '../../copied.ts';
import { attributeOf } from '../../dicom/dictionary.ts';
import { numberOf, textOf, textsOf } from '../../read/dataset.ts';
import { SEG_CLASSES } from '../../seg/kind.ts';
import type { Condition } from './condition.ts';
import { CONTENT_CONDITIONS } from './content-conditions.ts';
import type { ObjectKind } from './kinds.ts';

type Test = Condition['required'];

/** Conditions of several attributes; `A/B` is an attribute B in items of A, a lone name one of the root. */
function conditions(
  section: string,
  paths: string,
  required: Test,
  otherwise: Condition['otherwise'] = 'forbidden',
): [string, Condition][] {
  return paths
    .trim()
    .split(/\s+/)
    .map((path) => [path, { section, required, otherwise }]);
}

const always: Test = () => true;
/** Nothing that Situs does makes the condition hold. */
const never: Test = () => false;
const says =
  (keyword: string, ...values: readonly string[]): Test =>
  ({ item }) =>
    values.includes(textOf(item, keyword) ?? '');
const has =
  (...keywords: readonly string[]): Test =>
  ({ item }) =>
    keywords.some((keyword) => item.has(keyword));
const lacks =
  (...keywords: readonly string[]): Test =>
  (at) =>
    !has(...keywords)(at);
const isKind =
  (...kinds: readonly ObjectKind[]): Test =>
  ({ kind }) =>
    kinds.includes(kind);
const original: Test = ({ root }) =>
  ['ORIGINAL', 'MIXED'].includes(textsOf(root, 'ImageType')[0] ?? '');
const refersToSegments: Test = says('ReferencedSOPClassUID', ...Object.values(SEG_CLASSES));
const countedBy =
  (vector: string): Test =>
  ({ item }) =>
    (item.get('FrameIncrementPointer')?.values ?? []).includes(attributeOf(vector).tag);
const vectors = [
  'FrameTimeVector',
  'PageNumberVector',
  'FrameLabelVector',
  'FramePrimaryAngleVector',
  'FrameSecondaryAngleVector',
  'SliceLocationVector',
  'DisplayWindowLabelVector',
];
const SHARED = 'SharedFunctionalGroupsSequence';
const FRAME = 'PerFrameFunctionalGroupsSequence';
const DERIVATION = `${FRAME}/DerivationImageSequence`;
const palette = ['Red', 'Green', 'Blue'].flatMap((colour) =>
  ['Descriptor', 'Data'].map((part) => `${colour}PaletteColorLookupTable${part}`),
);
const sources = (keyword: string): string =>
  `SourceImageSequence/${keyword} ${DERIVATION}/SourceImageSequence/${keyword}`;

/** Of code sequences, wherever they are (8.8): the path is the keyword behind `code/`. */
const CODES: readonly [string, Condition][] = [
  ...conditions('8.1', 'code/CodeValue', lacks('LongCodeValue', 'URNCodeValue')),
  ...conditions('8.1', 'code/LongCodeValue', lacks('CodeValue', 'URNCodeValue')),
  ...conditions('8.1', 'code/URNCodeValue', lacks('CodeValue', 'LongCodeValue')),
  ...conditions('8.2', 'code/CodingSchemeDesignator', has('CodeValue', 'LongCodeValue'), 'allowed'),
  ...conditions(
    '8.6',
    'code/MappingResource code/ContextGroupVersion',
    has('ContextIdentifier'),
    'allowed',
  ),
  ...conditions(
    '8.7',
    'code/ContextGroupLocalVersion code/ContextGroupExtensionCreatorUID',
    says('ContextGroupExtensionFlag', 'Y'),
  ),
];

const IMAGES: readonly [string, Condition][] = [
  ...conditions('C.7.6.3', 'PixelData', lacks('PixelDataProviderURL')),
  ...conditions('C.7.6.3', 'PixelDataProviderURL', never),
  ...conditions(
    'C.7.6.3',
    'PlanarConfiguration',
    ({ item }) => (numberOf(item, 'SamplesPerPixel') ?? 1) > 1,
  ),
  ...conditions('C.7.6.3', palette.join(' '), says('PhotometricInterpretation', 'PALETTE COLOR')),
  ...conditions('C.7.6.3', 'ExtendedOffsetTableLengths', has('ExtendedOffsetTable')),
  ...conditions('C.8.20.2', 'PixelPaddingValue', isKind('labelMap')),
  ...conditions('C.7.5.1.1.2', 'PixelPaddingRangeLimit', never),
  ...conditions('C.7.6.1', 'PatientOrientation', isKind('capture'), 'allowed'),
  ...conditions('C.12.2', 'ReferencedSeriesSequence', always),
  ...conditions('C.12.2', 'StudiesContainingOtherReferencedInstancesSequence', never),
  ...conditions('10.3', sources('ReferencedSegmentNumber'), never),
  ...conditions(
    'C.7.6.16.2.6',
    sources('PatientOrientation'),
    says('SpatialLocationsPreserved', 'REORIENTED_ONLY'),
  ),
];

const SEGMENTATIONS: readonly [string, Condition][] = [
  ...conditions(
    'C.8.20.2',
    'SegmentationFractionalType MaximumFractionalValue',
    says('SegmentationType', 'FRACTIONAL'),
  ),
  ...conditions(
    'C.7.6.16',
    `ConcatenationUID InConcatenationNumber ConcatenationFrameOffsetNumber
     SOPInstanceUIDOfConcatenationSource`,
    never,
  ),
  ...conditions('C.7.6.16', FRAME, always),
  ...conditions(
    'C.7.6.17',
    'DimensionIndexSequence DimensionIndexSequence/FunctionalGroupPointer',
    always,
  ),
  ...conditions(
    'C.7.6.17',
    `DimensionIndexSequence/DimensionIndexPrivateCreator
     DimensionIndexSequence/FunctionalGroupPrivateCreator`,
    never,
  ),
  ...conditions(
    'C.8.20.4',
    'SegmentSequence/SegmentAlgorithmName',
    ({ item }) => textOf(item, 'SegmentAlgorithmType') !== 'MANUAL',
    'allowed',
  ),
  ...conditions('C.8.20.4', 'SegmentSequence/TrackingID', has('TrackingUID')),
  ...conditions('C.8.20.4', 'SegmentSequence/TrackingUID', has('TrackingID')),
  // Functional groups: the extraction has all of them at both places, as of the macros of A.51.5.
  ...conditions(
    'A.51.5',
    `${SHARED}/PixelMeasuresSequence ${SHARED}/PlaneOrientationSequence`,
    always,
  ),
  ...conditions(
    'A.51.5',
    `${FRAME}/FrameContentSequence ${FRAME}/PlanePositionSequence ${DERIVATION}`,
    always,
  ),
  ...conditions('A.51.5', `${FRAME}/SegmentIdentificationSequence`, isKind('binary')),
  ...conditions(
    'C.7.6.16.1.1',
    `${SHARED}/DerivationImageSequence ${SHARED}/FrameContentSequence
     ${SHARED}/PlanePositionSequence ${SHARED}/SegmentIdentificationSequence
     ${SHARED}/PlanePositionSlideSequence ${FRAME}/PlanePositionSlideSequence
     ${FRAME}/PixelMeasuresSequence ${FRAME}/PlaneOrientationSequence`,
    never,
  ),
  ...conditions(
    'C.7.6.16.2',
    `${SHARED}/PixelMeasuresSequence/PixelSpacing
     ${SHARED}/PixelMeasuresSequence/SliceThickness
     ${SHARED}/PixelMeasuresSequence/SpacingBetweenSlices
     ${SHARED}/PlaneOrientationSequence/ImageOrientationPatient
     ${FRAME}/PlanePositionSequence/ImagePositionPatient
     ${FRAME}/FrameContentSequence/DimensionIndexValues
     ${DERIVATION}/DerivationCodeSequence
     ${DERIVATION}/SourceImageSequence/PurposeOfReferenceCodeSequence`,
    always,
  ),
  ...conditions(
    'C.7.6.16.2.2',
    `${FRAME}/FrameContentSequence/FrameAcquisitionDateTime
     ${FRAME}/FrameContentSequence/FrameAcquisitionDuration
     ${FRAME}/FrameContentSequence/FrameReferenceDateTime`,
    original,
    'allowed',
  ),
  ...conditions(
    'C.7.6.16.2.2',
    `${FRAME}/FrameContentSequence/StackID`,
    has('InStackPositionNumber'),
    'allowed',
  ),
  ...conditions(
    'C.7.6.16.2.2',
    `${FRAME}/FrameContentSequence/InStackPositionNumber`,
    has('StackID'),
  ),
  ...conditions(
    'C.7.6.16.2.2',
    `${FRAME}/FrameContentSequence/TemporalPositionIndex`,
    never,
    'allowed',
  ),
];

const CAPTURES: readonly [string, Condition][] = [
  ...vectors.flatMap((vector) => conditions('C.8.6.4', vector, countedBy(vector), 'allowed')),
  ...conditions('C.8.6.3', 'NominalScannedPixelSpacing', says('ConversionType', 'DF'), 'allowed'),
  ...conditions('10.7', 'PixelSpacingCalibrationDescription', has('PixelSpacingCalibrationType')),
  ...conditions(
    'C.8.6.3',
    'PresentationLUTShape RescaleIntercept RescaleSlope RescaleType',
    says('PhotometricInterpretation', 'MONOCHROME2'),
  ),
];

const ALL: readonly [string, Condition][] = [
  ...conditions('C.12.1', 'SpecificCharacterSet', always),
  ...conditions('C.12.1', 'EncryptedAttributesSequence', never),
  ...conditions(
    'C.12.1',
    'ConversionSourceAttributesSequence HL7StructuredDocumentReferenceSequence QueryRetrieveView',
    never,
  ),
  ...conditions('C.17.2', 'CurrentRequestedProcedureEvidenceSequence', always),
  ...conditions('C.17.2', 'PertinentOtherEvidenceSequence IdenticalDocumentsSequence', never),
  ...conditions('C.17.2', 'VerifyingObserverSequence', says('VerificationFlag', 'VERIFIED')),
  ...CODES,
  ...IMAGES,
  ...SEGMENTATIONS,
  ...CAPTURES,
  ...CONTENT_CONDITIONS,
  // A report speaks of single segments, a rejection note of the whole object.
  ...conditions(
    'C.18.4',
    'ContentSequence/ReferencedSOPSequence/ReferencedSegmentNumber',
    (at) => at.kind === 'report' && refersToSegments(at),
  ),
];

/** By path, as far as the object itself says whether a condition holds. */
export const CONDITIONS: ReadonlyMap<string, Condition> = new Map(ALL);

const undecided = (reason: string, paths: string): [string, string][] =>
  paths
    .trim()
    .split(/\s+/)
    .map((path) => [path, reason]);

/** Attributes with conditions that the tables do not decide, each with the reason. */
export const NOT_DECIDED: ReadonlyMap<string, string> = new Map([
  ...undecided('the source’s, copied to the letter whatever it is', COPIED_KEYWORDS.join(' ')),
  ...undecided(
    'a lossy source need not say how lossy it is; the validator of segmentations warns',
    'LossyImageCompressionRatio LossyImageCompressionMethod',
  ),
  ...undecided(
    'that the source has several frames is known to the checks of frames and evidence only',
    `ContentSequence/ReferencedSOPSequence/ReferencedFrameNumber ${sources('ReferencedFrameNumber')}`,
  ),
  ...undecided(
    'no requested or performed procedure step is told to Situs, and none is made up',
    `ReferencedPerformedProcedureStepSequence ReferencedRequestSequence ReferencedInstanceSequence
     ReferencedDefinedProtocolSequence ReferencedPerformedProtocolSequence`,
  ),
  ...undecided(
    'it depends on the patient, not on the object',
    'AnatomicalOrientationType Laterality PatientPosition',
  ),
  ...undecided('whether images are related in time is not said in them', 'ContentDate ContentTime'),
  ...undecided('whether pictures were scaled is not said in them', 'PixelSpacing PixelAspectRatio'),
  ...undecided(
    'only whoever encodes the report knows of an earlier one',
    'PredecessorDocumentsSequence',
  ),
  ...undecided(
    'a version is needed only where codes are ambiguous without, and no scheme of ours is',
    'code/CodingSchemeVersion',
  ),
  ...undecided(
    'it depends on registries outside the object',
    `CodingSchemeIdentificationSequence/CodingSchemeExternalID
     CodingSchemeIdentificationSequence/CodingSchemeRegistry
     CodingSchemeIdentificationSequence/CodingSchemeUID`,
  ),
  ...undecided(
    'the check of the content tree decides by template',
    `ContentSequence/ContentSequence ContentSequence/ContentTemplateSequence
     ContentSequence/ObservationDateTime ObservationDateTime
     ContentSequence/MeasuredValueSequence/FloatingPointValue`,
  ),
]);
