import { SitusError, messageOf, systemCode, type ErrorClass } from '../../contracts/index.ts';

/** What was asked of which server; holds neither credentials nor patient data. */
export interface Asked {
  readonly method: 'GET' | 'POST';
  readonly url: string;
}

interface Problem {
  readonly code: string;
  readonly what: string;
  readonly next: string;
  readonly errorClass: ErrorClass;
  readonly status?: number;
  readonly retryAfterSeconds?: number;
  readonly details?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export function kserveError(asked: Asked, problem: Problem): SitusError {
  const { status, retryAfterSeconds } = problem;
  return new SitusError({
    code: problem.code,
    message: `The inference server ${problem.what} (${asked.method} ${asked.url}${status === undefined ? '' : `, status ${status}`}).`,
    next: problem.next,
    errorClass: problem.errorClass,
    origin: problem.errorClass === 'usage' ? 'configuration' : 'device',
    details: {
      ...asked,
      ...(status === undefined ? {} : { status }),
      ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
      ...problem.details,
    },
    cause: problem.cause,
  });
}

/** An answer that breaks the protocol: asking again would bring the same. */
export function badAnswer(asked: Asked, what: string, cause?: unknown): SitusError {
  return kserveError(asked, {
    code: 'KSERVE_BAD_ANSWER',
    what,
    next: 'Check that the address is that of a KServe v2 server and that no other service answers for it; see docs/kserve.md for servers that were tried.',
    errorClass: 'fault',
    cause,
  });
}

export function timeoutError(asked: Asked, seconds: number, cause?: unknown): SitusError {
  return kserveError(asked, {
    code: 'KSERVE_TIMEOUT',
    what: `did not finish a request within ${seconds} s`,
    next: 'It is tried again by itself. When it comes often, raise segmentation.kserve.timeoutSeconds, lower parallel, or look at the load of the server.',
    errorClass: 'retry',
    cause,
  });
}

/** For a status that is no success. `text`: what the server says about it. */
export function statusError(
  asked: Asked,
  status: number,
  text: string,
  retryAfterSeconds: number | null,
): SitusError {
  const said = text === '' ? '' : `: ${text}`;
  if (status === 401 || status === 403) {
    return kserveError(asked, {
      code: 'KSERVE_UNAUTHORIZED',
      what: status === 401 ? 'does not accept our credentials' : 'forbids this request',
      next: 'Correct segmentation.kserve.auth in config/situs.yaml, or the rights that it gives.',
      errorClass: 'usage',
      status,
    });
  }
  if (status === 408 || status === 429 || status === 503) {
    return kserveError(asked, {
      code: 'KSERVE_BUSY',
      what: `is busy or not ready${said}`,
      next: 'It is tried again by itself. When it comes often, lower segmentation.kserve.parallel or give the server more instances.',
      errorClass: 'retry',
      status,
      ...(retryAfterSeconds === null ? {} : { retryAfterSeconds }),
    });
  }
  if (status >= 500) {
    return kserveError(asked, {
      code: 'KSERVE_FAILED',
      what: `failed to do this${said}`,
      next: 'It is tried again by itself. When it stays, look at the log of the server and at the memory of its device.',
      errorClass: 'retry',
      status,
    });
  }
  return kserveError(asked, {
    code: 'KSERVE_REFUSED',
    what: status < 400 ? 'sends us to another address' : `refused the request${said}`,
    next: 'Check segmentation.kserve in config/situs.yaml: the address (without /v2) and the names of the models.',
    errorClass: 'usage',
    status,
  });
}

const TIMEOUTS = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'ETIMEDOUT',
]);
const TLS =
  /^(ERR_TLS_|ERR_SSL_|EPROTO$|CERT_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_|HOSTNAME_MISMATCH|INVALID_CA)/;

/** For what the connection threw. */
export function connectionError(asked: Asked, thrown: unknown, seconds: number): SitusError {
  if (thrown instanceof SitusError) return thrown;
  const code = codeOf(thrown);
  if (TIMEOUTS.has(code)) return timeoutError(asked, seconds, thrown);
  if (TLS.test(code)) {
    return kserveError(asked, {
      code: 'KSERVE_TLS',
      what: `could not prove who it is: ${messageOf(thrown)}`,
      next: 'Give the certificate of its authority as segmentation.kserve.tls.ca, or have the certificate renewed.',
      errorClass: 'retry',
      cause: thrown,
    });
  }
  return kserveError(asked, {
    code: 'KSERVE_UNREACHABLE',
    what: `cannot be reached, or the connection to it was lost: ${code || messageOf(thrown)}`,
    next: 'Check that the server runs and that segmentation.kserve.url is right. It is tried again by itself.',
    errorClass: 'retry',
    cause: thrown,
  });
}

/** The innermost code, which tells more than that of the HTTP client around it. */
function codeOf(thrown: unknown): string {
  const own = systemCode(thrown) ?? '';
  if (typeof thrown !== 'object' || thrown === null || !('cause' in thrown)) return own;
  return codeOf(thrown.cause) || own;
}
