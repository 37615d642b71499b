import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { loadRules } from '../../src/config/index.ts';
import {
  type LabelledStudy,
  MUST,
  scoredSeries,
  scoreOf,
  studyScore,
  TARGETS,
} from '../support/labelled-headers.ts';
import { definitions } from './match-one.ts';

/** A study gathered from public documents: descriptions as written there, `instances` plausible ones. */
interface FreshStudy extends LabelledStudy {
  readonly source: string;
}

const rules = (await loadRules('config/rules.yaml')).value;
const studies = readFileSync(join(import.meta.dirname, '../support/fresh-headers.jsonl'), 'utf8')
  .split('\n')
  .filter((line) => line !== '')
  .map((line) => JSON.parse(line) as FreshStudy);

describe('descriptions of scanners that took no part in writing the definitions', () => {
  const scored = studies.map((study) => scoredSeries(study, definitions, rules));

  it('are at least 60, each study with its source', () => {
    expect(scored.flat().length).toBeGreaterThanOrEqual(60);
    expect(studies.filter(({ source }) => source === '')).toEqual([]);
  });

  for (const target of TARGETS) {
    it(`${target}: precision of at least 0.98 and recall of at least 0.92`, () => {
      const { right, precision, recall } = scoreOf(target, scored.flat());
      expect(right).toBeGreaterThanOrEqual(5);
      expect(precision).toBeGreaterThanOrEqual(0.98);
      expect(recall).toBeGreaterThanOrEqual(0.92);
    });
  }

  it('nothing is selected that is not a target, and nearly all studies are fully right', () => {
    const { withTarget, fullyRight, wronglyTaken } = studyScore(scored);
    expect(wronglyTaken).toBe(0);
    expect(withTarget).toBe(scored.filter((rows) => rows.some((row) => row.label in MUST)).length);
    expect(fullyRight / withTarget).toBeGreaterThanOrEqual(0.85);
  });
});
