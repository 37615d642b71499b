import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import { decide } from '../../src/routing/index.ts';
import { classifyLine } from '../../src/sequences/index.ts';

const FILE = '../shared/data/series-headers/dev.jsonl';
const available = existsSync(FILE);
if (!available) console.log(`skipped: ${FILE} is not there`);

/** The words of the labelled data's README: what must be said, and where either answer is right. */
const MUST: Readonly<Record<string, string>> = {
  t1_in_phase: 't1_in_phase',
  t1_dual_echo_both: 't1_in_phase',
  haste: 'haste',
  haste_coronal_or_sagittal: 'haste',
  ct_abdomen: 'ct_abdomen',
};
const EITHER: Readonly<Record<string, string>> = {
  haste_fs: 'haste',
  haste_long_te: 'haste',
  haste_pelvis: 'haste',
  t1_in_phase_coronal: 't1_in_phase',
  t1_in_phase_post: 't1_in_phase',
  t1_in_phase_pelvis: 't1_in_phase',
};
const TARGETS = ['t1_in_phase', 'haste', 'ct_abdomen'] as const;

interface LabelledStudy {
  readonly study: string;
  readonly series: readonly { readonly id: string; readonly label: string }[];
}
interface Row {
  readonly label: string;
  readonly said: string;
  readonly selected: boolean;
}

async function classified(): Promise<Row[][]> {
  const definitions = (await loadSequences('config/sequences.yaml')).value;
  const rules = (await loadRules('config/rules.yaml')).value;
  const versions = { ruleSetVersion: 'test', sequencesVersion: 'test' };
  return readFileSync(FILE, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((text) => {
      const line = JSON.parse(text) as LabelledStudy;
      const said = classifyLine(line, definitions, (study, matches) => {
        const decision = decide(study, matches, rules, versions);
        return new Set(decision.targets.map((target) => target.seriesInstanceUid));
      });
      expect(said.map((one) => one.id)).toEqual(line.series.map((one) => one.id));
      expect(said.every((one) => one.reason !== '')).toBe(true);
      return line.series.map((one, index) => ({
        label: one.label,
        said: said[index]?.sequence ?? 'none',
        selected: said[index]?.selected === true,
      }));
    });
}

(available ? describe : describe.skip)('the labelled series headers', () => {
  const studies = available ? classified() : Promise.resolve([]);

  for (const target of TARGETS) {
    it(`${target}: precision of at least 0.98 and recall of at least 0.97`, async () => {
      const rows = (await studies).flat();
      const right = rows.filter((row) => row.said === target && MUST[row.label] === target).length;
      const wrong = rows.filter(
        (row) =>
          row.said === target &&
          MUST[row.label] !== target &&
          EITHER[row.label] !== target &&
          row.label !== 'uncertain',
      ).length;
      const missed = rows.filter((row) => row.said !== target && MUST[row.label] === target).length;
      expect(right / (right + wrong)).toBeGreaterThanOrEqual(0.98);
      expect(right / (right + missed)).toBeGreaterThanOrEqual(0.97);
    });
  }

  it('at least 95 % of the studies with a target are fully right, and all without are left alone', async () => {
    let withTarget = 0;
    let fullyRight = 0;
    for (const rows of await studies) {
      const wanted = TARGETS.filter((target) => rows.some((row) => MUST[row.label] === target));
      const picked = rows.filter((row) => row.selected);
      const wrong = picked.some(
        (row) => MUST[row.label] !== row.said && EITHER[row.label] !== row.said,
      );
      const found = wanted.every((target) =>
        picked.some((row) => row.said === target && MUST[row.label] === target),
      );
      if (wanted.length === 0) {
        expect(wrong).toBe(false);
        continue;
      }
      withTarget++;
      if (!wrong && found) fullyRight++;
    }
    expect(withTarget).toBeGreaterThan(100);
    expect(fullyRight / withTarget).toBeGreaterThanOrEqual(0.95);
  });
});
