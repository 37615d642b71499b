import { useQuery } from '@tanstack/react-query';
import { useParams } from 'react-router';
import type { StudyView } from '../../api/index.ts';
import { get } from '../client.ts';
import { Failure } from '../parts/failure.tsx';
import { dicomDate, moment } from '../parts/format.ts';
import { JobCard } from '../parts/job.tsx';
import { Reasons } from '../parts/reasons.tsx';
import { Outcome } from '../parts/outcome.tsx';
import { SeriesTable } from '../parts/series-table.tsx';

const REFRESH_MS = 2_000;

/** Everything known of one study: why each series was taken or left, what was done, what was found. */
export function StudyPage() {
  const { studyUid = '' } = useParams();
  const study = useQuery({
    queryKey: ['study', studyUid],
    queryFn: () => get<StudyView>(`/api/studies/${studyUid}`),
    refetchInterval: (query) => (query.state.data?.outcome === 'running' ? REFRESH_MS : false),
  });
  if (study.error) return <Failure error={study.error} />;
  if (!study.data) return <p className="empty">Loading…</p>;
  const view = study.data;
  return (
    <>
      <div className="heading">
        <h1>{view.description ?? '(no description)'}</h1>
        <Outcome outcome={view.outcome} />
      </div>
      <dl className="facts">
        <div>
          <dt>Study date</dt>
          <dd>{dicomDate(view.studyDate)}</dd>
        </div>
        <div>
          <dt>Patient</dt>
          <dd>
            {view.patient === null
              ? 'hidden for your role'
              : `${(view.patient.name ?? '–').replaceAll('^', ' ')} (${view.patient.id ?? '–'})`}
          </dd>
        </div>
        <div>
          <dt>Archive</dt>
          <dd>{view.archive}</dd>
        </div>
        <div>
          <dt>Revision</dt>
          <dd>{view.revision}</dd>
        </div>
        <div>
          <dt>First seen</dt>
          <dd>{moment(view.firstSeenAt)}</dd>
        </div>
        <div className="wide">
          <dt>Study Instance UID</dt>
          <dd>
            <code>{view.studyInstanceUid}</code>
          </dd>
        </div>
        {view.ruleSetVersion !== null && (
          <div className="wide">
            <dt>Decided with</dt>
            <dd>
              rules <code>{view.ruleSetVersion.slice(0, 12)}</code>, sequences{' '}
              <code>{(view.sequencesVersion ?? '').slice(0, 12)}</code>
            </dd>
          </div>
        )}
      </dl>
      <Reasons reasons={view.reasons} />
      <section>
        <h2>Series</h2>
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
