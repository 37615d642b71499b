import { createHash } from 'node:crypto';
import type { Json } from './types.ts';

const MAX_DEPTH = 64;

/** Postgres stores neither NUL nor half surrogate pairs; archives send both. */
export function cleanText(text: string): string {
  return text.replaceAll('\u0000', '').toWellFormed();
}

/** Text of an archive for a column: cleaned, and no longer than a page can show. */
export function shortText(text: string | null | undefined, limit = 1024): string | null {
  if (text === null || text === undefined) return null;
  const clean = cleanText(text);
  return clean.length > limit ? `${clean.slice(0, limit - 1).toWellFormed()}…` : clean;
}

/**
 * A value as the database will give it back: plain JSON, `undefined` left out, dates as ISO text,
 * text cleaned. Nesting beyond 64 levels throws RangeError: untrusted input must not end the stack.
 */
export function toJson(value: unknown, depth = 0): Json {
  if (depth > MAX_DEPTH) throw new RangeError(`JSON nested deeper than ${MAX_DEPTH} levels`);
  if (value === null || value === undefined) return null;
  if (typeof value === 'string') return cleanText(value);
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map((one) => toJson(one, depth + 1));
  if (typeof value !== 'object') throw new TypeError(`no JSON for a ${typeof value}`);
  if ('toJSON' in value && typeof value.toJSON === 'function') {
    return toJson((value.toJSON as () => unknown)(), depth + 1);
  }
  const clean: Record<string, Json> = {};
  for (const [key, one] of Object.entries(value)) {
    if (one !== undefined) clean[cleanText(key)] = toJson(one, depth + 1);
  }
  return clean;
}

/** One text for one value: keys sorted by code unit, no white space, shortest numbers. */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${(value as readonly Json[]).map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const object = value as { readonly [key: string]: Json };
    const members = Object.keys(object)
      .sort()
      .map((key) => `${JSON.stringify(key)}:${canonicalJson(object[key] ?? null)}`);
    return `{${members.join(',')}}`;
  }
  return JSON.stringify(value);
}

export function sha256(data: string | Uint8Array): string {
  return createHash('sha256').update(data).digest('hex');
}
