import type { ApiError } from '../api/index.ts';

/** An answer of the API that is not a success: what happened and what to do. */
export class ApiFailure extends Error {
  /** 0 when there was no answer at all. */
  readonly status: number;
  readonly code: string;
  readonly next: string;

  constructor(status: number, error: ApiError) {
    super(error.message);
    this.name = 'ApiFailure';
    this.status = status;
    this.code = error.code;
    this.next = error.next;
  }
}

const NO_ANSWER: ApiError = {
  code: 'NODE_UNREACHABLE',
  message: 'The node does not answer.',
  next: 'Check that Situs is running; this page tries again by itself.',
};

/** Calls the API of the node that served this page; the session travels in its cookie. */
export async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers: {
        Accept: 'application/json',
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiFailure(0, NO_ANSWER);
  }
  if (response.status === 204) return undefined as T;
  const answer = await jsonOf(response);
  if (response.ok && answer !== null) return answer as T;
  throw new ApiFailure(response.status, errorOf(answer) ?? NO_ANSWER);
}

export const get = <T>(path: string): Promise<T> => call<T>('GET', path);

/** Null when it is no JSON, as the error page of a proxy in between. */
async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch {
    return null;
  }
}

function errorOf(answer: unknown): ApiError | null {
  return (answer as { error?: ApiError } | null)?.error ?? null;
}
