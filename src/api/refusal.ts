import { asSitusError } from '../contracts/index.ts';
import type { ApiError } from './schemas.ts';

/** A request that is answered with an error: HTTP status, stable code, what to do. */
export class ApiRefusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly next: string;

  constructor(status: number, error: ApiError) {
    super(error.message);
    this.name = 'ApiRefusal';
    this.status = status;
    this.code = error.code;
    this.next = error.next;
  }

  static notSignedIn(): ApiRefusal {
    return new ApiRefusal(401, {
      code: 'NOT_SIGNED_IN',
      message: 'You are not signed in, or your session has ended.',
      next: 'Sign in again, or send an API token as "Authorization: Bearer …".',
    });
  }

  static wrongCredentials(): ApiRefusal {
    return new ApiRefusal(401, {
      code: 'WRONG_CREDENTIALS',
      message: 'The name and password do not match, or the link was used already or has expired.',
      next: 'Try again, or ask an administrator for a new link (situs user link NAME).',
    });
  }

  static forbidden(role: string, roles: readonly string[]): ApiRefusal {
    return new ApiRefusal(403, {
      code: 'FORBIDDEN',
      message: `The role "${role}" may not do this; it needs ${roles.join(' or ')}.`,
      next: 'Ask an administrator.',
    });
  }

  static otherOrigin(): ApiRefusal {
    return new ApiRefusal(403, {
      code: 'OTHER_ORIGIN',
      message: 'The request comes from a page of another site.',
      next: 'Use the page that this node serves, or an API token.',
    });
  }

  static notFound(what: string): ApiRefusal {
    return new ApiRefusal(404, {
      code: 'NOT_FOUND',
      message: `${what} is not known here.`,
      next: 'Check the address; a study appears after the first poll that sees it.',
    });
  }

  static badRequest(message: string): ApiRefusal {
    return new ApiRefusal(400, {
      code: 'BAD_REQUEST',
      message,
      next: 'See /api/openapi.json for what this address takes.',
    });
  }
}

/** Any error as an answer; the inner workings of faults stay in the log. */
export function asAnswer(thrown: unknown): { status: number; error: ApiError } {
  if (thrown instanceof ApiRefusal) {
    const { status, code, message, next } = thrown;
    return { status, error: { code, message, next } };
  }
  if (isHttpError(thrown)) {
    const { status, error } = asAnswer(ApiRefusal.badRequest(thrown.message));
    return { status: thrown.status === 413 ? 413 : status, error };
  }
  const error = asSitusError(thrown);
  const { code, message, next } = error;
  if (error.errorClass === 'usage') return { status: 400, error: { code, message, next } };
  if (error.errorClass === 'retry') return { status: 503, error: { code, message, next } };
  return {
    status: 500,
    error: { code, message: 'Situs has a fault; the log of the node says more.', next },
  };
}

function isHttpError(thrown: unknown): thrown is Error & { status: number } {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    thrown.status >= 400 &&
    thrown.status < 500
  );
}
