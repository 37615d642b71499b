import { useId, useState } from 'react';
import type { JobView, SeriesView } from '../../api/index.ts';
import { FindingsTable } from './findings-table.tsx';
import { Gate } from './gate.tsx';
import { moment, seconds, words } from './format.ts';
import { ModelLine } from './model-line.tsx';
import { Outcome } from './outcome.tsx';
import { Reasons } from './reasons.tsx';
import { ResultsTable } from './results-table.tsx';
import { Steps } from './steps.tsx';

/** One job: its steps with every attempt, what was stored, what was found. */
export function JobCard({
  job,
  series,
}: {
  readonly job: JobView;
  readonly series: SeriesView | undefined;
}) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="job">
      <div className="heading">
        <h2 id={id}>
          {words(job.sequence)} <span>{series?.description ?? 'series without description'}</span>
        </h2>
        <Outcome outcome={job.state} />
      </div>
      <p className="facts-line">
        Rule “{job.rule}” · run {job.run}
        {job.device !== null && ` · on ${job.device}`}
        {job.engine !== null && ` (${job.engine})`}
        {inferenceText(job.inference)} · queued {moment(job.queuedAt)}
        {job.finishedAt !== null &&
          ` · took ${seconds((Date.parse(job.finishedAt) - Date.parse(job.queuedAt)) / 1000)}`}
      </p>
      <ModelLine model={job.model} weightsVerified={job.weightsVerified} />
      {job.state === 'running' && (
        <progress value={job.progress} max={1} aria-label={`Progress of ${words(job.sequence)}`} />
      )}
      <Reasons reasons={job.reasons} />
      <h3>Steps</h3>
      <Steps steps={job.steps} />
      {job.results.length > 0 && <h3>Results</h3>}
      {job.results.length > 0 && <ResultsTable results={job.results} />}
      {job.gate.length > 0 && (
        <>
          <h3>Checks before storing</h3>
          <Gate gate={job.gate} />
        </>
      )}
      {job.findings.length > 0 && (
        <>
          <h3>Findings</h3>
          <Preview job={job} />
          <FindingsTable findings={job.findings} unit={job.unit} />
        </>
      )}
    </section>
  );
}

/** Folds, and what was chosen otherwise than nnU-Net's own. */
function inferenceText(inference: JobView['inference']): string {
  if (inference === null) return '';
  const { folds, stepSize, splitLevel } = inference;
  return [
    ` · folds ${folds.join(', ')}`,
    ...(stepSize === null || stepSize === 0.5 ? [] : [`patch step ${stepSize}`]),
    ...(splitLevel === null || splitLevel === 0 ? [] : [`split level ${splitLevel}`]),
  ].join(' · ');
}

/** The picture of the result; retention may have removed it. */
function Preview({ job }: { readonly job: JobView }) {
  const [missing, setMissing] = useState(false);
  if (missing) return <p className="empty">There is no picture of this result.</p>;
  const picture = `/api/jobs/${job.id}/preview.png`;
  return (
    <a
      href={picture}
      target="_blank"
      rel="noreferrer"
      aria-label="Open the picture in full size"
      title="Open the picture in full size"
    >
      <img
        className="preview"
        src={picture}
        alt="Three planes of the scan and a mosaic of axial slices with the structures outlined"
        loading="lazy"
        onError={() => setMissing(true)}
      />
    </a>
  );
}
