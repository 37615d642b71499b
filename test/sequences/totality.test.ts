import { beforeAll, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { loadSequences } from '../../src/config/index.ts';
import { EVIDENCE_KINDS, type SequenceDefinitions } from '../../src/contracts/index.ts';
import { checkEvidenceKinds, classifyLine, matchStudy } from '../../src/sequences/index.ts';
import { series, stack, study } from './studies.ts';

let definitions: SequenceDefinitions;
beforeAll(async () => {
  definitions = (await loadSequences('config/sequences.yaml')).value;
});

const words = fc.constantFrom(
  't1',
  't2',
  'in',
  'opp',
  'phase',
  'haste',
  'fs',
  'tra',
  'cor',
  '+C',
  'b800',
  'LUNG',
  'abd',
  'é',
  '/',
  '_',
  '::',
  'IP',
);
const value = fc.oneof(
  fc.array(words, { maxLength: 6 }).map((list) => list.join(' ')),
  fc.string(),
  fc.double({ noNaN: true }),
  fc.array(fc.string(), { maxLength: 3 }),
);
const attributes = fc.dictionary(
  fc.constantFrom(
    'Modality',
    'SeriesDescription',
    'ImageType',
    'EchoTime',
    'MagneticFieldStrength',
    'ScanningSequence',
    'BodyPartExamined',
    'ConvolutionKernel',
    'EchoTrainLength',
    'SeriesNumber',
  ),
  value,
);
const anyStudy = fc
  .array(fc.tuple(attributes, fc.array(attributes, { maxLength: 3 })), { maxLength: 5 })
  .map((list) =>
    study(
      'MRI abdomen',
      list.map(([own, stacks]) =>
        series(
          own,
          stacks.map((inner, index) =>
            stack({ id: String(index), attributes: inner, slices: index }),
          ),
        ),
      ),
    ),
  );

describe('matching', () => {
  it('gives exactly one match with a reason for every series, whatever its headers hold', () => {
    const named = new Set([...definitions.sequences.map((one) => one.name), 'unknown']);
    fc.assert(
      fc.property(anyStudy, (headers) => {
        const matches = matchStudy(headers, definitions);
        expect(matches.map((one) => one.seriesInstanceUid)).toEqual(
          headers.series.map((one) => one.seriesInstanceUid),
        );
        matches.forEach((match, index) => {
          expect(named.has(match.sequence)).toBe(true);
          expect(match.reason).not.toBe('');
          expect(match.confidence).toBeGreaterThanOrEqual(0);
          expect(match.confidence).toBeLessThanOrEqual(1);
          expect(match.stacks).toHaveLength(headers.series[index]?.stacks.length ?? -1);
        });
      }),
      { seed: 6, numRuns: 300 },
    );
  });

  it('is the same each time', () => {
    fc.assert(
      fc.property(anyStudy, (headers) => {
        expect(matchStudy(headers, definitions)).toEqual(matchStudy(headers, definitions));
      }),
      { seed: 7, numRuns: 50 },
    );
  });

  it('names in its evidence only items of the definitions', () => {
    const rules = new Set(
      definitions.sequences.flatMap((one) =>
        one.evidence.map((item) => `${one.name}/${item.name}`),
      ),
    );
    fc.assert(
      fc.property(anyStudy, (headers) => {
        for (const match of matchStudy(headers, definitions)) {
          for (const item of match.evidence)
            expect(rules.has(`${item.sequence}/${item.rule}`)).toBe(true);
        }
      }),
      { seed: 8, numRuns: 100 },
    );
  });
});

describe('the kinds of evidence', () => {
  it('all have an evaluator, and one that has none is named', () => {
    expect(() => checkEvidenceKinds()).not.toThrow();
    expect(() => checkEvidenceKinds([...EVIDENCE_KINDS, 'moonPhase'])).toThrow(/moonPhase/);
  });
});

describe('a header line', () => {
  it('that is none is refused with what is missing', () => {
    expect(() => classifyLine({ study: 'x' }, definitions)).toThrow(/series/);
    expect(() => classifyLine({ study: 'x', series: [{}] }, definitions)).toThrow(/id/);
    expect(() => classifyLine('text', definitions)).toThrow(/object/);
  });

  it('may bring further attributes, of which odd values are left out', () => {
    const series = {
      id: 'a',
      modality: 'MR',
      instances: 40,
      attributes: {
        ScanningSequence: 'GR',
        EchoTime: 4.6,
        MagneticFieldStrength: 1.5,
        ImageType: { odd: true },
        KVP: [null],
      },
    };
    const [said] = classifyLine({ study: 'x', series: [series] }, definitions);
    expect(said?.sequence).toBe('t1_in_phase');
  });

  it('selects what the rules choose', () => {
    const line = {
      study: 'x',
      studyDescription: 'CT abdomen',
      series: ['a', 'b'].map((id) => ({
        id,
        modality: 'CT',
        seriesDescription: 'portal',
        instances: 80,
      })),
    };
    expect(classifyLine(line, definitions).map((one) => one.selected)).toEqual([true, true]);
    expect(
      classifyLine(line, definitions, () => new Set(['b'])).map((one) => one.selected),
    ).toEqual([false, true]);
  });
});
