import type { FieldStrength } from '../phantom/contrast.ts';
import type { Phantom } from '../phantom/phantom.ts';
import {
  diffusionSet, doseReportPicture, fatSuppressedT1, localizer, scout, subtraction, thickSlabs, type Picture,
} from './companions.ts'; // prettier-ignore
import { GE_CT, geProtocol, gePulse } from './ge.ts';
import { timeAfter, type StudyIdentity } from './identity.ts';
import { seriesUid, SOP_CLASSES, type DicomFile, type SeriesPlan, type Stack } from './series.ts';
import { echo, siemensDiffusion, siemensProtocol, type MrProtocol } from './siemens.ts';
import { uidOf } from './uids.ts';
import { writeInstance, type Attributes, type PrivateElements } from './write.ts';

/** A series and what a reader of its headers must make of it. */
export interface ExpectedPlan {
  readonly plan: SeriesPlan;
  readonly sequence: string;
}

function stacks(
  pictures: readonly Picture[],
  attributes: (i: number) => Attributes,
  extra?: (i: number) => PrivateElements,
): Stack[] {
  return pictures.map((p, i) => ({
    ...p,
    attributes: attributes(i),
    ...(extra === undefined ? {} : { private: extra(i) }),
  }));
}

const SINGLE_SHOT: Omit<MrProtocol, 'description' | 'protocol'> = {
  sequenceName: '*h2d1_128',
  scanningSequence: 'SE',
  variant: ['SK', 'SP', 'OSP'],
  acquisition: '2D',
  tr: 1000,
  flip: 150,
  echoTrain: 128,
  bandwidth: 710,
  spacing: 40,
  phaseSteps: 112,
};

const PLANAR: Omit<MrProtocol, 'description' | 'protocol'> = {
  sequenceName: '*ep_b50#1',
  scanningSequence: 'EP',
  variant: ['SK', 'SP'],
  options: ['PFP', 'FS'],
  acquisition: '2D',
  tr: 5200,
  flip: 90,
  echoTrain: 96,
  bandwidth: 1736,
  spacing: 9,
  phaseSteps: 96,
};

/** The companions of a Siemens liver study: localizer, diffusion and its map, subtraction, thick-slab MRCP. */
export function siemensCompanions(phantom: Phantom, field: FieldStrength): ExpectedPlan[] {
  const b = [50, 400, 800];
  const diffusion = diffusionSet(phantom, field, b);
  const series = (
    key: string,
    number: number,
    at: number,
    attributes: Attributes,
    list: readonly Stack[],
  ): SeriesPlan => ({ key, number, modality: 'MR', at, attributes, stacks: list });
  const epi = 'ep2d_diff_b50_400_800_tra_trig';
  const slab = 't2_haste_fs_cor_thick_slab_MRCP';
  const vibe = 't1_vibe_fs_tra_bh_dyn';
  return [
    {
      sequence: 'localizer',
      plan: series(
        'localizer',
        1,
        0,
        siemensProtocol({ ...SINGLE_SHOT, description: 'localizer', protocol: 'localizer' }),
        stacks(localizer(phantom, field), () =>
          echo(60, 1, ['ORIGINAL', 'PRIMARY', 'M', 'NORM', 'DIS2D']),
        ),
      ),
    },
    {
      sequence: 'dwi',
      plan: series(
        'diffusion',
        4,
        420,
        siemensProtocol({ ...PLANAR, description: `${epi}_TRACEW`, protocol: epi }),
        stacks(
          diffusion.images,
          (i) => ({
            ...echo(65, 1, ['ORIGINAL', 'PRIMARY', 'DIFFUSION', 'TRACEW', 'NORM', 'DIS2D']),
            SequenceName: `*ep_b${String(b[i] ?? 0)}t`,
          }),
          (i) => siemensDiffusion(b[i] ?? 0),
        ),
      ),
    },
    {
      sequence: 'adc',
      plan: series(
        'adc',
        5,
        430,
        siemensProtocol({ ...PLANAR, description: `${epi}_ADC`, protocol: epi }),
        stacks([diffusion.map], () =>
          echo(65, 1, ['DERIVED', 'PRIMARY', 'DIFFUSION', 'ADC', 'NORM', 'DIS2D']),
        ),
      ),
    },
    {
      sequence: 'mrcp',
      plan: series(
        'mrcp',
        6,
        610,
        siemensProtocol({
          ...SINGLE_SHOT,
          description: slab,
          protocol: slab,
          tr: 4500,
          options: 'FS',
          echoTrain: 256,
        }),
        stacks(thickSlabs(phantom, field), () => echo(750, 1, ['ORIGINAL', 'PRIMARY', 'M', 'ND'])),
      ),
    },
    {
      sequence: 'subtraction',
      plan: series(
        'subtraction',
        9,
        900,
        {
          ...siemensProtocol({
            description: `${vibe}_SUB`,
            protocol: vibe,
            sequenceName: '*fl3d1',
            scanningSequence: 'GR',
            variant: ['SP', 'OSP'],
            options: ['PFP', 'FS'],
            acquisition: '3D',
            tr: 4.2,
            flip: 10,
            echoTrain: 1,
            bandwidth: 450,
            spacing: 6,
            phaseSteps: 96,
          }),
          ContrastBolusAgent: 'Gadovist',
        },
        stacks(subtraction(phantom, field), () =>
          echo(1.9, 1, ['DERIVED', 'PRIMARY', 'M', 'ND', 'SUB']),
        ),
      ),
    },
  ];
}

/** The companions of a GE liver study: localizer, plain LAVA, diffusion and its map. */
export function geCompanions(phantom: Phantom, field: FieldStrength): ExpectedPlan[] {
  const b = [50, 600];
  const diffusion = diffusionSet(phantom, field, b);
  const protocol = 'ABDOMEN/LIVER 3T';
  const original = ['ORIGINAL', 'PRIMARY', 'OTHER'];
  return [
    {
      sequence: 'localizer',
      plan: {
        key: 'localizer',
        number: 1,
        modality: 'MR',
        at: 0,
        attributes: geProtocol({
          ...SINGLE_SHOT,
          description: '3-Plane Loc SSFSE',
          protocol,
          variant: ['SS', 'SK'],
          options: ['FAST_GEMS', 'SS_GEMS'],
        }),
        stacks: stacks(
          localizer(phantom, field),
          () => echo(60, 1, original),
          () => gePulse('ssfse'),
        ),
      },
    },
    {
      sequence: 't1_fs_pre',
      plan: {
        key: 'lava',
        number: 4,
        modality: 'MR',
        at: 380,
        attributes: geProtocol({
          description: 'Ax LAVA PRE BH',
          protocol,
          sequenceName: '',
          scanningSequence: 'GR',
          variant: ['SK', 'SP'],
          options: ['FAST_GEMS', 'EDR_GEMS', 'FILTERED_GEMS', 'ACC_GEMS', 'PFF', 'FS'],
          acquisition: '3D',
          tr: 4.2,
          flip: 10,
          echoTrain: 1,
          bandwidth: 651,
          spacing: 5,
          phaseSteps: 96,
        }),
        stacks: stacks(
          fatSuppressedT1(phantom, field),
          () => echo(1.9, 1, original),
          () => gePulse('efgre3d'),
        ),
      },
    },
    {
      sequence: 'dwi',
      plan: {
        key: 'diffusion',
        number: 5,
        modality: 'MR',
        at: 520,
        attributes: geProtocol({ ...PLANAR, description: 'Ax DWI b50 b600 RTr', protocol }),
        stacks: stacks(
          diffusion.images,
          () => echo(65, 1, original),
          (i) => gePulse('epi2', b[i] ?? 0),
        ),
      },
    },
    {
      sequence: 'adc',
      plan: {
        key: 'adc',
        number: 550,
        modality: 'MR',
        at: 530,
        attributes: geProtocol({
          ...PLANAR,
          // A map is computed, not acquired; GE calls that research mode.
          scanningSequence: 'RM',
          description: 'Apparent Diffusion Coefficient (mm2/s)',
          protocol,
        }),
        stacks: stacks(
          [diffusion.map],
          () => echo(65, 1, ['DERIVED', 'SECONDARY', 'COMBINED']),
          () => gePulse('epi2'),
        ),
      },
    },
  ];
}

/** Scout of a GE CT: one projection from the front, one from the side. */
export function scoutPlan(phantom: Phantom): ExpectedPlan {
  return {
    sequence: 'ct_scout',
    plan: {
      key: 'scout',
      number: 1,
      modality: 'CT',
      at: 0,
      attributes: {
        ...GE_CT,
        SeriesDescription: 'SCOUT',
        ProtocolName: '5.1 ABDOMEN PELVIS PORTAL VENOUS',
        ScanOptions: 'SCOUT MODE',
        ConvolutionKernel: '',
        XRayTubeCurrent: '20',
        ExposureTime: '5200',
      },
      stacks: stacks(scout(phantom), () => ({
        ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'],
        // Projections are no Hounsfield units.
        RescaleType: 'US',
      })),
    },
  };
}

/** The dose report of a GE CT: a screen picture as Secondary Capture. */
export function doseReport(identity: StudyIdentity, seed: number): DicomFile {
  const { rows, columns, pixels } = doseReportPicture(seed);
  const seriesInstanceUid = seriesUid(identity, 'dose report');
  const sopInstanceUid = uidOf('instance', seriesInstanceUid, 0, 0);
  const date = identity.attributes['StudyDate'] ?? '';
  const time = timeAfter(identity, 700);
  const bytes = writeInstance({
    ...identity.attributes,
    Manufacturer: GE_CT['Manufacturer'] ?? '',
    ManufacturerModelName: GE_CT['ManufacturerModelName'] ?? '',
    SOPClassUID: SOP_CLASSES.secondaryCapture,
    SOPInstanceUID: sopInstanceUid,
    Modality: 'CT',
    BodyPartExamined: 'ABDOMEN',
    ConversionType: 'WSD',
    ImageType: ['DERIVED', 'SECONDARY', 'SCREEN SAVE'],
    SeriesInstanceUID: seriesInstanceUid,
    SeriesNumber: '999',
    SeriesDescription: 'Dose Report',
    SeriesDate: date,
    SeriesTime: time,
    ContentDate: date,
    ContentTime: time,
    InstanceNumber: '1',
    PatientOrientation: '',
    BurnedInAnnotation: 'YES',
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    Rows: rows,
    Columns: columns,
    BitsAllocated: 8,
    BitsStored: 8,
    HighBit: 7,
    PixelRepresentation: 0,
    PixelData: pixels,
  });
  return { seriesInstanceUid, sopInstanceUid, bytes };
}
