import { hostname } from 'node:os';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Actor } from '../contracts/index.ts';
import type { Records, Role } from '../records/index.ts';
import { ApiRefusal } from './refusal.ts';

export const SESSION_COOKIE = 'situs_session';
const SESSION_SECONDS = 12 * 3600;

export interface SignedIn {
  readonly name: string;
  readonly role: Role;
  readonly actor: Actor;
  /** The session's token; null when an API token was used. */
  readonly session: string | null;
}

/** Who a user of the API is in the record. */
export function userActor(name: string): Actor {
  return { kind: 'user', name, host: hostname() };
}

/** Who asks: an API token in `Authorization: Bearer …`, or the cookie of a session. */
export async function authenticate(records: Records, request: Request): Promise<SignedIn | null> {
  const bearer = /^Bearer (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  if (bearer !== undefined) {
    const user = await records.users.apiToken(bearer);
    return user && { ...user, actor: userActor(user.name), session: null };
  }
  const session = cookie(request, SESSION_COOKIE);
  if (session === null) return null;
  const user = await records.users.session(session);
  return user && { ...user, actor: userActor(user.name), session };
}

/** Lets only the given roles through (guarantee 8); `signedIn(response)` says who it is. */
export function requireRole(records: Records, roles: readonly Role[]): RequestHandler {
  return async (request: Request, response: Response, next: NextFunction) => {
    const user = await authenticate(records, request);
    if (user === null) throw ApiRefusal.notSignedIn();
    if (!roles.includes(user.role)) throw ApiRefusal.forbidden(user.role, roles);
    response.locals['user'] = user;
    next();
  };
}

export function signedIn(response: Response): SignedIn {
  return response.locals['user'] as SignedIn;
}

/** Opens a session and sets its cookie: not readable by scripts, not sent from other sites. */
export async function openSession(
  records: Records,
  request: Request,
  response: Response,
  name: string,
): Promise<void> {
  const { token } = await records.users.createSession(userActor(name), name, SESSION_SECONDS);
  response.cookie(SESSION_COOKIE, token, {
    httpOnly: true,
    sameSite: 'strict',
    secure: request.secure,
    maxAge: SESSION_SECONDS * 1000,
    path: '/',
  });
}

/** A browser tells where a change comes from; one from another site is refused (CSRF). */
export function sameOrigin(request: Request, _response: Response, next: NextFunction): void {
  const { origin, host } = request.headers;
  const safe = request.method === 'GET' || request.method === 'HEAD';
  if (safe || origin === undefined || URL.parse(origin)?.host === host) next();
  else throw ApiRefusal.otherOrigin();
}

function cookie(request: Request, name: string): string | null {
  for (const part of (request.headers.cookie ?? '').split(';')) {
    const [key, value] = part.trim().split('=', 2);
    if (key === name && value !== undefined && value !== '') return decodeURIComponent(value);
  }
  return null;
}
