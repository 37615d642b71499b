import { EVIDENCE_KINDS, fault } from '../contracts/index.ts';
import type {
  Evidence,
  SequenceDefinition,
  SequenceDefinitions,
  SequenceMatch,
  StackMatch,
  StudyHeaders,
} from '../contracts/index.ts';
import { compileCondition, EVIDENCE_COMPILERS, type Question, type Seen } from './conditions.ts';
import {
  type SeriesFacts,
  type StackFacts,
  stackFacts,
  type StudyFacts,
  studyFacts,
} from './facts.ts';
import { type CompiledFact, compileFacts, factsOf } from './match-facts.ts';
import { reasonOf } from './reason.ts';
import { compileVocabulary, type Vocabulary } from './words.ts';

/** What weighs less only colours a sequence that something else speaks for. */
const ENTRY_WEIGHT = 2;
/** A piece of evidence names at most so many of the things it looked at. */
const MOST_SEEN = 3;
/** Name of the verdict when the evidence is not enough. */
export const UNKNOWN = 'unknown';

interface CompiledItem {
  readonly name: string;
  readonly weight: number;
  readonly question: Question;
}
interface CompiledSequence {
  readonly definition: SequenceDefinition;
  readonly items: readonly CompiledItem[];
}
export interface CompiledDefinitions {
  readonly vocabulary: Vocabulary;
  readonly sequences: readonly CompiledSequence[];
  readonly targets: ReadonlySet<string>;
  readonly unknown: SequenceDefinitions['unknown'];
  readonly facts: readonly CompiledFact[];
}

/** One sequence's standing for one stack. */
interface Standing {
  readonly sequence: CompiledSequence;
  readonly score: number;
  readonly fired: readonly CompiledItem[];
}

const compiled = new WeakMap<SequenceDefinitions, CompiledDefinitions>();

/**
 * Says what every series of a study is: exactly one match per series, in the order of the series.
 * For each stack of a series the weights of the evidence that is true are summed for each sequence
 * (log-odds); the confidence is the sequence's share of the exponentials, with "unknown" as one more
 * candidate. A sequence is in the race only when something of weight 2 or more speaks for it. The series takes its best
 * stack: a target before a refusal, then the higher confidence, then the stack with more slices.
 */
export function matchStudy(study: StudyHeaders, definitions: SequenceDefinitions): SequenceMatch[] {
  const ready = compiledOf(definitions);
  const facts = studyFacts(study, ready.vocabulary);
  return facts.series.map((series) => matchSeries(facts, series, ready));
}

/** Throws a fault naming the first kind of evidence that has no evaluator; called when the node starts. */
export function checkEvidenceKinds(kinds: readonly string[] = EVIDENCE_KINDS): void {
  for (const kind of kinds) {
    if (!(kind in EVIDENCE_COMPILERS)) {
      throw fault(
        'EVIDENCE_WITHOUT_EVALUATOR',
        `No evaluator for the kind of evidence "${kind}".`,
        { kind },
      );
    }
  }
}

/** The definitions made ready; once for each set. */
export function compiledOf(definitions: SequenceDefinitions): CompiledDefinitions {
  const known = compiled.get(definitions);
  if (known !== undefined) return known;
  const ready: CompiledDefinitions = {
    vocabulary: compileVocabulary(definitions.words),
    sequences: definitions.sequences.map((definition) => ({
      definition,
      items: definition.evidence.map((item) => ({
        name: item.name,
        weight: item.weight,
        question: compileCondition(item.when),
      })),
    })),
    targets: new Set(definitions.sequences.filter((one) => one.target).map((one) => one.name)),
    unknown: definitions.unknown,
    facts: compileFacts(definitions.facts),
  };
  compiled.set(definitions, ready);
  return ready;
}

function matchSeries(
  study: StudyFacts,
  series: SeriesFacts,
  ready: CompiledDefinitions,
): SequenceMatch {
  const { stacks, seriesInstanceUid } = series.headers;
  if (stacks.length === 0) {
    const facts = stackFacts(study, series, null);
    const only = matchStack('all', facts, ready);
    const fine = factsOf(only.sequence, facts, ready.facts);
    return {
      seriesInstanceUid,
      stackId: null,
      sequence: only.sequence,
      confidence: only.confidence,
      reason: reasonOf(only, fine),
      evidence: only.evidence,
      stacks: [],
      facts: fine,
    };
  }
  const candidates = stacks.map((stack) => {
    const facts = stackFacts(study, series, stack);
    return { match: matchStack(stack.id, facts, ready), slices: facts.slices, facts };
  });
  const leader = candidates.reduce((so, next) => (isBetter(next, so, ready.targets) ? next : so));
  const best = leader.match;
  const fine = factsOf(best.sequence, leader.facts, ready.facts);
  return {
    seriesInstanceUid,
    stackId: best.stackId,
    sequence: best.sequence,
    confidence: best.confidence,
    reason: reasonOf(best, fine),
    evidence: best.evidence,
    stacks: candidates.map((candidate) => candidate.match),
    facts: fine,
  };
}

interface Candidate {
  readonly match: StackMatch;
  readonly slices: number;
}

function isBetter(next: Candidate, leader: Candidate, targets: ReadonlySet<string>): boolean {
  const target =
    Number(targets.has(next.match.sequence)) - Number(targets.has(leader.match.sequence));
  if (target !== 0) return target > 0;
  const confidence = next.match.confidence - leader.match.confidence;
  if (Math.abs(confidence) > 1e-9) return confidence > 0;
  return next.slices > leader.slices;
}

function matchStack(stackId: string, facts: StackFacts, ready: CompiledDefinitions): StackMatch {
  const standings: Standing[] = [];
  for (const sequence of ready.sequences) {
    const { modality } = sequence.definition;
    if (modality !== undefined && !modality.includes(facts.series.modality ?? '')) continue;
    const fired = sequence.items.filter((item) => item.question.ask(facts) === 'true');
    if (!fired.some((item) => item.weight >= ENTRY_WEIGHT)) continue;
    standings.push({ sequence, fired, score: fired.reduce((sum, item) => sum + item.weight, 0) });
  }
  standings.sort((a, b) => b.score - a.score);
  const [best, second] = standings;
  const unknown = Math.exp(ready.unknown.weight);
  const total = standings.reduce((sum, one) => sum + Math.exp(one.score), unknown);
  const share = (standing: Standing | undefined): number =>
    standing === undefined ? 0 : Math.exp(standing.score) / total;
  const evidence = [
    ...evidenceOf(best, facts),
    ...(share(second) > 0.01 ? evidenceOf(second, facts) : []),
  ];
  const confidence = share(best);
  if (
    best === undefined ||
    confidence < ready.unknown.minimumConfidence ||
    unknown / total > confidence
  ) {
    return { stackId, sequence: UNKNOWN, confidence: round(1 - confidence), evidence };
  }
  return {
    stackId,
    sequence: best.sequence.definition.name,
    confidence: round(confidence),
    evidence,
  };
}

function evidenceOf(standing: Standing | undefined, facts: StackFacts): Evidence[] {
  if (standing === undefined) return [];
  return standing.fired.map((item) => {
    const told = different(item.question.seen(facts)).slice(0, MOST_SEEN);
    const value = told.map((one) => one.value).join('; ');
    return {
      sequence: standing.sequence.definition.name,
      weight: item.weight,
      attribute: [...new Set(told.map((one) => one.attribute))].join(', '),
      value,
      rule: item.name,
      text: `${item.name} (${told.map((one) => `${one.attribute}: ${one.value}`).join('; ')})`,
    };
  });
}

function different(seen: readonly Seen[]): Seen[] {
  return seen.filter(
    (one, index) =>
      seen.findIndex((other) => other.attribute === one.attribute && other.value === one.value) ===
      index,
  );
}

/** Four digits: enough to compare, few enough to read. */
function round(confidence: number): number {
  return Math.round(confidence * 10_000) / 10_000;
}

// At load, so that a node with an incomplete registry does not start.
checkEvidenceKinds();
