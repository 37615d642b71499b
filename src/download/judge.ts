import type { Answer } from './ask.ts';
import { mebibytes, refused } from './errors.ts';
import type { Origin } from './partial.ts';

/** What an answer means for the bytes that are there already. */
export type Verdict =
  /** The body goes to `offset`; 0 is a fresh start. */
  | { readonly kind: 'take'; readonly offset: number; readonly total: number | null }
  /** Everything is there. */
  | { readonly kind: 'whole' }
  /** What is there belongs to another file: drop it and ask again from the beginning. */
  | { readonly kind: 'restart' }
  /** The server can't answer now. */
  | { readonly kind: 'later'; readonly reason: string; readonly afterMs: number | null };

const LATER = [408, 425, 429, 500, 502, 503, 504];

/**
 * Judges an answer by RFC 9110 (§14 ranges, §15 status codes), whatever the server claims.
 * @param have bytes that the request asked to continue after; 0: it asked for everything
 * @param of what those bytes are a part of; null with 0
 * @throws SitusError DOWNLOAD_REFUSED, DOWNLOAD_ENCODED, DOWNLOAD_TOO_LARGE (refuse)
 */
export function judge(
  answer: Answer,
  { have, of }: { readonly have: number; readonly of: Origin | null },
  limit: number,
  address: string,
): Verdict {
  const { status } = answer;
  if (LATER.includes(status)) {
    return {
      kind: 'later',
      reason: `the server answers with status ${status}`,
      afterMs: retryAfter(answer.header('retry-after')),
    };
  }
  if (status === 416 && have > 0) {
    const total = /^bytes \*\/(\d+)$/.exec(answer.header('content-range') ?? '')?.[1];
    return Number(total) === have ? { kind: 'whole' } : { kind: 'restart' };
  }
  if (status !== 200 && status !== 206) throw noFile(status, address);
  const encoding = answer.header('content-encoding') ?? 'identity';
  if (encoding !== 'identity') {
    throw refused(
      'DOWNLOAD_ENCODED',
      address,
      `sends the file encoded as ${encoding.slice(0, 40)}, although it was asked not to`,
      'Download the file another way and import it: npx situs model import FILE --out MODEL.',
    );
  }
  const verdict = status === 206 ? ranged(answer, have, of) : fresh(answer);
  if (verdict.kind === 'take' && verdict.total !== null && verdict.total > limit) {
    throw tooLarge(address, verdict.total, limit);
  }
  return verdict;
}

export function tooLarge(address: string, bytes: number, limit: number): Error {
  return refused(
    'DOWNLOAD_TOO_LARGE',
    address,
    `has ${mebibytes(bytes)} or more; at most ${mebibytes(limit)} are downloaded`,
    'If the file is right, raise models.downloadLimit in situs.yaml.',
    { bytes, limit },
  );
}

/** A server that does not know If-Range goes on with another file: its ETag gives it away. */
function ranged(answer: Answer, have: number, of: Origin | null): Verdict {
  const etag = answer.header('etag');
  if (etag !== null && of?.validator?.startsWith('"') === true && etag !== of.validator) {
    return { kind: 'restart' };
  }
  const match = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(answer.header('content-range') ?? '');
  const total = match?.[3] === '*' ? null : Number(match?.[3]);
  const fits = match !== null && Number(match[1]) === have && have > 0;
  if (!fits || (total !== null && !(total > have))) return { kind: 'restart' };
  return { kind: 'take', offset: have, total };
}

function fresh(answer: Answer): Verdict {
  const length = answer.header('content-length');
  const total = length !== null && /^\d+$/.test(length) ? Number(length) : null;
  return { kind: 'take', offset: 0, total };
}

function noFile(status: number, address: string): Error {
  const gone = status === 404 || status === 410;
  const closed = status === 401 || status === 403;
  const what = gone
    ? `has no such file (status ${status})`
    : closed
      ? `does not give the file to everybody (status ${status})`
      : `answers with status ${status}`;
  const next = gone
    ? 'Look up the address of the model; it may have moved to a new version.'
    : 'Download the file another way and import it: npx situs model import FILE --out MODEL.';
  return refused('DOWNLOAD_REFUSED', address, what, next, { status });
}

/** Milliseconds to wait (RFC 9110 §10.2.3): seconds or a date. */
function retryAfter(value: string | null): number | null {
  if (value === null) return null;
  if (/^\d{1,6}$/.test(value.trim())) return Number(value) * 1000;
  const at = Date.parse(value);
  return Number.isNaN(at) ? null : Math.max(0, at - Date.now());
}
