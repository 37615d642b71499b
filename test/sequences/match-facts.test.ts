import { describe, expect, it } from '@jest/globals';
import type { HeaderAttributes, SequenceMatch } from '../../src/contracts/index.ts';
import { matchOne } from './match-one.ts';
import { AXIAL_CT, GRADIENT_ECHO, SPIN_ECHO, type StackSketch } from './studies.ts';

function factsOf(match: SequenceMatch): Record<string, string | boolean> {
  return Object.fromEntries((match.facts ?? []).map((one) => [one.name, one.value]));
}

const HASTE = { ...SPIN_ECHO, SequenceName: '*h2d1_205', EchoTime: 90 };
const IN_PHASE = { ...GRADIENT_ECHO, SeriesDescription: 't1 in phase', EchoTime: 4.6 };
const CT = { ...AXIAL_CT, SeriesDescription: 'Abdomen' };

describe('the fine kind of a target', () => {
  const cases: [string, HeaderAttributes, StackSketch, string, Record<string, string | boolean>][] =
    [
      [
        'HASTE with fat saturation among its options',
        { ...HASTE, ScanOptions: ['PFP', 'FS'] },
        { spacing: 6 },
        'haste',
        { fatSaturated: true, sliceClass: 'thick' },
      ],
      [
        'HASTE whose options name no suppression',
        { ...HASTE, ScanOptions: 'PFP' },
        { spacing: 4 },
        'haste',
        { fatSaturated: false, sliceClass: 'medium' },
      ],
      [
        'HASTE fat-saturated by name, without geometry',
        { ...HASTE, SeriesDescription: 'T2 HASTE FS', SliceThickness: 5 },
        { spacing: null },
        'haste',
        { fatSaturated: true, sliceClass: 'thick' },
      ],
      ['HASTE that says nothing', HASTE, { spacing: null }, 'haste', {}],
      [
        'T1 in phase before contrast',
        { ...IN_PHASE, SeriesDescription: 't1 in phase pre' },
        { spacing: 3 },
        't1_in_phase',
        { postContrast: false, sliceClass: 'medium' },
      ],
      [
        'thin CT after contrast with a soft kernel',
        { ...CT, ConvolutionKernel: 'Br40f', ContrastBolusAgent: 'Iomeprol' },
        { slices: 400, spacing: 1 },
        'ct_abdomen',
        { kernelClass: 'soft', postContrast: true, sliceClass: 'thin' },
      ],
      [
        'thick CT with a named kernel',
        { ...CT, ConvolutionKernel: 'STANDARD' },
        { slices: 80, spacing: 5 },
        'ct_abdomen',
        { kernelClass: 'soft', sliceClass: 'thick' },
      ],
    ];
  for (const [what, attributes, sketch, sequence, facts] of cases) {
    it(`is told: ${what}`, () => {
      const match = matchOne(
        attributes,
        [sketch],
        attributes.Modality === 'CT' ? 'CT Abdomen' : undefined,
      );
      expect(match.sequence).toBe(sequence);
      expect(factsOf(match)).toEqual(facts);
    });
  }

  it('is named in the reason with what it was seen on', () => {
    const match = matchOne({ ...HASTE, ScanOptions: ['PFP', 'FS'] }, [{ spacing: 6 }]);
    expect(match.reason).toContain('fat-saturated (ScanOptions: PFP\\FS)');
    expect(match.reason).toContain('thick slices (spacing: 6)');
  });

  it('is of targets alone', () => {
    const match = matchOne({ ...GRADIENT_ECHO, SeriesDescription: 'localizer', ScanOptions: 'FS' });
    expect(match.sequence).toBe('localizer');
    expect(match.facts).toEqual([]);
  });
});
