import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate, useSearchParams } from 'react-router';
import type { Me } from '../../api/index.ts';
import { call } from '../client.ts';
import { Failure } from '../parts/failure.tsx';

/** Sign-in by a one-time link (`/sign-in?token=…`) or by name and password. */
export function SignInPage() {
  const [parameters] = useSearchParams();
  const token = parameters.get('token');
  const navigate = useNavigate();
  const queries = useQueryClient();
  const signIn = useMutation({
    mutationFn: (credentials: { token: string } | { name: string; password: string }) =>
      call<Me>('POST', '/api/session', credentials),
    onSuccess: (me) => {
      queries.setQueryData(['me'], me);
      return navigate('/');
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
