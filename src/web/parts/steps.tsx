import type { StepView } from '../../api/index.ts';
import { seconds } from './format.ts';

const STATE_WORDS = {
  running: 'running',
  done: 'done',
  failed: 'failed',
  lost: 'lost: its worker ended',
} as const;

/** Every attempt of every step, in the order they began. */
export function Steps({ steps }: { readonly steps: readonly StepView[] }) {
  if (steps.length === 0) return <p className="empty">No step has begun yet.</p>;
  return (
    <ol className="steps">
      {steps.map((step) => (
        <li key={`${step.step} ${step.attempt}`} className={`step step-${step.state}`}>
          <strong>{step.step}</strong>
          <span className="number">
            {step.state === 'done' ? seconds(step.seconds) : STATE_WORDS[step.state]}
          </span>
          {(step.attempt > 1 || step.error !== null) && <small>attempt {step.attempt}</small>}
          {step.error !== null && (
            <small className="step-error">
              {step.error.message} {step.error.next} <code>{step.error.code}</code>
            </small>
          )}
        </li>
      ))}
    </ol>
  );
}
