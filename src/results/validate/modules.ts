/**
 * The edition of PS3.3 that the tables below follow. `test/results/reference/check_modules.py` compares
 * them with the tables that highdicom 0.28.2 ships, which name no edition and are of 2024d or later (they
 * have the Label Map Segmentation Storage class of that edition): every attribute of type 1 or 2 at every
 * place of our objects is here. Where ours ask for more, Situs writes it always.
 */
export const EDITION = 'DICOM PS3.3 2024d';

/** Attributes that a module or macro requires (PS3.3), at a place in the data set. */
export interface ModuleTable {
  readonly module: string;
  readonly section: string;
  /** Sequences on the way from the root; the attributes are required in every item of the last. */
  readonly at: readonly string[];
  /** Must be present with a value. */
  readonly type1: readonly string[];
  /** Must be present, may be empty. */
  readonly type2: readonly string[];
}

export function table(
  module: string,
  section: string,
  at: string,
  type1: string,
  type2 = '',
): ModuleTable {
  const words = (text: string): string[] => text.split(/\s+/).filter((word) => word !== '');
  return { module, section, at: words(at), type1: words(type1), type2: words(type2) };
}

/** What every object of Situs has. */
export const COMMON: readonly ModuleTable[] = [
  table('Patient', 'C.7.1.1', '', '', 'PatientName PatientID PatientBirthDate PatientSex'),
  table(
    'General Study',
    'C.7.2.1',
    '',
    'StudyInstanceUID',
    'StudyDate StudyTime ReferringPhysicianName StudyID AccessionNumber',
  ),
  table(
    'Enhanced General Equipment',
    'C.7.5.2',
    '',
    'Manufacturer ManufacturerModelName DeviceSerialNumber SoftwareVersions',
  ),
  table('SOP Common', 'C.12.1', '', 'SOPClassUID SOPInstanceUID SpecificCharacterSet'),
  table(
    'SOP Common',
    'C.12.1',
    'ContributingEquipmentSequence',
    'PurposeOfReferenceCodeSequence Manufacturer',
  ),
];

/** What every image of Situs says of the series it refers to. */
export const INSTANCE_REFERENCE: readonly ModuleTable[] = [
  table(
    'Common Instance Reference',
    'C.12.2',
    'ReferencedSeriesSequence',
    'SeriesInstanceUID ReferencedInstanceSequence',
  ),
  table(
    'Common Instance Reference',
    'C.12.2',
    'ReferencedSeriesSequence ReferencedInstanceSequence',
    'ReferencedSOPClassUID ReferencedSOPInstanceUID',
  ),
];

/** Segmentation IOD (A.51.3), what BINARY and LABELMAP have in common. */
const SEGMENTATION: readonly ModuleTable[] = [
  ...COMMON,
  table('General Series', 'C.7.3.1', '', 'Modality SeriesInstanceUID'),
  table('Segmentation Series', 'C.8.20.1', '', 'SeriesNumber'),
  table('Frame of Reference', 'C.7.4.1', '', 'FrameOfReferenceUID', 'PositionReferenceIndicator'),
  table(
    'Image Pixel',
    'C.7.6.3',
    '',
    `SamplesPerPixel PhotometricInterpretation Rows Columns BitsAllocated BitsStored HighBit
     PixelRepresentation PixelData`,
  ),
  table(
    'Segmentation Image',
    'C.8.20.2',
    '',
    `ImageType InstanceNumber ContentLabel LossyImageCompression SegmentationType SegmentSequence
     SegmentsOverlap`,
    'ContentDescription ContentCreatorName',
  ),
  table(
    'Segment Description Macro',
    'C.8.20.4',
    'SegmentSequence',
    `SegmentNumber SegmentLabel SegmentAlgorithmType SegmentAlgorithmName
     SegmentedPropertyCategoryCodeSequence SegmentedPropertyTypeCodeSequence`,
  ),
  table(
    'Algorithm Identification Macro',
    '10.16',
    'SegmentSequence SegmentationAlgorithmIdentificationSequence',
    'AlgorithmFamilyCodeSequence AlgorithmName AlgorithmVersion',
  ),
  table(
    'Multi-frame Functional Groups',
    'C.7.6.16',
    '',
    `ContentDate ContentTime NumberOfFrames SharedFunctionalGroupsSequence
     PerFrameFunctionalGroupsSequence`,
  ),
  table(
    'Multi-frame Dimension',
    'C.7.6.17',
    '',
    'DimensionOrganizationSequence DimensionIndexSequence',
  ),
  table(
    'Multi-frame Dimension',
    'C.7.6.17',
    'DimensionOrganizationSequence',
    'DimensionOrganizationUID',
  ),
  table(
    'Multi-frame Dimension',
    'C.7.6.17',
    'DimensionIndexSequence',
    'DimensionOrganizationUID DimensionIndexPointer FunctionalGroupPointer',
  ),
  table(
    'Functional Groups that frames share',
    'A.51.5',
    'SharedFunctionalGroupsSequence',
    'PixelMeasuresSequence PlaneOrientationSequence',
  ),
  table(
    'Pixel Measures Macro',
    'C.7.6.16.2.1',
    'SharedFunctionalGroupsSequence PixelMeasuresSequence',
    'PixelSpacing SliceThickness SpacingBetweenSlices',
  ),
  table(
    'Plane Orientation Macro',
    'C.7.6.16.2.4',
    'SharedFunctionalGroupsSequence PlaneOrientationSequence',
    'ImageOrientationPatient',
  ),
  table(
    'Functional Groups of a frame',
    'A.51.5',
    'PerFrameFunctionalGroupsSequence',
    'FrameContentSequence PlanePositionSequence DerivationImageSequence',
  ),
  table(
    'Frame Content Macro',
    'C.7.6.16.2.2',
    'PerFrameFunctionalGroupsSequence FrameContentSequence',
    'DimensionIndexValues',
  ),
  table(
    'Plane Position Macro',
    'C.7.6.16.2.3',
    'PerFrameFunctionalGroupsSequence PlanePositionSequence',
    'ImagePositionPatient',
  ),
  table(
    'Derivation Image Macro',
    'C.7.6.16.2.6',
    'PerFrameFunctionalGroupsSequence DerivationImageSequence',
    'DerivationCodeSequence SourceImageSequence',
  ),
  table(
    'Derivation Image Macro',
    'C.7.6.16.2.6',
    'PerFrameFunctionalGroupsSequence DerivationImageSequence SourceImageSequence',
    'ReferencedSOPClassUID ReferencedSOPInstanceUID PurposeOfReferenceCodeSequence',
  ),
  table(
    'General Reference',
    'C.12.4',
    'SourceImageSequence',
    'ReferencedSOPClassUID ReferencedSOPInstanceUID',
  ),
  table('Common Instance Reference', 'C.12.2', '', 'ReferencedSeriesSequence'),
  ...INSTANCE_REFERENCE,
];

export const BINARY_TABLES: readonly ModuleTable[] = [
  ...SEGMENTATION,
  table('Segment Description Macro', 'C.8.20.4', 'SegmentSequence', 'TrackingID TrackingUID'),
  table(
    'Functional Groups of a frame',
    'A.51.5',
    'PerFrameFunctionalGroupsSequence',
    'SegmentIdentificationSequence',
  ),
  table(
    'Segmentation Macro',
    'C.8.20.3.1',
    'PerFrameFunctionalGroupsSequence SegmentIdentificationSequence',
    'ReferencedSegmentNumber',
  ),
];

/** Pixels name the segments here, and the background's item has no tracking. */
export const LABELMAP_TABLES: readonly ModuleTable[] = [
  ...SEGMENTATION,
  table('Segmentation Image', 'C.8.20.2', '', 'PixelPaddingValue'),
];

/** What both kinds of documents say of the instances they speak of. */
function evidence(sequence: string): ModuleTable[] {
  return [
    table(
      'Hierarchical SOP Instance Reference Macro',
      'C.17.2.1',
      sequence,
      'StudyInstanceUID ReferencedSeriesSequence',
    ),
    table(
      'Hierarchical Series Reference Macro',
      'C.17.2.2',
      `${sequence} ReferencedSeriesSequence`,
      'SeriesInstanceUID ReferencedSOPSequence',
    ),
    table(
      'Hierarchical Series Reference Macro',
      'C.17.2.2',
      `${sequence} ReferencedSeriesSequence ReferencedSOPSequence`,
      'ReferencedSOPClassUID ReferencedSOPInstanceUID',
    ),
  ];
}

const DOCUMENT_CONTENT: readonly ModuleTable[] = [
  table(
    'SR Document Content',
    'C.17.3',
    '',
    `ValueType ConceptNameCodeSequence ContinuityOfContent ContentTemplateSequence
     ContentSequence`,
  ),
  ...['', 'ContentSequence'].map((at) =>
    table(
      'Content Template Macro',
      'C.18.8',
      `${at} ContentTemplateSequence`,
      'MappingResource TemplateIdentifier',
    ),
  ),
  table('Document Relationship Macro', 'C.17.3', 'ContentSequence', 'RelationshipType ValueType'),
];

/** Comprehensive 3D SR IOD (A.35.13). */
export const REPORT_TABLES: readonly ModuleTable[] = [
  ...COMMON,
  table(
    'SR Document Series',
    'C.17.1',
    '',
    'Modality SeriesInstanceUID SeriesNumber',
    'ReferencedPerformedProcedureStepSequence',
  ),
  table(
    'SR Document General',
    'C.17.2',
    '',
    `InstanceNumber CompletionFlag VerificationFlag ContentDate ContentTime
     CurrentRequestedProcedureEvidenceSequence`,
    'PerformedProcedureCodeSequence',
  ),
  ...evidence('CurrentRequestedProcedureEvidenceSequence'),
  ...evidence('PredecessorDocumentsSequence'),
  ...DOCUMENT_CONTENT,
  table(
    'SOP Common',
    'C.12.1',
    'CodingSchemeIdentificationSequence',
    'CodingSchemeDesignator CodingSchemeName',
  ),
];

/** Key Object Selection Document IOD (A.35.4). */
export const REJECTION_TABLES: readonly ModuleTable[] = [
  ...COMMON,
  table(
    'Key Object Document Series',
    'C.17.6.1',
    '',
    'Modality SeriesInstanceUID SeriesNumber',
    'ReferencedPerformedProcedureStepSequence',
  ),
  table(
    'Key Object Document',
    'C.17.6.2',
    '',
    'InstanceNumber ContentDate ContentTime CurrentRequestedProcedureEvidenceSequence',
  ),
  ...evidence('CurrentRequestedProcedureEvidenceSequence'),
  ...DOCUMENT_CONTENT,
  table(
    'Composite Object Reference Macro',
    'C.18.3',
    'ContentSequence ReferencedSOPSequence',
    'ReferencedSOPClassUID ReferencedSOPInstanceUID',
  ),
];
