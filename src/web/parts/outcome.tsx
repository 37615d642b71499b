import type { JobView, StudyOutcome } from '../../api/index.ts';

const WORDS: Readonly<Record<StudyOutcome | JobView['state'], string>> = {
  running: 'Running',
  stored: 'Stored',
  'stored-with-refusals': 'Stored in part',
  'nothing-to-do': 'Nothing to do',
  held: 'Held',
  failed: 'Failed',
  queued: 'Queued',
  refused: 'Refused',
  cancelled: 'Cancelled',
};

export const OUTCOMES: readonly StudyOutcome[] = [
  'running',
  'stored',
  'stored-with-refusals',
  'nothing-to-do',
  'held',
  'failed',
];

export function outcomeText(outcome: StudyOutcome): string {
  return WORDS[outcome];
}

/** The outcome of a study or state of a job as a word in a colour; the word alone tells it too. */
export function Outcome({ outcome }: { readonly outcome: StudyOutcome | JobView['state'] }) {
  return <span className={`outcome outcome-${outcome}`}>{WORDS[outcome]}</span>;
}
