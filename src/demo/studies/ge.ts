import type { MrProtocol } from './siemens.ts';
import { ds, type Attributes, type PrivateElements } from './write.ts';

/** The MR scanner: GE, 3 T. */
const GE_MR: Attributes = {
  Manufacturer: 'GE MEDICAL SYSTEMS',
  ManufacturerModelName: 'DISCOVERY MR750',
  StationName: 'GEMR3T01',
  DeviceSerialNumber: '0000000312MR750',
  SoftwareVersions: ['27', 'LX', 'MR Software release:DV25.1_R02_1649.a'],
  BodyPartExamined: 'ABDOMEN',
  MagneticFieldStrength: '3',
  ImagingFrequency: '127.772434',
  ImagedNucleus: '1H',
  AngioFlag: 'N',
  ReceiveCoilName: '32Ch Torso_U',
  NumberOfAverages: '1',
  PercentSampling: '100',
  PercentPhaseFieldOfView: '80',
  InPlanePhaseEncodingDirection: 'COL',
  VariableFlipAngleFlag: 'N',
};

/** Series attributes of a GE MR protocol; the sequence's name is private there, see `gePulse`. */
export function geProtocol(p: MrProtocol): Attributes {
  return {
    ...GE_MR,
    SeriesDescription: p.description,
    ProtocolName: p.protocol,
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

/** GE's private pulse sequence name, and its b-value where there is one. */
export function gePulse(name: string, b?: number): PrivateElements {
  return {
    '00190010': { vr: 'LO', Value: ['GEMS_ACQU_01'] },
    '0019109C': { vr: 'LO', Value: [name] },
    ...(b === undefined
      ? {}
      : {
          '00430010': { vr: 'LO', Value: ['GEMS_PARM_01'] },
          '00431039': { vr: 'IS', Value: [String(b), '8', '0', '0'] },
        }),
  };
}

/** The CT scanner. */
export const GE_CT: Attributes = {
  Manufacturer: 'GE MEDICAL SYSTEMS',
  ManufacturerModelName: 'Revolution EVO',
  StationName: 'GECT0002',
  DeviceSerialNumber: '0000000204CT',
  SoftwareVersions: 'revo_ct_21b.35',
  BodyPartExamined: 'ABDOMEN',
  KVP: '120',
  GantryDetectorTilt: '0',
  DistanceSourceToDetector: '946.746',
  DistanceSourceToPatient: '538.52',
  FocalSpots: '1.2',
  FilterType: 'BODY FILTER',
};

/** Series attributes of a helical body scan. */
export function geHelical(description: string, kernel: string, contrast: boolean): Attributes {
  return {
    ...GE_CT,
    SeriesDescription: description,
    ProtocolName: '5.1 ABDOMEN PELVIS PORTAL VENOUS',
    ScanOptions: 'HELICAL MODE',
    ConvolutionKernel: kernel,
    DataCollectionDiameter: '500',
    ReconstructionDiameter: '430',
    TableHeight: '152',
    RotationDirection: 'CW',
    ExposureTime: '500',
    XRayTubeCurrent: '310',
    Exposure: '155',
    GeneratorPower: '37200',
    RevolutionTime: 0.5,
    SingleCollimationWidth: 0.625,
    TotalCollimationWidth: 40,
    TableSpeed: 110,
    TableFeedPerRotation: 55,
    SpiralPitchFactor: 1.375,
    ...(contrast ? { ContrastBolusAgent: 'OMNIPAQUE 350 100ML', ContrastBolusRoute: 'IV' } : {}),
  };
}
