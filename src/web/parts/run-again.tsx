import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { call } from '../client.ts';
import { Failure } from './failure.tsx';
import { useMe } from './frame.tsx';

/** For administrators: a new run of every target of a study, asked for twice. */
export function RunAgain({ path }: { readonly path: string }) {
  const me = useMe();
  const queries = useQueryClient();
  const [sure, setSure] = useState(false);
  const run = useMutation({
    mutationFn: () => call<{ jobs: string[] }>('POST', path),
    onSuccess: () => {
      setSure(false);
      return queries.invalidateQueries({ queryKey: ['study'] });
    },
  });
  if (me.data?.role !== 'admin') return null;
  return (
    <div className="run-again">
      {sure ? (
        <>
          <span>Run every target again? Earlier results stay.</span>
          <button type="button" disabled={run.isPending} onClick={() => run.mutate()}>
            Yes, run again
          </button>
          <button type="button" className="quiet" onClick={() => setSure(false)}>
            No
          </button>
        </>
      ) : (
        <button type="button" className="quiet" onClick={() => setSure(true)}>
          Run again
        </button>
      )}
      {run.error && <Failure error={run.error} />}
    </div>
  );
}
