import { useQuery } from '@tanstack/react-query';
import { Link, useParams, useSearchParams } from 'react-router';
import type { StudyView } from '../../api/index.ts';
import { get } from '../client.ts';
import { Failure } from '../parts/failure.tsx';
import { dicomDate, moment } from '../parts/format.ts';
import { JobCard } from '../parts/job.tsx';
import { Outcome } from '../parts/outcome.tsx';
import { Patient } from '../parts/patient.tsx';
import { Reasons } from '../parts/reasons.tsx';
import { RunAgain } from '../parts/run-again.tsx';
import { SeriesTable } from '../parts/series-table.tsx';
import { useTitle } from '../parts/title.ts';

const RUNNING_REFRESH_MS = 2_000;
const SETTLED_REFRESH_MS = 15_000;

/** Everything known of one study: why each series was taken or left, what was done, what was found. */
export function StudyPage() {
  const { studyUid = '' } = useParams();
  const archive = useSearchParams()[0].get('archive');
  const of = archive === null ? '' : `?archive=${encodeURIComponent(archive)}`;
  const path = `/api/studies/${encodeURIComponent(studyUid)}`;
  const study = useQuery({
    queryKey: ['study', studyUid, archive],
    queryFn: () => get<StudyView>(`${path}${of}`),
    refetchInterval: (query) =>
      query.state.data?.outcome === 'running' ? RUNNING_REFRESH_MS : SETTLED_REFRESH_MS,
  });
  useTitle(study.data?.description ?? 'Study');
  if (!study.data) {
    return study.error ? <Failure error={study.error} /> : <p className="empty">Loading…</p>;
  }
  const view = study.data;
  return (
    <>
      <nav aria-label="Where you are" className="trail">
        <Link to="/">Studies</Link> <span aria-hidden="true">›</span> {dicomDate(view.studyDate)}
      </nav>
      {study.error && <Failure error={study.error} />}
      <div className="heading">
        <h1>{view.description ?? '(no description)'}</h1>
        <div className="actions">
          {view.outcome !== 'running' && <RunAgain path={`${path}/rerun${of}`} />}
          <Outcome outcome={view.outcome} />
        </div>
      </div>
      <Reasons reasons={view.reasons} />
      <Facts view={view} patientPath={`${path}/patient${of}`} />
      <section aria-labelledby="series">
        <h2 id="series">Series</h2>
        <SeriesTable series={view.series} />
      </section>
      {view.jobs.map((job) => (
        <JobCard
          key={job.id}
          job={job}
          series={view.series.find((one) => one.seriesInstanceUid === job.seriesInstanceUid)}
        />
      ))}
    </>
  );
}

function Facts({ view, patientPath }: { readonly view: StudyView; readonly patientPath: string }) {
  return (
    <dl className="facts">
      <Patient path={patientPath} />
      <div>
        <dt>Study date</dt>
        <dd>{dicomDate(view.studyDate)}</dd>
      </div>
      <div>
        <dt>Archive</dt>
        <dd>
          {view.archive}, revision {view.revision}
        </dd>
      </div>
      <div>
        <dt>Content</dt>
        <dd>
          {view.modalities.join(' ')}, {view.seriesCount} series, {view.instanceCount} instances
        </dd>
      </div>
      <div>
        <dt>First seen</dt>
        <dd>{moment(view.firstSeenAt)}</dd>
      </div>
      <div>
        <dt>Decided</dt>
        <dd>{view.decidedAt === null ? 'not yet' : moment(view.decidedAt)}</dd>
      </div>
      {view.ruleSetVersion !== null && (
        <div>
          <dt>Decided with</dt>
          <dd>
            rules <code>{view.ruleSetVersion.slice(0, 12)}</code>, sequences{' '}
            <code>{(view.sequencesVersion ?? '').slice(0, 12)}</code>
          </dd>
        </div>
      )}
      <div className="wide">
        <dt>Study Instance UID</dt>
        <dd>
          <code>{view.studyInstanceUid}</code>
        </dd>
      </div>
    </dl>
  );
}
