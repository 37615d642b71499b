import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Role } from '../records/index.ts';
import type { SignedIn } from './auth.ts';

/** What a handler gets: parsed and checked input, and who asks. */
export interface Call<Query, Body> {
  readonly query: Query;
  readonly body: Body;
  readonly parameters: Readonly<Record<string, string>>;
  /** Set on every route that is not open. */
  readonly user: SignedIn | null;
  readonly request: Request;
  readonly response: Response;
}

/** One address of the API. The server and the OpenAPI description are both made from this. */
export interface Route<
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters in braces, as OpenAPI writes them. */
  readonly path: string;
  readonly summary: string;
  readonly roles: readonly Role[] | 'open';
  readonly query?: Query;
  readonly body?: Body;
  /** Null for 204. */
  readonly answer: Answer | null;
  readonly handle: (call: Call<z.infer<Query>, z.infer<Body>>) => Promise<z.infer<Answer> | null>;
}

/** Keeps the types of one route's parts together; the table holds routes of any types. */
export function route<Query extends z.ZodType, Body extends z.ZodType, Answer extends z.ZodType>(
  definition: Route<Query, Body, Answer>,
): Route {
  return definition;
}
