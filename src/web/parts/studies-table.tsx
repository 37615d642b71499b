import { Link } from 'react-router';
import type { StudyRowView } from '../../api/index.ts';
import { ago, dicomDate, moment, words } from './format.ts';
import { Outcome } from './outcome.tsx';

/** One row a study; on narrow screens one card a study. */
export function StudiesTable({ rows }: { readonly rows: readonly StudyRowView[] }) {
  return (
    <table className="studies cards">
      <thead>
        <tr>
          <th scope="col">Outcome</th>
          <th scope="col">Study</th>
          <th scope="col">Sequences</th>
          <th scope="col">Reason</th>
          <th scope="col">First seen</th>
          <th scope="col">Updated</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={`${row.archive} ${row.studyInstanceUid}`} row={row} />
        ))}
      </tbody>
    </table>
  );
}

function Row({ row }: { readonly row: StudyRowView }) {
  const address = `/studies/${encodeURIComponent(row.studyInstanceUid)}?archive=${encodeURIComponent(row.archive)}`;
  return (
    <tr>
      <td>
        <Outcome outcome={row.outcome} />
      </td>
      <td>
        <Link to={address}>{row.description ?? '(no description)'}</Link>
        <small>
          {row.modalities.join(' ')} · {dicomDate(row.studyDate)} · {row.seriesCount} series ·{' '}
          {row.archive}
          {row.revision > 1 && ` · revision ${row.revision}`}
        </small>
      </td>
      <td className="sequences">
        {row.sequences.length === 0 ? <None /> : row.sequences.map(words).join(', ')}
      </td>
      <td className="reason">
        <Why reasons={row.reasons} />
      </td>
      <td className="number">
        <Moment at={row.firstSeenAt} />
      </td>
      <td className="number">
        <Moment at={row.updatedAt} />
      </td>
    </tr>
  );
}

/** The first reason; the study's page has all of them. */
function Why({ reasons }: { readonly reasons: StudyRowView['reasons'] }) {
  const [first, ...others] = reasons;
  if (first === undefined) return <None />;
  return (
    <>
      {first.message}
      {others.length > 0 && <small>and {others.length} more</small>}
    </>
  );
}

/** A dash where a column would be empty; cards leave it out. */
function None() {
  return <span className="none">–</span>;
}

function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at}>
      {moment(at)}
      <small>{ago(at)}</small>
    </time>
  );
}
