import type { HeaderAttributes } from '../../../src/contracts/index.ts';

export type DixonPart = 'in' | 'opposed' | 'water' | 'fat';
/** The kinds of acquisition a study of the upper abdomen is made of. */
export type Technique =
  'dual' | 'dixon' | 'haste' | 'tse' | 'dwi' | 'adc' | 'mrcp' | 'balanced' | 'fsT1' | 'localizer';

/** How one maker writes the headers of each technique, and what its users call it. */
export interface VendorStyle {
  readonly vendor: string;
  readonly manufacturer: string;
  /** Tesla of the two scanners of the maker that are generated. */
  readonly fields: readonly [number, number];
  /** MHz per tesla as written; null where the maker leaves ImagingFrequency out. */
  readonly mhzPerTesla: number | null;
  readonly headers: Readonly<Record<Technique, HeaderAttributes>>;
  readonly names: Readonly<Record<Technique, string>>;
  /** Names of an echo acquired as a series of its own. */
  readonly echoNames: { readonly in: string; readonly opposed: string };
  /** What the maker calls its Dixon of many echoes, and their distance in cycles of water and fat. */
  readonly manyEchoes: { readonly name: string; readonly cycles: number };
  readonly partName: (part: DixonPart) => string;
  /** ImageType of a Dixon part; null where only the name tells. */
  readonly partType: ((part: DixonPart) => readonly string[]) | null;
}

const ORIGINAL = ['ORIGINAL', 'PRIMARY'];
const DIFFUSION = { ScanningSequence: 'EP', MRAcquisitionType: '2D', EchoTime: 70 };

/** What the makers share: the physics of the technique, in the values of the classic MR object. */
function techniques(
  imageType: readonly string[],
  own: Partial<Record<Technique, HeaderAttributes>>,
): Record<Technique, HeaderAttributes> {
  const gradient = { ScanningSequence: 'GR', MRAcquisitionType: '2D', ImageType: imageType };
  const spin = { ScanningSequence: 'SE', MRAcquisitionType: '2D', ImageType: imageType };
  return {
    dual: { ...gradient, RepetitionTime: 150, FlipAngle: 70, ...own.dual },
    dixon: {
      ...gradient,
      MRAcquisitionType: '3D',
      RepetitionTime: 6.5,
      FlipAngle: 10,
      ...own.dixon,
    },
    haste: { ...spin, RepetitionTime: 1100, EchoTime: 90, FlipAngle: 150, ...own.haste },
    tse: { ...spin, RepetitionTime: 3200, EchoTime: 96, EchoTrainLength: 15, ...own.tse },
    dwi: { ...DIFFUSION, ImageType: imageType, DiffusionBValue: 800, ...own.dwi },
    adc: { ...DIFFUSION, ImageType: ['DERIVED', 'PRIMARY', 'ADC'], ...own.adc },
    mrcp: { ...spin, RepetitionTime: 4500, EchoTime: 750, EchoTrainLength: 250, ...own.mrcp },
    balanced: {
      ...gradient,
      SequenceVariant: ['SS', 'SK'],
      RepetitionTime: 3.8,
      EchoTime: 1.7,
      FlipAngle: 60,
      ...own.balanced,
    },
    fsT1: {
      ...gradient,
      MRAcquisitionType: '3D',
      RepetitionTime: 4.1,
      FlipAngle: 10,
      ScanOptions: 'FS',
      ...own.fsT1,
    },
    localizer: { ...gradient, RepetitionTime: 6, FlipAngle: 20, EchoTime: 1.5, ...own.localizer },
  };
}

const SIEMENS: VendorStyle = {
  vendor: 'Siemens',
  manufacturer: 'SIEMENS',
  fields: [1.5, 3],
  mhzPerTesla: 42.45,
  headers: techniques([...ORIGINAL, 'M', 'ND', 'NORM'], {
    dual: { SequenceVariant: ['SP', 'OSP'], ScanOptions: 'PFP', SequenceName: '*fl2d2' },
    dixon: { SequenceVariant: ['SP', 'OSP'], ScanOptions: ['PFP', 'SFS'], SequenceName: '*fl3d2' },
    haste: {
      SequenceVariant: ['SK', 'SP', 'OSP'],
      SequenceName: '*h2d1_205',
      EchoTrainLength: 205,
    },
    tse: { SequenceVariant: ['SK', 'SP'], SequenceName: '*tseR2d1rs15' },
    dwi: { SequenceName: '*ep_b800t', ImageType: [...ORIGINAL, 'DIFFUSION', 'TRACEW', 'ND'] },
    adc: {
      SequenceName: '*ep_b50_800',
      ImageType: ['DERIVED', 'PRIMARY', 'DIFFUSION', 'ADC', 'ND'],
    },
    mrcp: { SequenceVariant: ['SK', 'SP'], SequenceName: '*h2d1_384' },
    balanced: { SequenceName: '*tfi2d1' },
    fsT1: { SequenceVariant: ['SP', 'OSP'], SequenceName: '*fl3d1' },
    localizer: {
      SequenceName: '*h2d1_105',
      ScanningSequence: 'SE',
      EchoTime: 90,
      EchoTrainLength: 105,
    },
  }),
  names: {
    dual: 't1_fl2d_opp-in_tra_mbh',
    dixon: 't1_vibe_dixon_tra_bh',
    haste: 't2_haste_tra_mbh',
    tse: 't2_tse_tra_trig',
    dwi: 'ep2d_diff_b50_400_800_tra_TRACEW',
    adc: 'ep2d_diff_b50_400_800_tra_ADC',
    mrcp: 'thick slab radial mrcp',
    balanced: 't2_trufi_cor_bh',
    fsT1: 't1_vibe_fs_tra_post art',
    localizer: 'localizer_haste_3plane',
  },
  echoNames: { in: 't1_fl2d_tra_in phase', opposed: 't1_fl2d_tra_opp phase' },
  manyEchoes: { name: 't1_vibe_q-dixon_tra_bh', cycles: 0.5 },
  partName: (part) =>
    `t1_vibe_dixon_tra_bh_${{ in: 'in', opposed: 'opp', water: 'W', fat: 'F' }[part]}`,
  partType: (part) => [
    ...ORIGINAL,
    'DIXON',
    { in: 'IN_PHASE', opposed: 'OPP_PHASE', water: 'WATER', fat: 'FAT' }[part],
  ],
};

const GE: VendorStyle = {
  vendor: 'GE',
  manufacturer: 'GE MEDICAL SYSTEMS',
  fields: [1.5, 3],
  mhzPerTesla: 42.57,
  headers: techniques([...ORIGINAL, 'OTHER'], {
    dual: { SequenceVariant: ['SS', 'SP'], ScanOptions: ['FAST_GEMS', 'FILTERED_GEMS'] },
    dixon: { SequenceVariant: ['SS', 'SP', 'SK'], ScanOptions: ['FAST_GEMS', 'ACC_GEMS'] },
    haste: {
      SequenceVariant: 'SK',
      ScanOptions: ['FAST_GEMS', 'EDR_GEMS', 'SS_GEMS', 'PFP'],
      EchoTrainLength: 1,
    },
    tse: { SequenceVariant: ['SK', 'OSP'], ScanOptions: ['FAST_GEMS', 'RG', 'FS'] },
    dwi: { ScanOptions: ['EPI_GEMS', 'FS'] },
    adc: { ScanOptions: ['EPI_GEMS', 'FS'], ImageType: ['DERIVED', 'SECONDARY', 'ADC'] },
    mrcp: {
      SequenceVariant: ['SS', 'SK'],
      ScanOptions: ['FAST_GEMS', 'SS_GEMS'],
      EchoTrainLength: 1,
    },
    balanced: { ScanOptions: ['FAST_GEMS', 'EDR_GEMS'] },
    fsT1: { SequenceVariant: ['SS', 'SP', 'SK'], ScanOptions: ['FAST_GEMS', 'FS'] },
    localizer: { SequenceVariant: ['SS', 'SP'], ScanOptions: ['FAST_GEMS'] },
  }),
  names: {
    dual: 'Ax Dual Echo FSPGR BH',
    dixon: 'Ax LAVA Flex BH',
    haste: 'Ax SSFSE BH',
    tse: 'Ax T2 FRFSE RTr FS',
    dwi: 'Ax DWI b50 800',
    adc: 'Apparent Diffusion Coefficient (mm2/s)',
    mrcp: 'Radial Thick Slab MRCP',
    balanced: 'Cor FIESTA FS',
    fsT1: 'Ax LAVA +C Art',
    localizer: '3-plane Loc SSFSE',
  },
  echoNames: { in: 'Ax T1 In Phase FSPGR', opposed: 'Ax T1 Out of Phase FSPGR' },
  manyEchoes: { name: 'Ax IDEAL IQ', cycles: 0.5 },
  partName: (part) =>
    `${{ in: 'InPhase', opposed: 'OutPhase', water: 'WATER', fat: 'FAT' }[part]}: Ax LAVA Flex BH`,
  partType: (part) => [
    'DERIVED',
    'PRIMARY',
    'DIXON',
    { in: 'IN_PHASE', opposed: 'OUT_PHASE', water: 'WATER', fat: 'FAT' }[part],
  ],
};

const PHILIPS: VendorStyle = {
  vendor: 'Philips',
  manufacturer: 'Philips Medical Systems',
  fields: [1.5, 3],
  mhzPerTesla: 42.58,
  headers: techniques([...ORIGINAL, 'M_FFE', 'M', 'FFE'], {
    dual: { SequenceVariant: 'SP', ScanOptions: 'PFP' },
    dixon: { SequenceVariant: 'SP', ScanOptions: 'OTHER' },
    haste: {
      SequenceVariant: 'SK',
      ScanOptions: 'PFP',
      EchoTrainLength: 84,
      ImageType: [...ORIGINAL, 'M_SE', 'M', 'SE'],
    },
    tse: {
      SequenceVariant: 'SK',
      EchoTrainLength: 22,
      ImageType: [...ORIGINAL, 'M_SE', 'M', 'SE'],
    },
    dwi: {
      ScanningSequence: 'SE',
      EchoTrainLength: 57,
      ImageType: [...ORIGINAL, 'M_SE', 'M', 'SE'],
    },
    adc: {
      ScanningSequence: 'SE',
      EchoTrainLength: 57,
      ImageType: ['DERIVED', 'PRIMARY', 'ADC', 'ADC', 'UNSPECIFIED'],
    },
    mrcp: {
      SequenceVariant: 'SK',
      EchoTrainLength: 180,
      ImageType: [...ORIGINAL, 'M_SE', 'M', 'SE'],
    },
    fsT1: { SequenceVariant: 'SP' },
    localizer: { SequenceVariant: 'SP' },
  }),
  names: {
    dual: 'dual_FFE_BH',
    dixon: 'mDIXON_BH',
    haste: 'T2W_SSh_BH',
    tse: 'T2W_TSE_SPAIR_RT',
    dwi: 'DWI_3b_RT',
    adc: 'dADC',
    mrcp: 'MRCP_SSh_Radial',
    balanced: 'BTFE_COR_BH',
    fsT1: 'eTHRIVE_dyn_post',
    localizer: 'Survey_BH',
  },
  echoNames: { in: 'T1W_FFE_in_phase', opposed: 'T1W_FFE_out_phase' },
  manyEchoes: { name: 'mDIXON_Quant_BH', cycles: 0.5 },
  partName: (part) => `mDIXON-${{ in: 'IP', opposed: 'OP', water: 'W', fat: 'F' }[part]}_BH`,
  partType: (part) => {
    const kind = { in: 'IP', opposed: 'OP', water: 'W', fat: 'F' }[part];
    return ['DERIVED', 'PRIMARY', kind, kind, 'DERIVED'];
  },
};

const CANON: VendorStyle = {
  vendor: 'Canon',
  manufacturer: 'TOSHIBA_MEC',
  fields: [1.5, 3],
  mhzPerTesla: 42.35,
  headers: techniques(ORIGINAL, {
    dual: { SequenceVariant: 'SP', SequenceName: 'FE2D' },
    dixon: { SequenceVariant: 'SP', SequenceName: 'FE3D' },
    haste: {
      SequenceVariant: 'SK',
      SequenceName: 'FASE2D',
      EchoTrainLength: 92,
      ScanOptions: 'PFP',
    },
    tse: { SequenceVariant: 'SK', SequenceName: 'FSE2D' },
    dwi: { SequenceName: 'SEEPI2D' },
    adc: { SequenceName: 'SEEPI2D', ImageType: ['DERIVED', 'SECONDARY', 'ADC'] },
    mrcp: { SequenceVariant: 'SK', SequenceName: 'FASE2D' },
    balanced: { SequenceName: 'TSSFP2D' },
    fsT1: { SequenceVariant: 'SP', SequenceName: 'FE3D' },
    localizer: { SequenceName: 'FE2D' },
  }),
  names: {
    dual: 'FE_dual_BH',
    dixon: 'WFS_DIXON_BH',
    haste: 'T2 FASE2D Ax BH',
    tse: 'T2 FSE2D FS RESP',
    dwi: 'DWI b800',
    adc: 'ADC map',
    mrcp: 'MRCP thick slab',
    balanced: 'TrueSSFP Cor',
    fsT1: 'Quick3Ds post arterial',
    localizer: 'Locator',
  },
  echoNames: { in: 'T1 FE in phase', opposed: 'T1 FE out of phase' },
  manyEchoes: { name: 'FE_FFM multi echo BH', cycles: 0.5 },
  partName: (part) => `WFS_DIXON_${{ in: 'in', opposed: 'opp', water: 'water', fat: 'fat' }[part]}`,
  partType: null,
};

const HITACHI: VendorStyle = {
  vendor: 'Hitachi',
  manufacturer: 'Hitachi, Ltd.',
  fields: [1.5, 3],
  mhzPerTesla: 42.5,
  headers: techniques(ORIGINAL, {
    dual: { SequenceVariant: 'SP', SequenceName: 'RSSG' },
    dixon: { SequenceVariant: 'SP', SequenceName: 'RSSG 3D' },
    haste: { SequenceVariant: 'SK', SequenceName: 'FSE', EchoTrainLength: 112 },
    tse: { SequenceVariant: 'SK', SequenceName: 'FSE', EchoTrainLength: 16 },
    dwi: { SequenceName: 'DW-EPI' },
    mrcp: { SequenceVariant: 'SK', SequenceName: 'FSE' },
    balanced: { SequenceName: 'BASG' },
    fsT1: { SequenceVariant: 'SP', SequenceName: 'TIGRE' },
    localizer: { SequenceName: 'GE' },
  }),
  names: {
    dual: 'T1 GE dual echo Tra',
    dixon: 'T1 Dixon Tra',
    haste: 'T2 FSE single shot Tra',
    tse: 'T2 RADAR FSE FatSat',
    dwi: 'DWI Tra b1000',
    adc: 'ADC',
    mrcp: 'MRCP 2D slab',
    balanced: 'BASG Cor',
    fsT1: 'TIGRE Tra CE portal',
    localizer: 'Scanogram',
  },
  echoNames: { in: 'T1 RSSG In Phase', opposed: 'T1 RSSG Out Phase' },
  manyEchoes: { name: 'T1 RSSG multi echo', cycles: 0.5 },
  partName: (part) => `T1 Dixon ${{ in: 'in', opposed: 'opp', water: 'water', fat: 'fat' }[part]}`,
  partType: null,
};

const UNITED_IMAGING: VendorStyle = {
  vendor: 'United Imaging',
  manufacturer: 'UIH',
  fields: [1.5, 3],
  mhzPerTesla: 42.56,
  headers: techniques([...ORIGINAL, 'M'], {
    dual: { SequenceVariant: 'SP', SequenceName: 'gre' },
    dixon: { SequenceVariant: 'SP', SequenceName: 'gre_quick3d' },
    haste: {
      SequenceVariant: 'SK',
      SequenceName: 'fse_ssh',
      EchoTrainLength: 120,
      ScanOptions: 'PFP',
    },
    tse: { SequenceVariant: 'SK', SequenceName: 'fse' },
    dwi: { SequenceName: 'epi_dwi' },
    mrcp: { SequenceVariant: 'SK', SequenceName: 'fse_ssh' },
    balanced: { SequenceName: 'gre_bssfp' },
    fsT1: { SequenceVariant: 'SP', SequenceName: 'gre_quick3d' },
    localizer: { SequenceName: 'gre_scout' },
  }),
  names: {
    dual: 't1_gre_opp-in_tra_bh',
    dixon: 't1_gre_quick3d_wfi_tra_bh',
    haste: 't2_fse_ssh_tra_bh',
    tse: 't2_fse_fs_tra_nv',
    dwi: 'epi_dwi_tra_b50_800',
    adc: 'epi_dwi_tra_ADC',
    mrcp: 'mrcp_2d_slab',
    balanced: 'gre_bssfp_cor',
    fsT1: 't1_gre_quick3d_fs_tra_post',
    localizer: 'gre_scout',
  },
  echoNames: { in: 't1_gre_tra_in phase', opposed: 't1_gre_tra_out phase' },
  manyEchoes: { name: 't1_gre_quick3d_FACT_tra', cycles: 0.5 },
  partName: (part) =>
    `t1_gre_quick3d_wfi_tra_bh_${{ in: 'in', opposed: 'opp', water: 'W', fat: 'F' }[part]}`,
  partType: (part) => [
    ...ORIGINAL,
    'M',
    { in: 'IN_PHASE', opposed: 'OUT_PHASE', water: 'WATER', fat: 'FAT' }[part],
  ],
};

const FONAR: VendorStyle = {
  vendor: 'Fonar',
  manufacturer: 'FONAR',
  fields: [0.6, 0.6],
  mhzPerTesla: null,
  headers: techniques(ORIGINAL, {
    haste: { EchoTrainLength: 96 },
    localizer: { ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
  }),
  names: {
    dual: 'T1 GRE IN/OUT AXIAL',
    dixon: 'T1 DIXON AXIAL',
    haste: 'T2 SINGLE SHOT AXIAL',
    tse: 'T2 FSE AXIAL',
    dwi: 'DIFFUSION AXIAL',
    adc: 'ADC MAP',
    mrcp: 'MRCP SLAB',
    balanced: 'BALANCED SSFP COR',
    fsT1: 'T1 GRE FAT SAT POST',
    localizer: 'SCOUT',
  },
  echoNames: { in: 'T1 GRE IN PHASE AXIAL', opposed: 'T1 GRE OUT OF PHASE AXIAL' },
  manyEchoes: { name: 'T1 GRE MULTI ECHO AXIAL', cycles: 0.5 },
  partName: (part) =>
    `T1 DIXON AXIAL ${{ in: 'IN PHASE', opposed: 'OUT OF PHASE', water: 'WATER', fat: 'FAT ONLY' }[part]}`,
  partType: null,
};

export const VENDORS: readonly VendorStyle[] = [
  SIEMENS,
  GE,
  PHILIPS,
  CANON,
  HITACHI,
  UNITED_IMAGING,
  FONAR,
];
