import { describe, expect, it } from '@jest/globals';
import { loadSequences } from '../../src/config/index.ts';
import type { SequenceDefinitions } from '../../src/contracts/index.ts';
import { classifyLine } from '../../src/sequences/index.ts';

type Wanted = 't1_in_phase' | 'haste' | 'ct_abdomen' | 'none';
interface Study {
  readonly language: string;
  readonly modality: 'MR' | 'CT';
  readonly description: string;
  readonly series: readonly (readonly [description: string, wanted: Wanted])[];
}

/** Descriptions as sites write them, none from the labelled data. */
const STUDIES: readonly Study[] = [
  {
    language: 'English plurals and slips',
    modality: 'CT',
    description: 'CT Abdomen',
    series: [
      ['Axials 5 mm', 'ct_abdomen'],
      ['Coronals', 'none'],
      ['Sagitals', 'none'],
      ['MPRs', 'none'],
      ['Bones', 'none'],
    ],
  },
  {
    language: 'English names of both echoes',
    modality: 'MR',
    description: 'MRI Abdomen',
    series: [
      ['Ax T1 in and out of phase', 't1_in_phase'],
      ['Dual FSPGR', 't1_in_phase'],
      ['Ax FFE dual BH', 't1_in_phase'],
      ['Dual echo T1', 't1_in_phase'],
      ['T2 TSE dual flip', 'none'],
    ],
  },
  {
    language: 'German',
    modality: 'MR',
    description: 'MRT Oberbauch',
    series: [
      ['T1 GRE in-phase + opposed-phase transversal', 't1_in_phase'],
      ['T1 tra opp-phase', 'none'],
      ['T2 haste kor', 'haste'],
      ['T1 vibe fettgesättigt tra nativ', 'none'],
      ['Lokalizer', 'none'],
    ],
  },
  {
    language: 'French',
    modality: 'MR',
    description: 'IRM abdominale',
    series: [
      ['AX T1 EN PHASE', 't1_in_phase'],
      ['AX T1 PHASE / OPPOSITION DE PHASE', 't1_in_phase'],
      ['AX T1 OPPOSITION DE PHASE', 'none'],
      ['T1 double écho', 't1_in_phase'],
      ['Ax T2 SSFSE apnée', 'haste'],
      ['REPÉRAGE', 'none'],
      ['BILI IRM 3D', 'none'],
    ],
  },
  {
    language: 'Spanish',
    modality: 'MR',
    description: 'RM ABDOMEN CON CONTRASTE',
    series: [
      ['T1 EN FASE AXIAL', 't1_in_phase'],
      ['T1 fase/fuera de fase', 't1_in_phase'],
      ['T1 FUERA DE FASE AXIAL', 'none'],
      ['T2 single shot cor', 'haste'],
      ['COLANGIO RM', 'none'],
      ['DIFUSIÓN', 'none'],
    ],
  },
  {
    language: 'Italian',
    modality: 'MR',
    description: 'RM addome superiore',
    series: [
      ['T1 in fase assiale', 't1_in_phase'],
      ['T1 fuori fase', 'none'],
      ['T2 SSTSE cor', 'haste'],
    ],
  },
  {
    language: 'Polish',
    modality: 'MR',
    description: 'MR jamy brzusznej',
    series: [
      ['T1 w fazie', 't1_in_phase'],
      ['T1 w przeciwfazie', 'none'],
      ['T2 HASTE poprzeczna', 'haste'],
      ['DYFUZJA b800', 'none'],
    ],
  },
  {
    language: 'Portuguese',
    modality: 'MR',
    description: 'RM ABDOME SUPERIOR',
    series: [
      ['T1 em fase / fora de fase', 't1_in_phase'],
      ['T1 FORA DE FASE', 'none'],
      ['AX T2 SSFSE', 'haste'],
    ],
  },
  {
    language: 'vendor names',
    modality: 'MR',
    description: 'Abdomen',
    series: [
      ['mDIXON_IP', 't1_in_phase'],
      ['mDIXON_OP', 'none'],
      ['mDIXON_W', 'none'],
      ['T1W_FFE_IP_OP', 't1_in_phase'],
      ['T2W_SSh_ax', 'haste'],
      ['eTHRIVE_pre', 'none'],
      ['t1_gre_fsp_inphase', 't1_in_phase'],
      ['t2_fse_ssh_cor', 'haste'],
      ['t1_quick3d_wfi_in', 't1_in_phase'],
      ['t1_quick3d_wfi_opp', 'none'],
      ['T1_FE_dual', 't1_in_phase'],
      ['FASE2D T2 BH', 'haste'],
      ['True SSFP', 'none'],
      ['IN PHASE:LAVA FLEX', 't1_in_phase'],
      ['OUT PHASE:LAVA FLEX', 'none'],
      ['ax t1 chemical shift', 't1_in_phase'],
      ['Ax IDEAL IQ', 'none'],
    ],
  },
  {
    language: 'another region',
    modality: 'MR',
    description: 'MRI LUMBAR SPINE',
    series: [
      ['T2 HASTE sag', 'none'],
      ['T1 in phase', 'none'],
    ],
  },
  {
    language: 'German',
    modality: 'CT',
    description: 'CT Abdomen mit KM',
    series: [
      ['Abd portalvenös 3.0 Br36', 'ct_abdomen'],
      ['Leber Spätphase', 'ct_abdomen'],
      ['Abd 1.0 Bl57', 'none'],
      ['Knochen 1.0 Br64', 'none'],
      ['Becken 3.0', 'none'],
      ['Abdomen 5.0 Br40 cor', 'none'],
    ],
  },
  {
    language: 'French',
    modality: 'CT',
    description: 'TDM abdomino-pelvienne',
    series: [
      ['Sans injection', 'ct_abdomen'],
      ['Temps portal', 'ct_abdomen'],
      ['Parenchyme pulmonaire', 'none'],
      ['Reformation coronale', 'none'],
    ],
  },
  {
    language: 'Polish',
    modality: 'CT',
    description: 'TK jamy brzusznej i miednicy',
    series: [
      ['Faza żylna 5.0 B30f', 'ct_abdomen'],
      ['Kości', 'none'],
      ['Płuca', 'none'],
    ],
  },
  {
    language: 'English',
    modality: 'CT',
    description: 'CT TRAUMA CAP',
    series: [
      ['CAP 5MM', 'ct_abdomen'],
      ['CHEST', 'none'],
      ['T SPINE', 'none'],
    ],
  },
];

describe('descriptions without any other header', () => {
  let definitions: Promise<SequenceDefinitions> | null = null;
  for (const { language, modality, description, series } of STUDIES) {
    it(`are understood: ${language}, ${modality}, "${description}"`, async () => {
      definitions ??= loadSequences('config/sequences.yaml').then((loaded) => loaded.value);
      const line = {
        study: 'x',
        studyDescription: description,
        series: series.map(([text], index) => ({
          id: `s${index}`,
          modality,
          seriesDescription: text,
          instances: 60,
        })),
      };
      const said = classifyLine(line, await definitions).map((one) => one.sequence);
      expect(series.map(([text], index) => `${text}: ${said[index]}`)).toEqual(
        series.map(([text, wanted]) => `${text}: ${wanted}`),
      );
    });
  }
});
