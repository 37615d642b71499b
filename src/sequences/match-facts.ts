import type { MatchFact, SequenceDefinitions } from '../contracts/index.ts';
import { compileCondition, type Question } from './conditions.ts';
import type { StackFacts } from './facts.ts';

/** A value that a fact may have, and when it has it. */
interface CompiledValue {
  readonly value: string | boolean;
  readonly question: Question;
}
/** A fact of the fine kind, ready to be asked. */
export interface CompiledFact {
  readonly name: MatchFact['name'];
  readonly of: ReadonlySet<string>;
  readonly values: readonly CompiledValue[];
}

export function compileFacts(facts: SequenceDefinitions['facts']): readonly CompiledFact[] {
  return (facts ?? []).map(({ name, of, values }) => ({
    name,
    of: new Set(of),
    values: values.map(({ value, when }) => ({ value, question: compileCondition(when) })),
  }));
}

/**
 * The fine kind of a stack that was taken for a sequence: of each fact the first value whose
 * condition is true, with what it was seen on. A fact that nothing answers is left out.
 */
export function factsOf(
  sequence: string,
  stack: StackFacts,
  facts: readonly CompiledFact[],
): MatchFact[] {
  return facts.flatMap(({ name, of, values }) => {
    if (!of.has(sequence)) return [];
    const found = values.find(({ question }) => question.ask(stack) === 'true');
    if (found === undefined) return [];
    const seen = found.question
      .seen(stack)
      .map((one) => `${one.attribute}: ${one.value}`)
      .slice(0, 3);
    return [{ name, value: found.value, because: [...new Set(seen)].join('; ') }];
  });
}

const WORDS: Readonly<Record<MatchFact['name'], (value: string | boolean) => string>> = {
  fatSaturated: (value) => (value === true ? 'fat-saturated' : 'not fat-saturated'),
  postContrast: (value) => (value === true ? 'after contrast' : 'before contrast'),
  kernelClass: (value) => `${String(value)} kernel`,
  sliceClass: (value) => `${String(value)} slices`,
};

/** The fine kind in words, e.g. `fat-saturated (SeriesDescription: …)`; empty without facts. */
export function factsText(facts: readonly MatchFact[]): string {
  return facts.map(({ name, value, because }) => `${WORDS[name](value)} (${because})`).join(', ');
}

/** The fine kind alone, e.g. `fat-saturated, thin slices`; empty without facts. */
export function fineKindText(facts: readonly MatchFact[]): string {
  return facts.map(({ name, value }) => WORDS[name](value)).join(', ');
}
