import { COMMON, INSTANCE_REFERENCE, table, type ModuleTable } from './modules.ts';

/** Multi-frame True Color Secondary Capture Image IOD (A.8.5), as far as Situs writes it. */
export const CAPTURE_TABLES: readonly ModuleTable[] = [
  ...COMMON,
  table(
    'General Series',
    'C.7.3.1',
    '',
    'Modality SeriesInstanceUID BodyPartExamined',
    'SeriesNumber',
  ),
  table('SC Equipment', 'C.8.6.1', '', 'ConversionType'),
  table(
    'General Image',
    'C.7.6.1',
    '',
    'ImageType DerivationDescription LossyImageCompression',
    'InstanceNumber PatientOrientation ContentDate ContentTime',
  ),
  table(
    'Image Pixel',
    'C.7.6.3',
    '',
    `SamplesPerPixel PhotometricInterpretation PlanarConfiguration Rows Columns BitsAllocated
     BitsStored HighBit PixelRepresentation PixelData`,
  ),
  table('Multi-frame', 'C.7.6.6', '', 'NumberOfFrames FrameIncrementPointer'),
  table('SC Multi-frame Image', 'C.8.6.3', '', 'BurnedInAnnotation'),
  table('SC Multi-frame Vector', 'C.8.6.4', '', 'SliceLocationVector'),
  table(
    'General Reference',
    'C.12.4',
    'SourceImageSequence',
    'ReferencedSOPClassUID ReferencedSOPInstanceUID',
  ),
  ...INSTANCE_REFERENCE,
];
