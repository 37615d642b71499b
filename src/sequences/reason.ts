import type { MatchFact, StackMatch } from '../contracts/index.ts';
import { factsText } from './match-facts.ts';

const TOLD = 3;

/** One sentence: what the stack is taken for, the strongest evidence for and against, and its fine kind. */
export function reasonOf(match: StackMatch, facts: readonly MatchFact[]): string {
  const own = match.evidence.filter((item) => item.sequence === match.sequence);
  const percent = `${Math.round(match.confidence * 100)} %`;
  if (match.sequence === 'unknown') {
    const [strongest] = match.evidence
      .filter((item) => item.weight > 0)
      .sort((a, b) => b.weight - a.weight);
    return strongest === undefined
      ? 'unknown: nothing in the headers says what this series is'
      : `unknown: the evidence is not enough or contradicts itself; most speaks for ${strongest.sequence}: ${strongest.text}`;
  }
  const byWeight = [...own].sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
  const speaksFor = byWeight.filter((item) => item.weight > 0).slice(0, TOLD);
  const speaksAgainst = byWeight.filter((item) => item.weight < 0).slice(0, TOLD);
  const against = speaksAgainst.length === 0 ? '' : `; against: ${texts(speaksAgainst)}`;
  const fine = facts.length === 0 ? '' : `; ${factsText(facts)}`;
  return `${match.sequence} (${percent}): ${texts(speaksFor)}${against}${fine}`;
}

function texts(items: readonly { readonly text: string }[]): string {
  return items.map((item) => item.text).join('; ');
}
