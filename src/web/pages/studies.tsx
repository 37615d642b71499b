import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';
import type { StudyPage as Page } from '../../api/index.ts';
import { get } from '../client.ts';
import { Failure } from '../parts/failure.tsx';
import { words } from '../parts/format.ts';
import { useMe, useNode } from '../parts/frame.tsx';
import { OutcomeFilter } from '../parts/outcome-filter.tsx';
import { SearchBox } from '../parts/search-box.tsx';
import { StudiesTable } from '../parts/studies-table.tsx';
import { useTitle } from '../parts/title.ts';

const REFRESH_MS = 3_000;
/** Those that Situs is made to segment; a table with others offers them too. */
const SEQUENCES = ['t1_in_phase', 'haste', 'ct_abdomen'];
const FILTERS = ['text', 'outcome', 'sequence', 'archive', 'from', 'to'];

/** The processed-study table: newest first, filters kept in the address so that a view can be sent. */
export function StudiesPage() {
  useTitle('Studies');
  const me = useMe();
  const node = useNode();
  const [address, setAddress] = useSearchParams();
  const set = useCallback(
    (name: string, value: string) =>
      setAddress(
        (before) => {
          const after = new URLSearchParams(before);
          if (value === '') after.delete(name);
          else after.set(name, value);
          return after;
        },
        { replace: true },
      ),
    [setAddress],
  );
  const search = useCallback((text: string) => set('text', text), [set]);
  const filters = new URLSearchParams([...address].filter(([name]) => FILTERS.includes(name)));
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
  const sequence = filters.get('sequence') ?? '';
  const known = [...SEQUENCES, ...rows.flatMap((row) => row.sequences).sort(), sequence];
  const sequences = [...new Set(known)].filter((name) => name !== '');
  return (
    <>
      <div className="heading">
        <h1>Studies</h1>
        <form role="search" className="filters" onSubmit={(event) => event.preventDefault()}>
          <SearchBox
            value={filters.get('text') ?? ''}
            placeholder={
              me.data?.seesPatients === true
                ? 'description, patient, accession no., UID'
                : 'description or study UID'
            }
            onSearch={search}
          />
          <label>
            Sequence
            <select value={sequence} onChange={(event) => set('sequence', event.target.value)}>
              <option value="">all</option>
              {sequences.map((name) => (
                <option key={name} value={name}>
                  {words(name)}
                </option>
              ))}
            </select>
          </label>
        </form>
      </div>
      <OutcomeFilter
        counts={node.data?.studies}
        chosen={filters.get('outcome')}
        onChoose={(outcome) => set('outcome', outcome)}
      />
      {pages.error && <Failure error={pages.error} />}
      {rows.length > 0 && <StudiesTable rows={rows} />}
      <p className="empty" role="status">
        {pages.isPending && !pages.error && 'Loading…'}
        {pages.isSuccess &&
          rows.length === 0 &&
          (filters.size > 0
            ? 'No study matches these filters.'
            : 'No study has been seen yet. New ones appear here by themselves.')}
      </p>
      {pages.hasNextPage && (
        <button
          type="button"
          className="quiet"
          disabled={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show more
        </button>
      )}
    </>
  );
}
