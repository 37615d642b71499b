import { join } from 'node:path';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import type { HeaderAttributes, SeriesHeaders, StudyHeaders } from '../../src/contracts/index.ts';
import type { DecisionToSave, Records } from '../../src/records/index.ts';
import { decide } from '../../src/routing/index.ts';
import { matchStudy } from '../../src/sequences/index.ts';
import { listing, queue, revisionOf, SERVICE, uid } from '../records/fixtures.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'config');

/** A series of a generated study: attributes and number of slices. */
interface Sketch {
  readonly slices: number;
  readonly spacing: number;
  readonly attributes: HeaderAttributes;
}

const MR = {
  Modality: 'MR',
  SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
  Manufacturer: 'SIEMENS',
  ManufacturerModelName: 'Skyra',
  MagneticFieldStrength: 3,
  ImagingFrequency: 123.2,
  BodyPartExamined: 'ABDOMEN',
  ImageType: ['ORIGINAL', 'PRIMARY', 'M', 'ND'],
};

export const SKETCHES = {
  localizer: {
    slices: 9,
    spacing: 20,
    attributes: { ...MR, SeriesDescription: 'localizer', ProtocolName: 'localizer' },
  },
  haste: {
    slices: 36,
    spacing: 6,
    attributes: {
      ...MR,
      SeriesDescription: 't2_haste_tra_mbh',
      ProtocolName: 't2_haste_tra_mbh',
      ScanningSequence: 'SE',
      SequenceVariant: ['SK', 'SP', 'OSP'],
      SequenceName: '*h2d1_205',
      EchoTrainLength: 205,
      EchoTime: 92,
      RepetitionTime: 1200,
      FlipAngle: 150,
      MRAcquisitionType: '2D',
    },
  },
  inPhase: {
    slices: 40,
    spacing: 5,
    attributes: {
      ...MR,
      SeriesDescription: 't1_fl2d_tra_in-phase',
      ProtocolName: 't1_fl2d_opp-in_tra',
      ScanningSequence: 'GR',
      SequenceVariant: ['SP', 'OSP'],
      EchoTime: 2.46,
      RepetitionTime: 150,
      FlipAngle: 65,
      MRAcquisitionType: '2D',
    },
  },
  dwi: {
    slices: 30,
    spacing: 6,
    attributes: {
      ...MR,
      SeriesDescription: 'ep2d_diff_b50_400_800_tra',
      ProtocolName: 'ep2d_diff',
      ScanningSequence: 'EP',
      SequenceVariant: 'SK',
      EchoTime: 60,
      RepetitionTime: 6000,
    },
  },
} as const satisfies Readonly<Record<string, Sketch>>;

/** Headers as intake keeps them, frames and all, of a study with these series. */
export function generatedStudy(
  sketches: readonly Sketch[],
  change: HeaderAttributes = {},
): StudyHeaders {
  const studyInstanceUid = uid();
  return {
    studyInstanceUid,
    attributes: { StudyDescription: 'MR Abdomen', StudyDate: '20260301', StudyTime: '083000' },
    series: sketches.map((sketch, index) => seriesOf(sketch, index + 1, change)),
  };
}

function seriesOf(sketch: Sketch, number: number, change: HeaderAttributes): SeriesHeaders {
  const { slices, spacing, attributes } = sketch;
  const seriesInstanceUid = uid();
  return {
    seriesInstanceUid,
    instanceCount: slices,
    attributes: { ...attributes, SeriesNumber: number, ...change },
    stacks: [
      {
        id: 'all',
        attributes: {},
        frames: Array.from({ length: slices }, (_, slice) => ({
          sopInstanceUid: `${seriesInstanceUid}.${slice + 1}`,
          frameNumber: null,
        })),
        plane: 'axial',
        sliceSpacing: spacing,
        coverage: slices * spacing,
        pixelSpacing: [1.2, 1.2],
      },
    ],
  };
}

/** Decides studies by the shipped definitions and rules, as the node does, ready to be saved. */
export async function shippedDecider(): Promise<(headers: StudyHeaders) => DecisionToSave> {
  const sequences = await loadSequences(join(CONFIG, 'sequences.yaml'));
  const rules = await loadRules(join(CONFIG, 'rules.yaml'));
  return (headers) => {
    const matches = matchStudy(headers, sequences.value);
    const decision = decide(headers, matches, rules.value, {
      ruleSetVersion: rules.version,
      sequencesVersion: sequences.version,
    });
    const study = listing({
      studyInstanceUid: headers.studyInstanceUid,
      series: headers.series.map((one) => ({
        seriesInstanceUid: one.seriesInstanceUid,
        modality: 'MR',
        seriesNumber: null,
        seriesDescription: null,
        sopInstanceUids: one.stacks.flatMap(({ frames }) => frames.map((f) => f.sopInstanceUid)),
      })),
    });
    return { revision: revisionOf(study), headers, decision, matches, jobs: [] };
  };
}

/** Saves the decisions on generated studies; says their Study Instance UIDs. */
export async function saveDecided(
  records: Records,
  studies: readonly StudyHeaders[],
): Promise<string[]> {
  const decider = await shippedDecider();
  for (const headers of studies) {
    await records.decisions.saveDecision(SERVICE, decider(headers), queue().enqueue);
  }
  return studies.map((one) => one.studyInstanceUid);
}
