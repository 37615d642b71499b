import { asSitusError, type SitusError } from '../contracts/index.ts';
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

  static tooManySignIns(): ApiRefusal {
    return new ApiRefusal(429, {
      code: 'TOO_MANY_SIGN_INS',
      message: 'Too many sign-ins have failed from here.',
      next: 'Wait some minutes, or ask an administrator for a link (situs user link NAME).',
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
      next: 'Use the page that this node serves, or an API token. A proxy must pass on the Host header.',
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

export interface Answer {
  readonly status: number;
  readonly error: ApiError;
}

/** Any error as an answer; the inner workings of faults and outages stay in the log. */
export function asAnswer(thrown: unknown): Answer {
  if (thrown instanceof ApiRefusal) {
    const { status, code, message, next } = thrown;
    return { status, error: { code, message, next } };
  }
  if (isClientError(thrown)) {
    const { status, error } = asAnswer(ApiRefusal.badRequest(thrown.message));
    return thrown.status === 413
      ? { status: 413, error: { ...error, code: 'BODY_TOO_LARGE' } }
      : { status, error };
  }
  const error = asSitusError(thrown);
  return { status: statusOf(error), error: tellable(error) };
}

function statusOf({ code, errorClass, origin }: SitusError): number {
  if (errorClass === 'retry') return 503;
  if (errorClass === 'refuse') return code.startsWith('UNKNOWN_') ? 404 : 422;
  return errorClass === 'usage' && origin === 'input' ? 400 : 500;
}

/** What may be told to whoever asks: addresses of the database and defects are for the log alone. */
function tellable({ code, message, next, errorClass, origin }: SitusError): ApiError {
  if (origin === 'database') {
    return {
      code,
      message: 'The database of this node does not answer as it should.',
      next: 'Try again in a moment. An administrator finds the reason in the log of the node.',
    };
  }
  if (errorClass === 'fault' || origin === 'disk') {
    return { code, message: 'Situs has a fault; the log of the node says more.', next };
  }
  return { code, message, next };
}

/** Errors of Express and its body parser that are the client's: bad JSON, too large, bad encoding. */
function isClientError(thrown: unknown): thrown is Error & { status: number } {
  return (
    thrown instanceof Error &&
    'status' in thrown &&
    typeof thrown.status === 'number' &&
    thrown.status >= 400 &&
    thrown.status < 500
  );
}
