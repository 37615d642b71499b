import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet } from 'react-router';
import type { Me } from '../../api/index.ts';
import { ApiFailure, call, get } from '../client.ts';
import { Failure } from './failure.tsx';

/** The frame around every page but sign-in: name, who is signed in, sign out. */
export function Frame() {
  const queries = useQueryClient();
  const me = useQuery({ queryKey: ['me'], queryFn: () => get<Me>('/api/me') });
  const signOut = useMutation({
    mutationFn: () => call<void>('DELETE', '/api/session'),
    onSuccess: () => queries.clear(),
    onSettled: () => window.location.assign('/sign-in'),
  });
  if (me.error instanceof ApiFailure && me.error.status === 401) return <Navigate to="/sign-in" />;
  return (
    <>
      <header className="bar">
        <Link to="/" className="brand">
          Situs
        </Link>
        <nav aria-label="Main">
          <Link to="/">Studies</Link>
        </nav>
        {me.data && (
          <div className="who">
            <span>
              {me.data.name} <small>{me.data.role}</small>
            </span>
            <button type="button" className="quiet" onClick={() => signOut.mutate()}>
              Sign out
            </button>
          </div>
        )}
      </header>
      <main>{me.error ? <Failure error={me.error} /> : me.data && <Outlet />}</main>
    </>
  );
}
