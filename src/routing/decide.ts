import { fault } from '../contracts/index.ts';
import type {
  Decision,
  Rule,
  RuleSet,
  RuleVerdict,
  SequenceMatch,
  StudyHeaders,
  Target,
  Verdict,
} from '../contracts/index.ts';
import { choose } from './choose.ts';
import { compileSeriesCondition, type Condition } from './conditions.ts';
import { nameOf, type SeriesView, seriesView } from './view.ts';

/** What is never an input, whatever the rules say (design §6, guarantee 4). */
const NEVER_INPUT: Readonly<Record<string, string>> = {
  own_result: 'a result of Situs is never an input',
};

export interface DecisionVersions {
  readonly ruleSetVersion: string;
  readonly sequencesVersion: string;
}

interface CompiledRule {
  readonly rule: Rule;
  readonly condition: Condition<SeriesView>;
  /** Only the sequence the rule wants: is the series of its kind at all? Null when it names none. */
  readonly kind: Condition<SeriesView> | null;
}

/** A series with what each rule said up to the first match. */
interface Examined {
  readonly view: SeriesView;
  readonly said: readonly RuleVerdict[];
  readonly rule: Rule | null;
  /** The first rule that wanted this kind of series and refused it for something else. */
  readonly closest: RuleVerdict | null;
}

const compiled = new WeakMap<RuleSet, readonly CompiledRule[]>();

/**
 * Decides on one study: for each series the first rule that matches takes it, and where a rule
 * chooses, the best of its series in the study become targets. Every series gets exactly one
 * verdict with a reason, in the order of the study. `matches` holds one match for each series.
 */
export function decide(
  study: StudyHeaders,
  matches: readonly SequenceMatch[],
  rules: RuleSet,
  versions: DecisionVersions,
): Decision {
  const ready = compiledRules(rules);
  const bySeries = new Map(matches.map((match) => [match.seriesInstanceUid, match]));
  const examined = study.series.map((series) => {
    const match = bySeries.get(series.seriesInstanceUid);
    if (match === undefined) {
      throw fault(
        'SERIES_WITHOUT_MATCH',
        `Series ${series.seriesInstanceUid} was not matched before it was decided on.`,
      );
    }
    return examine(seriesView({ headers: study, matches }, series, match), ready);
  });
  const { targets, losers } = chosen(examined, rules);
  return {
    studyInstanceUid: study.studyInstanceUid,
    ruleSetVersion: versions.ruleSetVersion,
    sequencesVersion: versions.sequencesVersion,
    targets,
    verdicts: examined.map((one) => verdictOf(one, losers.get(one.view))),
  };
}

function compiledRules(rules: RuleSet): readonly CompiledRule[] {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const ready = rules.rules.map((rule) => ({
    rule,
    condition: compileSeriesCondition(rule.when),
    kind:
      rule.when.sequence === undefined
        ? null
        : compileSeriesCondition({ sequence: rule.when.sequence }),
  }));
  compiled.set(rules, ready);
  return ready;
}

function examine(view: SeriesView, rules: readonly CompiledRule[]): Examined {
  const said: RuleVerdict[] = [];
  let closest: RuleVerdict | null = null;
  if (NEVER_INPUT[view.match.sequence] !== undefined) return { view, said, rule: null, closest };
  for (const { rule, condition, kind } of rules) {
    const outcome = condition.ask(view);
    const verdict = {
      rule: rule.name,
      matched: outcome === 'true',
      outcome,
      text: condition.tell(view),
    };
    said.push(verdict);
    if (outcome === 'true') return { view, said, rule, closest };
    if (kind?.ask(view) === 'true') closest ??= verdict;
  }
  return { view, said, rule: null, closest };
}

function chosen(
  examined: readonly Examined[],
  rules: RuleSet,
): { targets: Target[]; losers: Map<SeriesView, string> } {
  const targets: Target[] = [];
  const losers = new Map<SeriesView, string>();
  for (const rule of rules.rules) {
    if (rule.segment === undefined || rule.store === undefined) continue;
    const candidates = examined
      .filter((one) => one.rule === rule && one.view.stack !== null)
      .map((one) => one.view);
    const { taken, left } = choose(rule, candidates);
    for (const view of taken) targets.push(targetOf(view, rule, rule.segment, rule.store));
    for (const loser of left) losers.set(loser.view, loser.reason);
  }
  return { targets, losers };
}

function targetOf(
  view: SeriesView,
  rule: Rule,
  segment: Exclude<Rule['segment'], undefined>,
  store: Exclude<Rule['store'], undefined>,
): Target {
  return {
    seriesInstanceUid: view.headers.seriesInstanceUid,
    stackId: view.stack?.id ?? 'all',
    frames: view.stack?.frames ?? [],
    sequence: view.match.sequence,
    confidence: view.match.confidence,
    rule: rule.name,
    segment,
    store,
    priority: rule.priority ?? 'normal',
  };
}

function verdictOf(examined: Examined, lostBecause: string | undefined): Verdict {
  const { view, said, rule } = examined;
  const verdict = {
    seriesInstanceUid: view.headers.seriesInstanceUid,
    sequence: view.match.sequence,
    confidence: view.match.confidence,
    rules: said,
  };
  if (rule === null)
    return { ...verdict, taken: false, rule: null, reason: unmatchedReason(examined) };
  const named = { ...verdict, rule: rule.name };
  if (rule.leave !== undefined)
    return { ...named, taken: false, reason: `${rule.leave} (rule "${rule.name}")` };
  if (view.stack === null)
    return {
      ...named,
      taken: false,
      reason: `rule "${rule.name}" matches, but the series has no images`,
    };
  if (lostBecause !== undefined) return { ...named, taken: false, reason: lostBecause };
  return { ...named, taken: true, reason: `taken by rule "${rule.name}": ${view.match.reason}` };
}

/** Why the closest rule refused it; else what the series is. */
function unmatchedReason({ view, closest }: Examined): string {
  const never = NEVER_INPUT[view.match.sequence];
  if (never !== undefined) return `${never}: ${view.match.reason}`;
  if (closest === null) return `no rule wants it: ${view.match.reason}`;
  const because = closest.outcome === 'not-answerable' ? 'could not be answered' : 'does not match';
  return `rule "${closest.rule}" ${because}: ${closest.text}; ${view.match.reason}`;
}

/** The series of a study by name, for messages. */
export function seriesNames(
  study: StudyHeaders,
  matches: readonly SequenceMatch[],
): ReadonlyMap<string, string> {
  const bySeries = new Map(matches.map((match) => [match.seriesInstanceUid, match]));
  const names = new Map<string, string>();
  for (const series of study.series) {
    const match = bySeries.get(series.seriesInstanceUid);
    if (match !== undefined)
      names.set(
        series.seriesInstanceUid,
        nameOf(seriesView({ headers: study, matches }, series, match)),
      );
  }
  return names;
}
