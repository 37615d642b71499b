import type { JobView, SeriesView, StepView } from '../../api/index.ts';
import { bytes, moment, seconds, words } from './format.ts';
import { FindingsTable } from './findings-table.tsx';
import { Reasons } from './reasons.tsx';

const GATE_WORDS = { pass: 'passed', warn: 'warning', hold: 'held' } as const;

/** One job: its steps with every attempt, what was stored, what was found. */
export function JobCard({
  job,
  series,
}: {
  readonly job: JobView;
  readonly series: SeriesView | undefined;
}) {
  return (
    <section>
      <div className="heading">
        <h2>
          {words(job.sequence)}: {series?.description ?? 'series without description'}
        </h2>
        <span className={`outcome outcome-${job.state}`}>{words(job.state)}</span>
      </div>
      <p className="facts-line">
        Rule “{job.rule}”, run {job.run}, model {job.model.name} {job.model.version}{' '}
        <code title="model hash">{(job.model.hash ?? '').slice(0, 12)}</code>
        {job.device !== null && <>, on {job.device}</>}
      </p>
      <Reasons reasons={job.reasons} />
      <ol className="steps">
        {job.steps.map((step) => (
          <Step key={`${step.step} ${step.attempt}`} step={step} />
        ))}
      </ol>
      {job.results.length > 0 && (
        <div className="scroll">
          <table>
            <thead>
              <tr>
                <th>Result</th>
                <th>SOP Instance UID</th>
                <th>Size</th>
                <th>Stored in</th>
                <th>Read back</th>
              </tr>
            </thead>
            <tbody>
              {job.results.map((result) => (
                <tr key={result.sopInstanceUid}>
                  <td>{result.kind}</td>
                  <td>
                    <code>{result.sopInstanceUid}</code>
                    <small>sha256 {result.sha256.slice(0, 16)}…</small>
                  </td>
                  <td className="number">{bytes(result.bytes)}</td>
                  <td>
                    {result.archive}
                    <small>{moment(result.storedAt)}</small>
                  </td>
                  <td>{result.verified ? 'equal' : result.verification}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
      {job.gate.length > 0 && (
        <ul className="gate">
          {job.gate.map((verdict) => (
            <li key={`${verdict.check} ${verdict.structure ?? ''}`}>
              <span className={`gate-${verdict.level}`}>{GATE_WORDS[verdict.level]}</span>{' '}
              {verdict.message}
            </li>
          ))}
        </ul>
      )}
      {job.findings.length > 0 && (
        <img
          className="preview"
          src={`/api/jobs/${job.id}/preview.png`}
          alt="Axial, coronal and sagittal plane of the scan with the structures outlined"
          loading="lazy"
        />
      )}
      {job.findings.length > 0 && <FindingsTable findings={job.findings} unit={job.unit} />}
    </section>
  );
}

function Step({ step }: { readonly step: StepView }) {
  return (
    <li className={`step step-${step.state}`}>
      <strong>{step.step}</strong>
      <span>{step.state === 'running' ? 'running' : seconds(step.seconds)}</span>
      {step.attempt > 1 && <small>attempt {step.attempt}</small>}
      {step.error !== null && (
        <small className="step-error" title={step.error.next}>
          {step.error.code}: {step.error.message}
        </small>
      )}
    </li>
  );
}
