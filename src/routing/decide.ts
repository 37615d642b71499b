import { fault } from '../contracts/index.ts';
import type {
  Decision,
  EarlierResult,
  Rule,
  RuleSet,
  RuleVerdict,
  SegmentOrder,
  SequenceMatch,
  StoreOrder,
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

/** A series with what each rule said until one took it for itself. */
interface Examined {
  readonly view: SeriesView;
  readonly said: RuleVerdict[];
  /** The rules that match, in order; all but the last let later rules have the series too. */
  readonly matching: Rule[];
  /** The first rule that wanted this kind of series and refused it for something else. */
  closest: RuleVerdict | null;
}

/** What came of a rule for a series that it matches. */
interface Fate {
  readonly taken: boolean;
  readonly reason: string;
}

const compiled = new WeakMap<RuleSet, readonly CompiledRule[]>();

/**
 * Decides on one study. The rules are tried in order; the first that matches a series takes it, unless
 * it says `continue`: then later rules may take the series too, for targets of their own. After a
 * rule with `stop` that matches any series, no later rule is tried. Where a rule chooses, the best of
 * its series in the study become targets. Every series gets exactly one verdict with a reason, in the
 * order of the study. `matches` holds one match for each series; without `earlier`, conditions on
 * earlier results are not answerable.
 */
export function decide(
  study: StudyHeaders,
  matches: readonly SequenceMatch[],
  rules: RuleSet,
  versions: DecisionVersions,
  earlier: readonly EarlierResult[] | null = null,
): Decision {
  const bySeries = new Map(matches.map((match) => [match.seriesInstanceUid, match]));
  const studyView = { headers: study, matches, earlier };
  const examined = study.series.map((series): Examined => {
    const match = bySeries.get(series.seriesInstanceUid);
    if (match === undefined) {
      throw fault(
        'SERIES_WITHOUT_MATCH',
        `Series ${series.seriesInstanceUid} was not matched before it was decided on.`,
      );
    }
    const view = seriesView(studyView, series, match);
    return { view, said: [], matching: [], closest: null };
  });
  const stoppedBy = tryRules(examined, compiledRules(rules));
  const { targets, losers } = chosen(examined, rules);
  return {
    studyInstanceUid: study.studyInstanceUid,
    ruleSetVersion: versions.ruleSetVersion,
    sequencesVersion: versions.sequencesVersion,
    targets,
    verdicts: examined.map((one) => verdictOf(one, losers, stoppedBy)),
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

/** Asks rule after rule of all series that are still to be had; the rule that ended it for the study, if one did. */
function tryRules(examined: readonly Examined[], rules: readonly CompiledRule[]): Rule | null {
  let open = examined.filter(({ view }) => NEVER_INPUT[view.match.sequence] === undefined);
  for (const compiledRule of rules) {
    const { rule } = compiledRule;
    const matched = open.filter((one) => isMatch(one, compiledRule));
    if (rule.stop === true && matched.length > 0) return rule;
    if (rule.continue !== true) open = open.filter((one) => !matched.includes(one));
  }
  return null;
}

function isMatch(one: Examined, { rule, condition, kind }: CompiledRule): boolean {
  const outcome = condition.ask(one.view);
  const matched = outcome === 'true';
  const verdict = { rule: rule.name, matched, outcome, text: condition.tell(one.view) };
  one.said.push(verdict);
  if (matched) one.matching.push(rule);
  else if (kind?.ask(one.view) === 'true') one.closest ??= verdict;
  return matched;
}

type Losers = ReadonlyMap<Rule, ReadonlyMap<SeriesView, string>>;

function chosen(
  examined: readonly Examined[],
  rules: RuleSet,
): { targets: Target[]; losers: Losers } {
  const targets: Target[] = [];
  const losers = new Map<Rule, ReadonlyMap<SeriesView, string>>();
  for (const rule of rules.rules) {
    if (rule.segment === undefined || rule.store === undefined) continue;
    const candidates = examined
      .filter((one) => one.matching.includes(rule) && one.view.stack !== null)
      .map((one) => one.view);
    const { taken, left } = choose(rule, candidates);
    for (const view of taken) targets.push(targetOf(view, rule, rule.segment, rule.store));
    losers.set(rule, new Map(left.map((loser) => [loser.view, loser.reason])));
  }
  return { targets, losers };
}

function targetOf(view: SeriesView, rule: Rule, segment: SegmentOrder, store: StoreOrder): Target {
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
    ...(rule.gate === undefined ? {} : { gate: rule.gate }),
    ...(rule.quiet === undefined ? {} : { quiet: rule.quiet }),
  };
}

/** The verdict names the first rule that took the series, else the first that matches it. */
function verdictOf(examined: Examined, losers: Losers, stoppedBy: Rule | null): Verdict {
  const { view, said, matching } = examined;
  const verdict = {
    seriesInstanceUid: view.headers.seriesInstanceUid,
    sequence: view.match.sequence,
    confidence: view.match.confidence,
    rules: said,
  };
  const fates = matching.map((rule) => ({ rule, ...fateOf(view, rule, losers) }));
  const takers = fates.filter((fate) => fate.taken);
  const [first] = takers.length > 0 ? takers : fates;
  if (first === undefined) {
    return { ...verdict, taken: false, rule: null, reason: unmatchedReason(examined, stoppedBy) };
  }
  const reason =
    takers.length > 0
      ? `taken by ${takers.map(({ rule }) => `rule "${rule.name}"`).join(' and by ')}: ${view.match.reason}`
      : fates.map((fate) => fate.reason).join('; ');
  return { ...verdict, taken: first.taken, rule: first.rule.name, reason };
}

function fateOf(view: SeriesView, rule: Rule, losers: Losers): Fate {
  const lost = losers.get(rule)?.get(view);
  if (rule.leave !== undefined)
    return { taken: false, reason: `${rule.leave} (rule "${rule.name}")` };
  if (view.stack === null)
    return { taken: false, reason: `rule "${rule.name}" matches, but the series has no images` };
  return lost === undefined ? { taken: true, reason: '' } : { taken: false, reason: lost };
}

/** Why the closest rule refused it; else what the series is. */
function unmatchedReason({ view, closest }: Examined, stoppedBy: Rule | null): string {
  const never = NEVER_INPUT[view.match.sequence];
  if (never !== undefined) return `${never}: ${view.match.reason}`;
  if (closest === null) {
    const nobody =
      stoppedBy === null
        ? 'no rule wants it'
        : `no rule up to "${stoppedBy.name}", which stops, wants it`;
    return `${nobody}: ${view.match.reason}`;
  }
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
        nameOf(seriesView({ headers: study, matches, earlier: null }, series, match)),
      );
  }
  return names;
}
