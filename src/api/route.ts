import type { Request, Response } from 'express';
import type { z } from 'zod';
import type { Role } from '../records/index.ts';
import type { SignedIn } from './auth.ts';

/** What a handler gets: parsed and checked input, and who asks. */
export interface Call<Parameters, Query, Body> {
  readonly parameters: Parameters;
  readonly query: Query;
  readonly body: Body;
  /** Null on open routes alone. */
  readonly user: SignedIn | null;
  readonly request: Request;
  readonly response: Response;
}

/** An answer that is not JSON. Its handler gives a string or bytes. */
export interface Media {
  readonly media: string;
}

type AnswerOf<Answer> = Answer extends z.ZodType
  ? z.infer<Answer>
  : Answer extends Media
    ? string | Uint8Array
    : null;

/**
 * One address of the API. The server and the OpenAPI description are both made from the table of
 * these, so there is no address that the description or the tests do not know.
 */
export interface Route<
  Parameters extends z.ZodObject = z.ZodObject,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType | Media | null = z.ZodType | Media | null,
> {
  readonly method: 'get' | 'post' | 'delete';
  /** With parameters in braces, as OpenAPI writes them. */
  readonly path: string;
  readonly summary: string;
  readonly roles: readonly Role[] | 'open';
  /** One property for every parameter of the path. */
  readonly parameters?: Parameters;
  readonly query?: Query;
  readonly body?: Body;
  /** Null for 204. */
  readonly answer: Answer;
  readonly handle: (
    call: Call<z.infer<Parameters>, z.infer<Query>, z.infer<Body>>,
  ) => Promise<AnswerOf<Answer>>;
}

/** Keeps the types of one route's parts together; the table holds routes of any types. */
export function route<
  Parameters extends z.ZodObject,
  Query extends z.ZodType,
  Body extends z.ZodType,
  Answer extends z.ZodType | Media | null,
>(definition: Route<Parameters, Query, Body, Answer>): Route {
  return definition;
}

export function isMedia(answer: Route['answer']): answer is Media {
  return answer !== null && 'media' in answer;
}
