import type { NodeView, StudyOutcome } from '../../api/index.ts';
import { OUTCOMES, outcomeText } from './outcome.tsx';

/** How many studies there are of each outcome; pressing one shows only those. */
export function OutcomeFilter({
  counts,
  chosen,
  onChoose,
}: {
  readonly counts: NodeView['studies'] | undefined;
  readonly chosen: string | null;
  readonly onChoose: (outcome: StudyOutcome | '') => void;
}) {
  const all = counts && Object.values(counts).reduce((sum, count) => sum + count, 0);
  return (
    <div className="chips" role="group" aria-label="Outcome">
      <button type="button" aria-pressed={chosen === null} onClick={() => onChoose('')}>
        All <span className="count">{all}</span>
      </button>
      {OUTCOMES.map((outcome) => (
        <button
          key={outcome}
          type="button"
          className={`outcome-${outcome}`}
          aria-pressed={chosen === outcome}
          onClick={() => onChoose(chosen === outcome ? '' : outcome)}
        >
          {outcomeText(outcome)} <span className="count">{counts?.[outcome]}</span>
        </button>
      ))}
    </div>
  );
}
