import { ApiFailure } from '../client.ts';

/** An error as the API tells it: what happened, what to do, and the code to quote. */
export function Failure({ error }: { readonly error: Error }) {
  return (
    <div role="alert" className="failure">
      <strong>{error.message}</strong>
      {error instanceof ApiFailure && (
        <p>
          {error.next} <code>{error.code}</code>
        </p>
      )}
    </div>
  );
}
