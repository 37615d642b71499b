import { hostname } from 'node:os';
import type { NextFunction, Request, RequestHandler, Response } from 'express';
import type { Actor } from '../contracts/index.ts';
import type { Records, Role } from '../records/index.ts';
import { ApiRefusal } from './refusal.ts';

export const SESSION_COOKIE = 'situs_session';

export interface SignedIn {
  readonly name: string;
  readonly role: Role;
  readonly actor: Actor;
  /** The session's token; null when an API token was used. */
  readonly session: string | null;
}

/** Who a signed-in user of the API is in the record. */
export function userActor(name: string): Actor {
  return { kind: 'user', name, host: hostname() };
}

/** Who acts while nobody has proved yet who they are: a claimed name is never an actor. */
export function signInActor(): Actor {
  return { kind: 'service', name: 'sign-in', host: hostname() };
}

/** Who asks: an API token in `Authorization: Bearer …` (RFC 6750), or the cookie of a session. */
async function authenticate(records: Records, request: Request): Promise<SignedIn | null> {
  const { authorization } = request.headers;
  if (authorization !== undefined) {
    const token = /^Bearer +([\w-]{1,200})$/i.exec(authorization)?.[1];
    const user = token === undefined ? null : await records.users.apiToken(token);
    return user && { ...user, actor: userActor(user.name), session: null };
  }
  const session = sessionCookie(request);
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
  { request, response }: { readonly request: Request; readonly response: Response },
  name: string,
  hours: number,
): Promise<void> {
  const seconds = Math.round(hours * 3600);
  const { token } = await records.users.createSession(userActor(name), name, seconds);
  response.cookie(SESSION_COOKIE, token, {
    ...cookieOptions(request),
    maxAge: seconds * 1000,
  });
}

/** Tells the browser to forget the cookie; the session itself is ended in the record. */
export function forgetSession(request: Request, response: Response): void {
  response.clearCookie(SESSION_COOKIE, cookieOptions(request));
}

function cookieOptions(request: Request) {
  return { httpOnly: true, sameSite: 'strict', secure: request.secure, path: '/' } as const;
}

/** A browser tells where a change comes from; one from another site is refused (CSRF). */
export function sameOrigin(request: Request, _response: Response, next: NextFunction): void {
  const { origin, host } = request.headers;
  const safe = request.method === 'GET' || request.method === 'HEAD';
  if (safe || origin === undefined || URL.parse(origin)?.host === host) next();
  else throw ApiRefusal.otherOrigin();
}

function sessionCookie(request: Request): string | null {
  const pairs = (request.headers.cookie ?? '').split(';').map((pair) => pair.trim());
  const pair = pairs.find((one) => one.startsWith(`${SESSION_COOKIE}=`));
  const token = pair?.slice(SESSION_COOKIE.length + 1) ?? '';
  return /^[\w-]{1,200}$/.test(token) ? token : null;
}
