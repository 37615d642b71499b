import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RuleSet, SequenceDefinitions } from '../../src/contracts/index.ts';
import { decide } from '../../src/routing/index.ts';
import { classifyLine } from '../../src/sequences/index.ts';

/** The labelled headers of real studies beside the repository; its README tells the form and the labels. */
export const LABELLED_HEADERS = join(
  import.meta.dirname,
  '../../../shared/data/series-headers/dev.jsonl',
);

/** What must be said of a label; all others are `none`. */
export const MUST: Readonly<Record<string, string>> = {
  t1_in_phase: 't1_in_phase',
  t1_dual_echo_both: 't1_in_phase',
  haste: 'haste',
  haste_coronal_or_sagittal: 'haste',
  ct_abdomen: 'ct_abdomen',
};
/** Labels of which either this or `none` is right. */
export const EITHER: Readonly<Record<string, string>> = {
  haste_fs: 'haste',
  haste_long_te: 'haste',
  haste_pelvis: 'haste',
  t1_in_phase_coronal: 't1_in_phase',
  t1_in_phase_post: 't1_in_phase',
  t1_in_phase_pelvis: 't1_in_phase',
};
export const TARGETS = ['t1_in_phase', 'haste', 'ct_abdomen'] as const;

/** A line of the labelled headers, as far as scoring needs it. */
export interface LabelledStudy {
  readonly study: string;
  readonly collection: string;
  readonly series: readonly { readonly id: string; readonly label: string }[];
}
/** A series with what the definitions say of it. */
export interface ScoredSeries {
  readonly label: string;
  readonly said: string;
  readonly selected: boolean;
}

/** Every study of the labelled headers; null where they are not beside the repository. */
export function labelledStudies(): LabelledStudy[] | null {
  if (!existsSync(LABELLED_HEADERS)) return null;
  return readFileSync(LABELLED_HEADERS, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LabelledStudy);
}

/** What definitions and rules say of one labelled study, in the order of its series. */
export function scoredSeries(
  line: LabelledStudy,
  definitions: SequenceDefinitions,
  rules: RuleSet,
): ScoredSeries[] {
  const versions = { ruleSetVersion: 'test', sequencesVersion: 'test' };
  const said = classifyLine(line, definitions, (study, matches) => {
    const decision = decide(study, matches, rules, versions);
    return new Set(decision.targets.map((target) => target.seriesInstanceUid));
  });
  const byId = new Map(said.map((one) => [one.id, one]));
  return line.series.map((one) => ({
    label: one.label,
    said: byId.get(one.id)?.sequence ?? 'none',
    selected: byId.get(one.id)?.selected === true,
  }));
}

export interface TargetScore {
  readonly right: number;
  readonly wrong: number;
  readonly missed: number;
  /** NaN where nothing was said, or nothing was to be said. */
  readonly precision: number;
  readonly recall: number;
  readonly f1: number;
}

/** Precision, recall and F1 of a target over series; `either` and `uncertain` labels are never wrong. */
export function scoreOf(target: string, rows: readonly ScoredSeries[]): TargetScore {
  const count = (holds: (row: ScoredSeries) => boolean): number => rows.filter(holds).length;
  const right = count((row) => row.said === target && MUST[row.label] === target);
  const missed = count((row) => row.said !== target && MUST[row.label] === target);
  const wrong = count(
    (row) =>
      row.said === target &&
      MUST[row.label] !== target &&
      EITHER[row.label] !== target &&
      row.label !== 'uncertain',
  );
  return {
    right,
    wrong,
    missed,
    precision: right / (right + wrong),
    recall: right / (right + missed),
    f1: (2 * right) / (2 * right + wrong + missed),
  };
}

/**
 * Studies with a target, and how many are fully right: each of their targets selected in a right
 * series and nothing wrong selected. Of studies without one, how many select something wrong.
 */
export function studyScore(studies: readonly (readonly ScoredSeries[])[]): {
  readonly withTarget: number;
  readonly fullyRight: number;
  readonly wronglyTaken: number;
} {
  let withTarget = 0;
  let fullyRight = 0;
  let wronglyTaken = 0;
  for (const rows of studies) {
    const wanted = TARGETS.filter((target) => rows.some((row) => MUST[row.label] === target));
    const picked = rows.filter((row) => row.selected);
    const wrong = picked.some(
      (row) => MUST[row.label] !== row.said && EITHER[row.label] !== row.said,
    );
    const found = wanted.every((target) =>
      picked.some((row) => row.said === target && MUST[row.label] === target),
    );
    if (wanted.length === 0) wronglyTaken += wrong ? 1 : 0;
    else {
      withTarget++;
      fullyRight += !wrong && found ? 1 : 0;
    }
  }
  return { withTarget, fullyRight, wronglyTaken };
}
