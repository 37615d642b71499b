import { describe, expect, it } from '@jest/globals';
import type { HeaderAttributes } from '../../src/contracts/index.ts';
import { matchOne } from './match-one.ts';
import { AXIAL_CT, type StackSketch } from './studies.ts';

describe('CT of the abdomen from full headers', () => {
  const abdominal: [string, HeaderAttributes, string | null][] = [
    [
      'Siemens',
      { SeriesDescription: 'Abdomen 3.0 B30f', ConvolutionKernel: 'B30f' },
      'Abdomen^Routine',
    ],
    [
      'GE',
      { SeriesDescription: 'PORTAL', ConvolutionKernel: 'STANDARD' },
      'CT ABDOMEN PELVIS W CONTRAST',
    ],
    [
      'Philips',
      { SeriesDescription: 'Venös', ConvolutionKernel: 'B', BodyPartExamined: 'ABDOMEN' },
      'CT Oberbauch',
    ],
    ['Canon', { SeriesDescription: 'Body 5.0 CE', ConvolutionKernel: 'FC08' }, 'TAP'],
    [
      'a study without descriptions',
      { BodyPartExamined: 'ABDOMEN', ConvolutionKernel: ['Br40d', '3'] },
      null,
    ],
  ];
  for (const [vendor, attributes, description] of abdominal) {
    it(`is told of ${vendor}`, () => {
      const match = matchOne({ ...AXIAL_CT, ...attributes }, [{ slices: 80 }], description);
      expect(match.sequence).toBe('ct_abdomen');
      expect(match.confidence).toBeGreaterThanOrEqual(0.8);
    });
  }

  const refused: [string, HeaderAttributes, StackSketch][] = [
    ['ct_other_kernel', { SeriesDescription: 'Abdomen 1.0', ConvolutionKernel: 'B70f' }, {}],
    ['ct_other_kernel', { SeriesDescription: 'Abdomen', ConvolutionKernel: 'LUNG' }, {}],
    ['ct_other_kernel', { SeriesDescription: 'Abdomen', ConvolutionKernel: 'FC52' }, {}],
    ['ct_reformat', { SeriesDescription: 'Abdomen 3.0' }, { plane: 'coronal' }],
    [
      'ct_scout',
      { SeriesDescription: 'Abdomen', ImageType: ['ORIGINAL', 'PRIMARY', 'LOCALIZER'] },
      { slices: 2 },
    ],
    ['ct_derived', { SeriesDescription: 'Abdomen MIP' }, {}],
    ['ct_chest', { SeriesDescription: 'Thorax 5.0 B30f' }, {}],
    ['other_ct', { SeriesDescription: 'Monitoring 10.0' }, { slices: 12 }],
  ];
  for (const [sequence, attributes, sketch] of refused) {
    it(`refuses "${String(attributes['SeriesDescription'])}" ${sketch.plane ?? ''} as ${sequence}`, () => {
      expect(
        matchOne({ ...AXIAL_CT, ...attributes }, [{ slices: 80, ...sketch }], 'CT Abdomen')
          .sequence,
      ).toBe(sequence);
    });
  }
});
