import { describe, expect, it } from '@jest/globals';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import { classifyLine } from '../../src/sequences/index.ts';
import {
  LABELLED_HEADERS,
  labelledStudies,
  type ScoredSeries,
  scoredSeries,
  scoreOf,
  studyScore,
  TARGETS,
} from '../support/labelled-headers.ts';
import { supportOf, without } from '../support/left-out-collection.ts';

const labelled = labelledStudies();
if (labelled === null) console.log(`skipped: ${LABELLED_HEADERS} is not there`);
const lines = labelled ?? [];
const definitions = (await loadSequences('config/sequences.yaml')).value;
const rules = (await loadRules('config/rules.yaml')).value;

(labelled === null ? describe.skip : describe)('the labelled series headers', () => {
  const studies = lines.map((line) => scoredSeries(line, definitions, rules));

  it('every series is answered once, in order, with a reason', () => {
    for (const line of lines) {
      const said = classifyLine(line, definitions);
      expect(said.map((one) => one.id)).toEqual(line.series.map((one) => one.id));
      expect(said.every((one) => one.reason !== '')).toBe(true);
    }
  });

  for (const target of TARGETS) {
    it(`${target}: precision of at least 0.98 and recall of at least 0.97`, () => {
      const { precision, recall } = scoreOf(target, studies.flat());
      expect(precision).toBeGreaterThanOrEqual(0.98);
      expect(recall).toBeGreaterThanOrEqual(0.97);
    });
  }

  it('at least 95 % of the studies with a target are fully right, and all without are left alone', () => {
    const { withTarget, fullyRight, wronglyTaken } = studyScore(studies);
    expect(wronglyTaken).toBe(0);
    expect(withTarget).toBeGreaterThan(100);
    expect(fullyRight / withTarget).toBeGreaterThanOrEqual(0.95);
  });
});

(labelled === null ? describe.skip : describe)('collections whose own words are left out', () => {
  const support = supportOf(lines, definitions);
  const collections = [...new Set(lines.map((line) => line.collection))];
  const studies: ScoredSeries[][] = collections.flatMap((collection) => {
    const reduced = without(collection, definitions, support).definitions;
    return lines
      .filter((line) => line.collection === collection)
      .map((line) => scoredSeries(line, reduced, rules));
  });

  it('lose words, which is what the figures below are about', () => {
    const removed = collections.map((one) => without(one, definitions, support).words);
    expect(removed.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(100);
  });

  it('lose no word that another collection has too', () => {
    const shared = [...support.words].filter(([, where]) => where.size > 1).length;
    expect(shared).toBeGreaterThan(100);
    const words = (given: typeof definitions): number =>
      Object.values(given.words).flatMap((groups) => Object.values(groups).flat()).length;
    const [collection = ''] = collections;
    const reduced = without(collection, definitions, support);
    expect(words(reduced.definitions)).toBe(words(definitions) - reduced.words);
  });

  for (const target of TARGETS) {
    it(`lose at most 0.05 of F1 for ${target}, and little of its precision`, () => {
      const known = lines.flatMap((line) => scoredSeries(line, definitions, rules));
      const unseen = scoreOf(target, studies.flat());
      expect(scoreOf(target, known).f1 - unseen.f1).toBeLessThanOrEqual(0.05);
      expect(unseen.precision).toBeGreaterThanOrEqual(0.98);
    });
  }
});
