import { messageOf, SitusError } from '../contracts/index.ts';

/** What was asked; URLs carry UIDs and dates only, never patient data. */
export interface Asked {
  readonly archive: string;
  readonly method: string;
  readonly url: string;
}

interface Problem {
  readonly code: string;
  readonly what: string;
  readonly next: string;
  readonly status?: number | null;
  readonly retryAfterSeconds?: number;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

/** An error of the archive: worth another try later, unless `refuseGone` says otherwise. */
export function archiveError(asked: Asked, problem: Problem): SitusError {
  const { archive, method, url } = asked;
  const status = problem.status ?? null;
  return new SitusError({
    code: problem.code,
    message: `Archive "${archive}" ${problem.what} (${method} ${url}${status === null ? '' : `, status ${status}`}).`,
    next: problem.next,
    errorClass: 'retry',
    origin: 'archive',
    details: {
      archive,
      method,
      url,
      status,
      ...(problem.retryAfterSeconds === undefined
        ? {}
        : { retryAfterSeconds: problem.retryAfterSeconds }),
      ...problem.details,
    },
    cause: problem.cause,
  });
}

/** The archive answers, and shows nothing of what is wanted: it was deleted. */
export function goneError(asked: Asked, what: string, cause?: unknown): SitusError {
  return new SitusError({
    code: 'NOT_IN_ARCHIVE',
    message: `Archive "${asked.archive}" does not hold ${what} (${asked.method} ${asked.url}).`,
    next: 'It was deleted, or never arrived. Send it to the archive again; the study is then looked at anew.',
    errorClass: 'refuse',
    origin: 'archive',
    details: { ...asked },
    cause,
  });
}

export function badAnswer(asked: Asked, status: number, what: string, cause?: unknown): SitusError {
  return archiveError(asked, {
    code: 'ARCHIVE_BAD_ANSWER',
    what,
    next: 'Check that the URL is the DICOMweb base and that no sign-in page or proxy stands before it.',
    status,
    cause,
  });
}

export function truncated(asked: Asked, status: number, what: string, cause?: unknown): SitusError {
  return archiveError(asked, {
    code: 'ARCHIVE_TRUNCATED_ANSWER',
    what: `sent an answer that is cut off: ${what}`,
    next: 'It is asked for again by itself. When it comes often, look at the network and at proxies before the archive.',
    status,
    cause,
  });
}

/** For a status that is no success. `retryAfterSeconds` is what the answer's header asks for. */
export function statusError(
  asked: Asked,
  status: number,
  retryAfterSeconds: number | null,
): SitusError {
  if (status === 401 || status === 403) {
    return archiveError(asked, {
      code: 'ARCHIVE_UNAUTHORIZED',
      what: status === 401 ? 'does not accept our credentials' : 'forbids this request',
      next: 'Correct user, password or token of this archive in config/situs.yaml, or the rights it gives them. It is left alone meanwhile.',
      status,
      retryAfterSeconds: retryAfterSeconds ?? UNAUTHORIZED_PAUSE_SECONDS,
    });
  }
  if (status === 429 || status === 503) {
    return archiveError(asked, {
      code: 'ARCHIVE_BUSY',
      what: 'is busy and asks to come back later',
      next: 'It is asked again by itself. When it comes often, lower limits.requestsPerSecond of this archive.',
      status,
      retryAfterSeconds: retryAfterSeconds ?? BUSY_PAUSE_SECONDS,
    });
  }
  if (status === 408 || status === 504) {
    return archiveError(asked, {
      code: 'ARCHIVE_TIMEOUT',
      what: 'did not answer in time',
      next: SLOW_NEXT,
      status,
    });
  }
  if (status >= 300 && status < 400) {
    return badAnswer(asked, status, 'sends us to another address');
  }
  if (status >= 500) {
    return archiveError(asked, {
      code: status === 502 ? 'ARCHIVE_UNREACHABLE' : 'ARCHIVE_REFUSED',
      what: status === 502 ? 'is not behind its proxy' : 'failed to do this',
      next: 'It is asked again by itself. When it stays, look at the log of the archive.',
      status,
    });
  }
  return archiveError(asked, {
    code: 'ARCHIVE_REFUSED',
    what: status === 404 ? 'does not have this' : 'refused this request',
    next: 'Check that the URL of the archive is its DICOMweb base and that it offers this service; its manual (conformance statement) says so.',
    status,
  });
}

const UNAUTHORIZED_PAUSE_SECONDS = 300;
const BUSY_PAUSE_SECONDS = 10;
const SLOW_NEXT =
  'It is asked again by itself. When it comes often, look at the load of the archive or raise timeouts.answer.';
const TIMEOUT_CODES = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const TLS_CODE =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** For what the connection threw. `status`: of the answer whose body broke off; null before an answer. */
export function connectionError(asked: Asked, thrown: unknown, status: number | null): SitusError {
  if (thrown instanceof SitusError) return thrown;
  const code = codeOf(thrown);
  if (TIMEOUT_CODES.has(code)) {
    return archiveError(asked, {
      code: 'ARCHIVE_TIMEOUT',
      what:
        code === 'UND_ERR_BODY_TIMEOUT' ? 'fell silent inside an answer' : 'did not answer in time',
      next: SLOW_NEXT,
      status,
      cause: thrown,
    });
  }
  if (TLS_CODE.test(code)) {
    return archiveError(asked, {
      code: 'ARCHIVE_TLS',
      what: `could not prove who it is: ${messageOf(thrown)}`,
      next: 'Give the certificate of the authority as tls.ca of this archive, or have the certificate renewed.',
      status,
      cause: thrown,
    });
  }
  if (status !== null) {
    return truncated(asked, status, `the connection ended (${code || messageOf(thrown)})`, thrown);
  }
  return archiveError(asked, {
    code: 'ARCHIVE_UNREACHABLE',
    what: `cannot be reached: ${code || messageOf(thrown)}`,
    next: 'Check that the archive runs and that its URL, name and port are right. It is tried again by itself.',
    cause: thrown,
  });
}

/** Whether a connection died under a request, as a kept-alive one may at any moment. */
export function isLostSocket(thrown: unknown): boolean {
  return ['UND_ERR_SOCKET', 'ECONNRESET', 'EPIPE'].includes(codeOf(thrown));
}

function codeOf(thrown: unknown): string {
  if (typeof thrown !== 'object' || thrown === null) return '';
  const own = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : '';
  const inner = 'cause' in thrown ? codeOf(thrown.cause) : '';
  return inner !== '' && (own === '' || own === 'UND_ERR_SOCKET') ? inner : own;
}
