import { describe, expect, it } from '@jest/globals';
import type { HeaderAttributes } from '../../src/contracts/index.ts';
import { matchStudy } from '../../src/sequences/index.ts';
import { definitions, matchOne } from './match-one.ts';
import { GRADIENT_ECHO, series, SPIN_ECHO, stack, study } from './studies.ts';

describe('T1 in phase from full headers', () => {
  const dualEchoes = [
    {
      vendor: 'SIEMENS',
      description: 't1_fl2d_opp-in_tra_p2_mbh',
      field: { ImagingFrequency: 63.67, MagneticFieldStrength: 1.5 },
      times: [2.38, 4.76],
    },
    {
      vendor: 'SIEMENS',
      description: 'T1 Dual Echo transversal',
      field: { ImagingFrequency: 123.25, MagneticFieldStrength: 3 },
      times: [1.23, 2.46],
    },
    {
      vendor: 'GE MEDICAL SYSTEMS',
      description: 'Ax Dual Echo FSPGR',
      field: { ImagingFrequency: 63.86, MagneticFieldStrength: 1.5 },
      times: [2.1, 4.3],
    },
    {
      vendor: 'Philips',
      description: 'dual_FFE_BH',
      field: { ImagingFrequency: 127.75, MagneticFieldStrength: 3 },
      times: [1.15, 2.3],
    },
    {
      vendor: 'TOSHIBA',
      description: 'Série 12',
      field: { MagneticFieldStrength: 1.5 },
      times: [2.25, 4.5],
    },
    { vendor: 'UIH', description: '', field: { MagneticFieldStrength: 15_000 }, times: [2.3, 4.6] },
  ];
  for (const { vendor, description, field, times } of dualEchoes) {
    it(`takes the in-phase echo of a dual echo of ${vendor} at ${field.MagneticFieldStrength}`, () => {
      const echoes = times.map((time) => ({
        id: `EchoTime=${time}`,
        attributes: { EchoTime: time },
      }));
      const match = matchOne(
        { ...GRADIENT_ECHO, ...field, Manufacturer: vendor, SeriesDescription: description },
        echoes,
      );
      expect(match.sequence).toBe('t1_in_phase');
      expect(match.stackId).toBe(`EchoTime=${times[1]}`);
      expect(match.confidence).toBeGreaterThanOrEqual(0.8);
      expect(match.stacks.map((one) => one.sequence)[0]).not.toBe('t1_in_phase');
      expect(
        match.evidence.some((item) => item.attribute.includes('EchoTime') && item.weight > 0),
      ).toBe(true);
    });

    it(`takes the in-phase echo also when it comes first (${vendor}, ${field.MagneticFieldStrength})`, () => {
      const echoes = [...times]
        .reverse()
        .map((time) => ({ id: `EchoTime=${time}`, attributes: { EchoTime: time } }));
      const match = matchOne(
        { ...GRADIENT_ECHO, ...field, SeriesDescription: description },
        echoes,
      );
      expect(match.stackId).toBe(`EchoTime=${times[1]}`);
    });
  }

  const parts: [string, HeaderAttributes, string][] = [
    [
      'VIBE Dixon in',
      {
        SeriesDescription: 't1_vibe_dixon_tra_bh_in',
        ImageType: ['DERIVED', 'PRIMARY', 'DIXON', 'IN_PHASE'],
        EchoTime: 4.77,
        ImagingFrequency: 63.6,
      },
      't1_in_phase',
    ],
    [
      'VIBE Dixon opp',
      {
        SeriesDescription: 't1_vibe_dixon_tra_bh_opp',
        ImageType: ['DERIVED', 'PRIMARY', 'DIXON', 'OPP_PHASE'],
        EchoTime: 2.39,
        ImagingFrequency: 63.6,
      },
      't1_opposed_phase',
    ],
    [
      'VIBE Dixon water',
      {
        SeriesDescription: 't1_vibe_dixon_tra_bh_W',
        ImageType: ['DERIVED', 'PRIMARY', 'DIXON', 'WATER'],
        EchoTime: 4.77,
        ImagingFrequency: 63.6,
      },
      't1_dixon_water',
    ],
    [
      'VIBE Dixon fat',
      {
        SeriesDescription: 't1_vibe_dixon_tra_bh_F',
        ImageType: ['DERIVED', 'PRIMARY', 'DIXON', 'FAT'],
        EchoTime: 4.77,
        ImagingFrequency: 63.6,
      },
      't1_dixon_fat',
    ],
    [
      'LAVA Flex in phase',
      { SeriesDescription: 'InPhase:Ax LAVA-Flex', EchoTime: 4.2, ImagingFrequency: 63.86 },
      't1_in_phase',
    ],
    [
      'mDIXON in phase',
      {
        SeriesDescription: 'mDIXON-All BH',
        ImageType: ['ORIGINAL', 'PRIMARY', 'IP', 'IP', 'DERIVED'],
        EchoTime: 1.1,
      },
      't1_in_phase',
    ],
    [
      'mDIXON water',
      {
        SeriesDescription: 'mDIXON-All BH',
        ImageType: ['ORIGINAL', 'PRIMARY', 'W', 'W', 'DERIVED'],
      },
      't1_dixon_water',
    ],
    [
      'mDIXON in phase with the time of its first echo',
      {
        SeriesDescription: 'mDIXON-All BH',
        ImageType: ['ORIGINAL', 'PRIMARY', 'IP', 'IP', 'DERIVED'],
        EchoTime: 1.15,
        ImagingFrequency: 127.75,
      },
      't1_in_phase',
    ],
    [
      'LAVA Flex in phase with the time of its first echo',
      { SeriesDescription: 'InPhase: Ax LAVA-Flex', EchoTime: 1.15, ImagingFrequency: 127.7 },
      't1_in_phase',
    ],
    [
      'LAVA Flex opposed phase',
      { SeriesDescription: 'OutPhase: Ax LAVA-Flex', EchoTime: 1.15, ImagingFrequency: 127.7 },
      't1_opposed_phase',
    ],
    [
      'an unspoiled dual FFE with a moderate repetition time',
      {
        SeriesDescription: 'T1 FFE IP',
        SequenceVariant: 'SS',
        RepetitionTime: 110,
        EchoTime: 4.6,
        MagneticFieldStrength: 1.5,
      },
      't1_in_phase',
    ],
    [
      'an enhanced gradient echo without words',
      {
        ScanningSequence: '',
        EchoPulseSequence: 'GRADIENT',
        EchoTime: 4.6,
        MagneticFieldStrength: 1.5,
      },
      't1_in_phase',
    ],
    [
      'TrueFISP without words',
      {
        SequenceVariant: ['SK', 'SS'],
        RepetitionTime: 4.2,
        FlipAngle: 60,
        EchoTime: 2.1,
        MagneticFieldStrength: 1.5,
      },
      'bssfp',
    ],
    [
      'VIBE with fat saturation',
      {
        SeriesDescription: 't1_vibe_fs_tra_bh',
        ScanOptions: ['PFP', 'FS'],
        EchoTime: 2.39,
        ImagingFrequency: 63.6,
      },
      't1_fs_pre',
    ],
    [
      'LAVA after contrast',
      {
        SeriesDescription: 'Ax LAVA +C',
        ContrastBolusAgent: 'GADAVIST',
        EchoTime: 2.1,
        ImagingFrequency: 63.6,
      },
      't1_fs_post',
    ],
  ];
  for (const [name, attributes, sequence] of parts) {
    it(`tells ${name} from its headers`, () => {
      expect(matchOne({ ...GRADIENT_ECHO, ...attributes }).sequence).toBe(sequence);
    });
  }

  it('is not said of a plain T1 whose echo time is missing', () => {
    const match = matchOne({ Modality: 'MR', SeriesDescription: 'AX T1' });
    expect(match.sequence).toBe('unknown');
    expect(match.reason).toContain('unknown');
  });

  it('is not said of an opposed echo, whatever the description says', () => {
    const match = matchOne({
      ...GRADIENT_ECHO,
      SeriesDescription: 'AX T1 IN PHASE',
      EchoTime: 2.3,
      MagneticFieldStrength: 1.5,
    });
    expect(match.sequence).not.toBe('t1_in_phase');
  });

  it('is not said of a series of many echoes (relaxometry)', () => {
    const echoes = [1.1, 2.3, 3.4, 4.6, 5.7, 6.9].map((time) => ({
      id: `EchoTime=${time}`,
      attributes: { EchoTime: time },
    }));
    expect(
      matchOne({ ...GRADIENT_ECHO, MagneticFieldStrength: 1.5, SeriesDescription: 'multi' }, echoes)
        .sequence,
    ).toBe('other_mr');
  });
});

describe('HASTE from full headers', () => {
  const single: [string, HeaderAttributes][] = [
    [
      'Siemens',
      {
        SeriesDescription: 't2_haste_tra_bh',
        SequenceName: '*h2d1_204',
        EchoTrainLength: 204,
        EchoTime: 92,
      },
    ],
    ['GE', { SeriesDescription: 'Ax SSFSE BH', EchoTrainLength: 1, EchoTime: 91 }],
    ['Philips', { SeriesDescription: 'T2W_SSh_BH', EchoTrainLength: 76, EchoTime: 80 }],
    ['Canon', { SeriesDescription: 'T2 FASE axial', EchoTrainLength: 72, EchoTime: 80 }],
    [
      'a scanner that only tells its echo train',
      { SeriesDescription: 'Series 4', EchoTrainLength: 120, EchoTime: 90 },
    ],
  ];
  for (const [vendor, attributes] of single) {
    it(`is told of ${vendor}`, () => {
      const match = matchOne({ ...SPIN_ECHO, ...attributes });
      expect(match.sequence).toBe('haste');
      expect(match.confidence).toBeGreaterThanOrEqual(0.8);
    });
  }

  it('is not said of a turbo spin echo with a short train', () => {
    expect(
      matchOne({ ...SPIN_ECHO, SeriesDescription: 'Series 5', EchoTrainLength: 16, EchoTime: 90 })
        .sequence,
    ).toBe('t2_tse');
  });

  it('prefers the shorter echo time of a HASTE with two', () => {
    const echoes = [180, 80].map((time) => ({
      id: `EchoTime=${time}`,
      attributes: { EchoTime: time },
    }));
    expect(matchOne({ ...SPIN_ECHO, SeriesDescription: 'AX DE HASTE' }, echoes).stackId).toBe(
      'EchoTime=80',
    );
  });

  it('is not said of a thick slab, a localizer or an MRCP', () => {
    expect(
      matchOne({ ...SPIN_ECHO, SeriesDescription: 't2_haste_fs_cor_thick_sl', EchoTime: 700 }, [
        { slices: 1 },
      ]).sequence,
    ).toBe('mrcp');
    expect(
      matchOne({ ...SPIN_ECHO, SeriesDescription: 'HASTE localizer' }, [{ slices: 9 }]).sequence,
    ).toBe('localizer');
    expect(
      matchOne({ ...SPIN_ECHO, SeriesDescription: 'haste cor', EchoTime: 650 }).sequence,
    ).not.toBe('haste');
  });
});

describe('everything else', () => {
  it('gives segmentations and reports of Situs their own name, and those of others another', () => {
    const own = { Modality: 'SEG', Manufacturer: 'Situs', SeriesDescription: 'Situs segmentation' };
    expect(matchOne(own, [{ slices: 1 }]).sequence).toBe('own_result');
    expect(matchOne({ Modality: 'SEG', Manufacturer: 'QIICR' }, [{ slices: 1 }]).sequence).toBe(
      'other_modality',
    );
    expect(matchOne({ Modality: 'PT', SeriesDescription: 'PET abdomen' }).sequence).toBe(
      'other_modality',
    );
  });

  it('matches a series without images and one without any attribute', () => {
    const [none, empty] = matchStudy(
      study(null, [
        series({ Modality: 'CT', SeriesDescription: 'x' }, []),
        series({}, [stack({ plane: null, spacing: null })]),
      ]),
      definitions,
    );
    expect(none?.stackId).toBeNull();
    expect(none?.reason).not.toBe('');
    expect(empty?.sequence).toBe('unknown');
  });

  it('bounds the work on hostile descriptions', () => {
    const hostile = `${'in '.repeat(40_000)}phase`;
    const started = performance.now();
    expect(
      matchOne({ ...GRADIENT_ECHO, SeriesDescription: hostile }).reason.length,
    ).toBeGreaterThan(0);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});
