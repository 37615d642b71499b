import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, Navigate, Outlet, useLocation } from 'react-router';
import type { Me, NodeView } from '../../api/index.ts';
import { ApiFailure, call, get } from '../client.ts';
import { Failure } from './failure.tsx';

const NODE_REFRESH_MS = 15_000;

/** Who is signed in; asked for once, and again when an answer says that the session has ended. */
export function useMe() {
  return useQuery({
    queryKey: ['me'],
    queryFn: () => get<Me>('/api/me'),
    staleTime: Infinity,
    refetchInterval: (query) => (query.state.status === 'error' ? NODE_REFRESH_MS : false),
  });
}

/** How the node is, and how many studies it has of each outcome. */
export function useNode() {
  return useQuery({
    queryKey: ['node'],
    queryFn: () => get<NodeView>('/api/node'),
    refetchInterval: NODE_REFRESH_MS,
  });
}

/** The frame around every page but sign-in: name, who is signed in, sign out. */
export function Frame() {
  const queries = useQueryClient();
  const { pathname, search } = useLocation();
  const me = useMe();
  const signOut = useMutation({
    mutationFn: () => call<void>('DELETE', '/api/session'),
    onSuccess: () => {
      queries.clear();
      window.location.assign('/sign-in');
    },
  });
  if (me.error instanceof ApiFailure && me.error.status === 401) {
    return <Navigate to="/sign-in" state={{ from: `${pathname}${search}` }} replace />;
  }
  return (
    <>
      <a className="skip" href="#content">
        Skip to the content
      </a>
      <header className="bar">
        <Link to="/" className="brand">
          Situs
        </Link>
        {me.data && <NodeState />}
        {me.data && (
          <div className="who">
            <span>
              {me.data.name} <small>{me.data.role}</small>
            </span>
            <button
              type="button"
              className="quiet"
              disabled={signOut.isPending}
              onClick={() => signOut.mutate()}
            >
              Sign out
            </button>
          </div>
        )}
      </header>
      <main id="content" tabIndex={-1}>
        {signOut.error && <Failure error={signOut.error} />}
        {me.data ? <Outlet /> : me.error && <Failure error={me.error} />}
      </main>
    </>
  );
}

const LEVELS = { ok: 'running', degraded: 'impaired', down: 'not working' } as const;

/** One word for the whole node; what is wrong with which part on demand. */
function NodeState() {
  const node = useNode();
  if (node.data === undefined) return null;
  const { level, parts, version } = node.data;
  return (
    <details className={`node node-${level}`}>
      <summary>Node {LEVELS[level]}</summary>
      <dl>
        {Object.entries(parts).map(([name, part]) => (
          <div key={name}>
            <dt>
              <span className={`node-${part.level}`}>{name}</span>
            </dt>
            <dd>{part.message}</dd>
          </div>
        ))}
        <div>
          <dt>version</dt>
          <dd>{version}</dd>
        </div>
      </dl>
    </details>
  );
}
