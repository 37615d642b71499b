import type { StudyOutcome } from '../../api/index.ts';

const WORDS: Readonly<Record<StudyOutcome, string>> = {
  running: 'Running',
  stored: 'Stored',
  'stored-with-refusals': 'Stored, some refused',
  'nothing-to-do': 'Nothing to do',
  held: 'Held',
  failed: 'Failed',
};

export const OUTCOMES = Object.keys(WORDS) as StudyOutcome[];

export function outcomeText(outcome: StudyOutcome): string {
  return WORDS[outcome];
}

/** The outcome of a study as a word in a colour; the word alone tells it too. */
export function Outcome({ outcome }: { readonly outcome: StudyOutcome }) {
  return <span className={`outcome outcome-${outcome}`}>{WORDS[outcome]}</span>;
}
