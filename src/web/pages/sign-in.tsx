import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useLocation, useNavigate, useSearchParams } from 'react-router';
import type { Me } from '../../api/index.ts';
import { call } from '../client.ts';
import { Failure } from '../parts/failure.tsx';
import { useTitle } from '../parts/title.ts';

/** Sign-in by a one-time link (`/sign-in?token=…`) or by name and password. */
export function SignInPage() {
  useTitle('Sign in');
  const [parameters] = useSearchParams();
  const token = parameters.get('token');
  const navigate = useNavigate();
  const { state } = useLocation() as { state: { from?: string } | null };
  const queries = useQueryClient();
  const signIn = useMutation({
    mutationFn: (credentials: { token: string } | { name: string; password: string }) =>
      call<Me>('POST', '/api/session', credentials),
    onSuccess: (me) => {
      queries.clear();
      queries.setQueryData(['me'], me);
      // Replaced, so that the way back does not lead to a link that is used up.
      return navigate(state?.from ?? '/', { replace: true });
    },
  });
  return (
    <main className="sign-in">
      <h1>Situs</h1>
      {token !== null && !signIn.isError ? (
        <>
          <p>This link signs you in once.</p>
          <button
            type="button"
            autoFocus
            disabled={signIn.isPending}
            onClick={() => signIn.mutate({ token })}
          >
            Sign in
          </button>
        </>
      ) : (
        <form
          onSubmit={(event) => {
            event.preventDefault();
            const form = new FormData(event.currentTarget);
            signIn.mutate({ name: text(form, 'name'), password: text(form, 'password') });
          }}
        >
          <label>
            Name <input name="name" autoComplete="username" required autoFocus />
          </label>
          <label>
            Password
            <input name="password" type="password" autoComplete="current-password" required />
          </label>
          <button type="submit" disabled={signIn.isPending}>
            Sign in
          </button>
        </form>
      )}
      {signIn.error && <Failure error={signIn.error} />}
    </main>
  );
}

function text(form: FormData, field: string): string {
  const value = form.get(field);
  return typeof value === 'string' ? value : '';
}
