import { describe, expect, it } from '@jest/globals';
import { PREFERENCES, type Preference } from '../../src/contracts/index.ts';
import { decide } from '../../src/routing/index.ts';
import { caseOf, rule, ruleSet, type Sketch, VERSIONS } from './fixtures.ts';

function choice(
  prefer: readonly Preference[],
  most: number,
  sketches: readonly Sketch[],
): { taken: string[]; reasons: Map<string, string> } {
  const { study, matches } = caseOf(sketches);
  const decision = decide(
    study,
    matches,
    ruleSet(rule('ct', { modality: 'CT' }, { choose: { prefer, most } })),
    VERSIONS,
  );
  return {
    taken: decision.targets.map((target) => target.seriesInstanceUid),
    reasons: new Map(
      decision.verdicts.map((verdict) => [verdict.seriesInstanceUid, verdict.reason]),
    ),
  };
}

/** For each preference the better series comes second, so that order alone never makes it win. */
const BETTER: { readonly [Name in Preference]: readonly [Partial<Sketch>, Partial<Sketch>] } = {
  axial: [{ plane: 'coronal' }, { plane: 'axial' }],
  'most-coverage': [{ coverage: 100 }, { coverage: 250 }],
  thinnest: [{ spacing: 5 }, { spacing: 1 }],
  thickest: [{ spacing: 1 }, { spacing: 5 }],
  'most-slices': [{ slices: 20 }, { slices: 90 }],
  'highest-confidence': [{ confidence: 0.81 }, { confidence: 0.99 }],
  original: [
    { attributes: { ImageType: ['DERIVED', 'SECONDARY'] } },
    { attributes: { ImageType: ['ORIGINAL', 'PRIMARY'] } },
  ],
  earliest: [
    { attributes: { AcquisitionTime: '120000' } },
    { attributes: { AcquisitionTime: '110000.5' } },
  ],
  latest: [
    { attributes: { AcquisitionTime: '110000' } },
    { attributes: { AcquisitionTime: '120000' } },
  ],
};

describe('choosing among the series of a rule', () => {
  for (const preference of PREFERENCES) {
    it(`prefers by ${preference} and tells the loser who won and why`, () => {
      const [worse, better] = BETTER[preference];
      const { taken, reasons } = choice([preference], 1, [
        { uid: '1.1', ...worse },
        { uid: '1.2', ...better },
      ]);
      expect(taken).toEqual(['1.2']);
      expect(reasons.get('1.1')).toContain('"series 1.2" was preferred');
      expect(reasons.get('1.1')).not.toContain('both are alike');
      expect(reasons.get('1.2')).toContain('taken by rule "ct"');
    });
  }

  it('goes on to the next preference where the first sees no difference', () => {
    const { taken } = choice(['axial', 'thinnest'], 1, [
      { uid: '1.1', spacing: 3 },
      { uid: '1.2', spacing: 1 },
      { uid: '1.3', spacing: 0.6, plane: 'sagittal' },
    ]);
    expect(taken).toEqual(['1.2']);
  });

  it('takes as many as the rule allows, and says so to the rest', () => {
    const sketches = [80, 300, 200].map((coverage, index) => ({ uid: `1.${index}`, coverage }));
    const { taken, reasons } = choice(['most-coverage'], 2, sketches);
    expect(taken).toEqual(['1.1', '1.2']);
    expect(reasons.get('1.0')).toContain('it covers 200 mm and this 80 mm');
  });

  it('falls back to the series number, then to the UID, whatever the order in the study', () => {
    const numbered = [
      { uid: '1.9', attributes: { SeriesNumber: 10 } },
      { uid: '1.8', attributes: { SeriesNumber: '9' } },
    ];
    expect(choice(['axial'], 1, numbered).taken).toEqual(['1.8']);
    expect(choice(['axial'], 1, [...numbered].reverse()).taken).toEqual(['1.8']);
    expect(choice(['axial'], 1, [{ uid: '1.5' }, { uid: '1.4' }]).taken).toEqual(['1.4']);
  });

  it('takes every match of a rule without a choice', () => {
    const { study, matches } = caseOf([{ uid: '1.1' }, { uid: '1.2' }]);
    expect(
      decide(study, matches, ruleSet(rule('all', { modality: 'CT' })), VERSIONS).targets,
    ).toHaveLength(2);
  });
});
