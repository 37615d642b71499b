import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import type { StudyPage as Page } from '../../api/index.ts';
import { get } from '../client.ts';
import { Failure } from '../parts/failure.tsx';
import { dicomDate, moment, words } from '../parts/format.ts';
import { Outcome, OUTCOMES, outcomeText } from '../parts/outcome.tsx';

const REFRESH_MS = 3_000;
const SEQUENCES = ['t1_in_phase', 'haste', 'ct_abdomen'];

/** The processed-study table: newest first, filters kept in the address so that a view can be sent. */
export function StudiesPage() {
  const [filters, setFilters] = useSearchParams();
  const set = (name: string, value: string) =>
    setFilters(
      (before) => {
        const after = new URLSearchParams(before);
        if (value === '') after.delete(name);
        else after.set(name, value);
        return after;
      },
      { replace: true },
    );
  const pages = useInfiniteQuery({
    queryKey: ['studies', filters.toString()],
    queryFn: ({ pageParam }) => {
      const query = new URLSearchParams(filters);
      if (pageParam !== '') query.set('cursor', pageParam);
      return get<Page>(`/api/studies?${query.toString()}`);
    },
    initialPageParam: '',
    getNextPageParam: (page) => page.next ?? undefined,
    refetchInterval: REFRESH_MS,
    placeholderData: keepPreviousData,
  });
  const rows = pages.data?.pages.flatMap((page) => page.studies) ?? [];
  return (
    <>
      <div className="heading">
        <h1>Studies</h1>
        <form role="search" className="filters" onSubmit={(event) => event.preventDefault()}>
          <label>
            Search
            <input
              type="search"
              placeholder="description or study UID"
              value={filters.get('text') ?? ''}
              onChange={(event) => set('text', event.target.value)}
            />
          </label>
          <label>
            Outcome
            <select
              value={filters.get('outcome') ?? ''}
              onChange={(event) => set('outcome', event.target.value)}
            >
              <option value="">all</option>
              {OUTCOMES.map((outcome) => (
                <option key={outcome} value={outcome}>
                  {outcomeText(outcome)}
                </option>
              ))}
            </select>
          </label>
          <label>
            Sequence
            <select
              value={filters.get('sequence') ?? ''}
              onChange={(event) => set('sequence', event.target.value)}
            >
              <option value="">all</option>
              {SEQUENCES.map((sequence) => (
                <option key={sequence} value={sequence}>
                  {words(sequence)}
                </option>
              ))}
            </select>
          </label>
        </form>
      </div>
      {pages.error && <Failure error={pages.error} />}
      <div className="scroll">
        <table>
          <thead>
            <tr>
              <th>Outcome</th>
              <th>Study date</th>
              <th>Description</th>
              <th>Segmented</th>
              <th>Reason</th>
              <th>Updated</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={`${row.archive} ${row.studyInstanceUid}`}>
                <td>
                  <Outcome outcome={row.outcome} />
                </td>
                <td className="number">{dicomDate(row.studyDate)}</td>
                <td>
                  <Link to={`/studies/${row.studyInstanceUid}`}>
                    {row.description ?? '(no description)'}
                  </Link>
                  <small>
                    {row.modalities.join(' ')} · {row.archive}
                    {row.revision > 1 && ` · revision ${row.revision}`}
                  </small>
                </td>
                <td>{row.sequences.map(words).join(', ') || '–'}</td>
                <td className="reason">
                  {row.reasons.map((reason) => reason.message).join(' ') || '–'}
                </td>
                <td className="number">{moment(row.updatedAt)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {pages.isSuccess && rows.length === 0 && (
        <p className="empty">
          {filters.size > 0
            ? 'No study matches these filters.'
            : 'No study has been seen yet. New ones appear here by themselves.'}
        </p>
      )}
      {pages.hasNextPage && (
        <button type="button" onClick={() => void pages.fetchNextPage()}>
          Show more
        </button>
      )}
    </>
  );
}
