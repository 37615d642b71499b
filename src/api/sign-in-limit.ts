import type { Request, RequestHandler, Response } from 'express';
import { ipKeyGenerator, rateLimit, type Options } from 'express-rate-limit';
import { ApiRefusal } from './refusal.ts';

const WINDOW_MS = 15 * 60_000;
/** A person who mistypes a password needs some; who guesses one needs millions. */
const FAILURES_PER_NAME = 10;
/** Of all names together: a clinic's proxy may be one address for everybody. */
const FAILURES_PER_ADDRESS = 100;

/**
 * Limits failed sign-ins, by client address and by address and claimed name. Sign-ins that succeed
 * and those that an outage of ours prevented do not count. Nobody can lock a user out from elsewhere.
 */
export function signInLimit(): RequestHandler[] {
  const address = (request: Request): string => ipKeyGenerator(request.ip ?? '');
  return [
    limiter(FAILURES_PER_ADDRESS, address),
    limiter(FAILURES_PER_NAME, (request) => `${address(request)} ${claimedName(request)}`),
  ];
}

function limiter(limit: number, keyGenerator: (request: Request) => string): RequestHandler {
  const options: Partial<Options> = {
    windowMs: WINDOW_MS,
    limit,
    keyGenerator,
    skipSuccessfulRequests: true,
    requestWasSuccessful: (_request: Request, response: Response) => response.statusCode !== 401,
    // The node does not trust X-Forwarded-For: whoever asks could write it.
    validate: { xForwardedForHeader: false },
    handler: (_request, _response, next) => next(ApiRefusal.tooManySignIns()),
  };
  return rateLimit(options);
}

/** Links have no name: their tokens cannot be guessed, so they share one count. */
function claimedName(request: Request): string {
  const body: unknown = request.body;
  if (typeof body !== 'object' || body === null || !('name' in body)) return '';
  return typeof body.name === 'string' ? body.name.slice(0, 200).toLowerCase() : '';
}
