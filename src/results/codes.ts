import type { Code } from '../contracts/index.ts';
import type { Dataset } from './dicom/dataset.ts';

/** Designator of the codes that Situs defines itself (PS3.16 8.2: 99 marks private schemes). */
export const PRIVATE_SCHEME = '99SITUS';

const dcm = (value: string, meaning: string): Code => ({ value, scheme: 'DCM', meaning });
export const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
const ucum = (value: string, meaning: string): Code => ({ value, scheme: 'UCUM', meaning });

/** Every concept that Situs writes, each code value with one meaning only. */
export const CODES = {
  acquisitionEquipment: dcm('109101', 'Acquisition Equipment'),
  processingEquipment: dcm('109102', 'Processing Equipment'),
  rowsOfPixelData: dcm('110910', 'Pixel Data Rows'),
  columnsOfPixelData: dcm('110911', 'Pixel Data Columns'),
  mrSignalIntensity: dcm('110852', 'MR signal intensity'),
  algorithmFamily: dcm('111000', 'Algorithm Family'),
  algorithmName: dcm('111001', 'Algorithm Name'),
  algorithmParameters: dcm('111002', 'Algorithm Parameters'),
  algorithmVersion: dcm('111003', 'Algorithm Version'),
  algorithmManufacturer: dcm('122405', 'Algorithm Manufacturer'),
  horizontalPixelSpacing: dcm('111026', 'Horizontal Pixel Spacing'),
  verticalPixelSpacing: dcm('111066', 'Vertical Pixel Spacing'),
  imageLibrary: dcm('111028', 'Image Library'),
  attenuationCoefficient: dcm('112031', 'Attenuation Coefficient'),
  trackingIdentifier: dcm('112039', 'Tracking Identifier'),
  trackingUid: dcm('112040', 'Tracking Unique Identifier'),
  sliceThickness: dcm('112225', 'Slice Thickness'),
  sliceSpacing: dcm('112226', 'Spacing between slices'),
  frameOfReferenceUid: dcm('112227', 'Frame of Reference UID'),
  rejectedForQuality: dcm('113001', 'Rejected for Quality Reasons'),
  keyObjectDescription: dcm('113012', 'Key Object Description'),
  rejectedForSafety: dcm('113037', 'Rejected for Patient Safety Reasons'),
  segmentation: dcm('113076', 'Segmentation'),
  measurementFailure: dcm('114006', 'Measurement failure'),
  observerType: dcm('121005', 'Observer Type'),
  device: dcm('121007', 'Device'),
  deviceObserverUid: dcm('121012', 'Device Observer UID'),
  deviceObserverName: dcm('121013', 'Device Observer Name'),
  deviceObserverManufacturer: dcm('121014', 'Device Observer Manufacturer'),
  deviceObserverModel: dcm('121015', 'Device Observer Model Name'),
  deviceObserverSerial: dcm('121016', 'Device Observer Serial Number'),
  language: dcm('121049', 'Language of Content Item and Descendants'),
  procedureReported: dcm('121058', 'Procedure reported'),
  finding: dcm('121071', 'Finding'),
  modality: dcm('121139', 'Modality'),
  referencedSegment: dcm('121191', 'Referenced Segment'),
  sourceSeries: dcm('121232', 'Source series for segmentation'),
  sourceImage: dcm('121322', 'Source image for image processing operation'),
  derivation: dcm('121401', 'Derivation'),
  artificialIntelligence: dcm('123110', 'Artificial Intelligence'),
  background: dcm('125040', 'Background'),
  measurementGroup: dcm('125007', 'Measurement Group'),
  measurementReport: dcm('126000', 'Imaging Measurement Report'),
  measurements: dcm('126010', 'Imaging Measurements'),
  summedVoxels: dcm('126030', 'Sum of segmented voxel volumes'),
  imageLibraryGroup: dcm('126200', 'Image Library Group'),
  mr: dcm('MR', 'Magnetic Resonance'),
  ct: dcm('CT', 'Computed Tomography'),
  volume: sct('118565006', 'Volume'),
  anatomicalStructure: sct('123037004', 'Anatomical Structure'),
  right: sct('24028007', 'Right'),
  minimum: sct('255605001', 'Minimum'),
  laterality: sct('272741003', 'Laterality'),
  findingCategory: sct('276214006', 'Finding category'),
  findingSite: sct('363698007', 'Finding Site'),
  measurementMethod: sct('370129005', 'Measurement Method'),
  yes: sct('373066001', 'Yes'),
  no: sct('373067005', 'No'),
  mean: sct('373098007', 'Mean'),
  median: sct('373099004', 'Median'),
  standardDeviation: sct('386136009', 'Standard Deviation'),
  maximum: sct('56851009', 'Maximum'),
  left: sct('7771000', 'Left'),
  english: { value: 'en-US', scheme: 'RFC5646', meaning: 'English (United States)' },
  mrProcedure: { value: '25056-3', scheme: 'LN', meaning: 'MRI unspecified body region' },
  ctProcedure: { value: '25045-6', scheme: 'LN', meaning: 'CT unspecified body region' },
  millimetre: ucum('mm', 'mm'),
  millilitre: ucum('mL', 'milliliter'),
  pixels: ucum('{pixels}', 'pixels'),
  hounsfield: ucum("[hnsf'U]", 'Hounsfield Unit'),
  arbitraryUnit: ucum("[arb'U]", 'arbitrary unit'),
  truncated: {
    value: 'TRUNC_FOV',
    scheme: PRIVATE_SCHEME,
    meaning: 'Structure truncated by field of view',
  },
} as const satisfies Readonly<Record<string, Code>>;

/** A code sequence item (PS3.3 8.8); `extra` holds what is nested in it, e.g. modifiers. */
export function codeItem(code: Code, extra: Dataset = {}): Dataset {
  return {
    CodeValue: code.value,
    CodingSchemeDesignator: code.scheme,
    CodeMeaning: code.meaning,
    ...extra,
  };
}

export function sameCode(
  a: Pick<Code, 'value' | 'scheme'>,
  b: Pick<Code, 'value' | 'scheme'>,
): boolean {
  return a.value === b.value && a.scheme === b.scheme;
}
