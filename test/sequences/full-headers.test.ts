import { describe, expect, it } from '@jest/globals';
import { loadRules } from '../../src/config/index.ts';
import { decide } from '../../src/routing/index.ts';
import { matchStudy } from '../../src/sequences/index.ts';
import { type GeneratedStudy, generatedStudies } from '../support/header-studies/generate.ts';
import { definitions } from './match-one.ts';

const rules = (await loadRules('config/rules.yaml')).value;
const VERSIONS = { ruleSetVersion: 'test', sequencesVersion: 'test' };
const TARGETS = new Set(['t1_in_phase', 'haste', 'ct_abdomen']);

/** What is wrong about a study, one line a series; empty when all is right. */
function mistakes({ headers, expected }: GeneratedStudy): string[] {
  const matches = matchStudy(headers, definitions);
  const decision = decide(headers, matches, rules, VERSIONS);
  const taken = new Map(decision.targets.map((one) => [one.seriesInstanceUid, one.stackId]));
  return headers.series.flatMap((series, index) => {
    const match = matches[index];
    const wanted = expected[index];
    if (match === undefined || wanted === undefined) return ['a series without match or answer'];
    const what = `${String(series.attributes['SeriesDescription'] ?? 'no description')}: `;
    const kindRight =
      wanted.kind === 'left alone' ? !TARGETS.has(match.sequence) : match.sequence === wanted.kind;
    const stackId = taken.get(series.seriesInstanceUid);
    const stackRight =
      wanted.stackId === undefined || stackId === undefined || stackId === wanted.stackId;
    return [
      ...(kindRight ? [] : [`${what}${wanted.kind} expected; ${match.reason}`]),
      ...((stackId !== undefined) === wanted.selected
        ? []
        : [`${what}${wanted.selected ? 'not taken' : 'taken'}; ${match.reason}`]),
      ...(stackRight ? [] : [`${what}stack ${stackId} of ${wanted.stackId}`]),
    ];
  });
}

describe('generated studies with full headers of seven makers', () => {
  const studies = generatedStudies();

  it('are at least 120', () => {
    expect(studies.length).toBeGreaterThanOrEqual(120);
  });

  for (const study of studies) {
    it(`are right: ${study.name}`, () => {
      expect(mistakes(study)).toEqual([]);
    });
  }
});
