import { ds, type Attributes, type PrivateElements } from './write.ts';

/** The scanner: Siemens, 1.5 T, syngo. */
export const SIEMENS: Attributes = {
  Manufacturer: 'SIEMENS',
  ManufacturerModelName: 'Avanto_fit',
  StationName: 'MRC40001',
  DeviceSerialNumber: '40001',
  SoftwareVersions: 'syngo MR E11',
  InstitutionalDepartmentName: 'Radiologie',
  BodyPartExamined: 'ABDOMEN',
  MagneticFieldStrength: '1.5',
  ImagingFrequency: '63.678402',
  ImagedNucleus: '1H',
  AngioFlag: 'N',
  TransmitCoilName: 'Body',
  NumberOfAverages: '1',
  PercentSampling: '80',
  PercentPhaseFieldOfView: '78.125',
  InPlanePhaseEncodingDirection: 'COL',
  VariableFlipAngleFlag: 'N',
};

/** What tells one MR protocol from another. */
export interface MrProtocol {
  readonly description: string;
  readonly protocol: string;
  readonly sequenceName: string;
  readonly scanningSequence: string | readonly string[];
  readonly variant: string | readonly string[];
  readonly options?: string | readonly string[];
  readonly acquisition: '2D' | '3D';
  readonly tr: number;
  readonly flip: number;
  readonly echoTrain: number;
  readonly bandwidth: number;
  readonly spacing: number;
  readonly phaseSteps: number;
}

/** Series attributes of a protocol. */
export function siemensProtocol(p: MrProtocol): Attributes {
  return {
    ...SIEMENS,
    SeriesDescription: p.description,
    ProtocolName: p.protocol,
    SequenceName: p.sequenceName,
    ScanningSequence: p.scanningSequence,
    SequenceVariant: p.variant,
    ScanOptions: p.options ?? '',
    MRAcquisitionType: p.acquisition,
    RepetitionTime: ds(p.tr),
    FlipAngle: ds(p.flip),
    EchoTrainLength: String(p.echoTrain),
    PixelBandwidth: ds(p.bandwidth),
    SpacingBetweenSlices: ds(p.spacing),
    NumberOfPhaseEncodingSteps: String(p.phaseSteps),
  };
}

/** Attributes of an echo. */
export function echo(te: number, number: number, imageType: readonly string[]): Attributes {
  return { EchoTime: ds(te), EchoNumbers: String(number), ImageType: imageType };
}

/** Siemens' private b-value. */
export function siemensDiffusion(b: number): PrivateElements {
  return {
    '00190010': { vr: 'LO', Value: ['SIEMENS MR HEADER'] },
    '0019100C': { vr: 'IS', Value: [String(b)] },
  };
}
