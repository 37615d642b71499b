import type { Decision, RuleVerdict, SegmentOrder, Target, Verdict } from '../contracts/index.ts';

/** One series of a decision in plain sentences. */
export interface Explanation {
  readonly seriesInstanceUid: string;
  readonly taken: boolean;
  /** What the series is and what happens to it. */
  readonly summary: string;
  /** One sentence for each rule that was tried, in order. */
  readonly rules: readonly string[];
}

/**
 * Says in plain sentences why each series was decided as it was. `names` gives readers a name for a
 * series UID; without it the UID stands.
 */
export function explain(
  decision: Decision,
  names: ReadonlyMap<string, string> = new Map(),
): Explanation[] {
  return decision.verdicts.map((verdict) => ({
    seriesInstanceUid: verdict.seriesInstanceUid,
    taken: verdict.taken,
    summary: summaryOf(
      verdict,
      names.get(verdict.seriesInstanceUid) ?? verdict.seriesInstanceUid,
      targetsOf(decision, verdict),
    ),
    rules: verdict.rules.map(ruleSentence),
  }));
}

function targetsOf(decision: Decision, verdict: Verdict): readonly Target[] {
  return decision.targets.filter((one) => one.seriesInstanceUid === verdict.seriesInstanceUid);
}

/** The model and what of its settings the rule chose otherwise, e.g. `mrsegmentator, fast`. */
function orderText(order: SegmentOrder): string {
  const { model, folds, fast, stepSize, mirroring, splitLevel } = order;
  const first = folds === 'first' && fast !== true;
  return [
    model,
    ...(fast === true ? ['fast (first fold, no mirroring, wide steps)'] : []),
    ...(first ? ['first fold'] : []),
    ...(typeof folds === 'string' ? [] : [`folds ${folds.join(' and ')}`]),
    ...(stepSize === undefined ? [] : [`patch step ${stepSize}`]),
    ...(mirroring === undefined ? [] : [mirroring ? 'mirroring' : 'no mirroring']),
    ...(splitLevel === undefined ? [] : [`split level ${splitLevel}`]),
  ].join(', ');
}

function summaryOf(verdict: Verdict, name: string, targets: readonly Target[]): string {
  const percent = `${Math.round(verdict.confidence * 100)} %`;
  const orders = targets.map(({ segment }) => orderText(segment)).join(' and with ');
  const segmented = orders === '' ? 'will be segmented' : `will be segmented with ${orders}`;
  const fate = verdict.taken ? segmented : 'is left alone';
  return `${name} is ${verdict.sequence} (${percent}) and ${fate}: ${verdict.reason}.`;
}

function ruleSentence(said: RuleVerdict): string {
  switch (said.outcome) {
    case 'true':
      return `Rule "${said.rule}" matches: ${said.text}.`;
    case 'false':
      return `Rule "${said.rule}" does not match: ${said.text}.`;
    case 'not-answerable':
      return `Rule "${said.rule}" does not match, because a condition cannot be answered: ${said.text}.`;
  }
}
