import { rootCertificates } from 'node:tls';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import { SitusError } from '../../contracts/index.ts';
import { abortedError } from '../worker/messages.ts';
import type { Asked } from './kserve-errors.ts';
import { badAnswer, connectionError, statusError, timeoutError } from './kserve-errors.ts';
import type { KserveSettings } from './kserve-settings.ts';

/** A successful answer whose body is still to be read. */
export interface Answer {
  readonly asked: Asked;
  /** Value of a header by its lower-case name; null without. */
  header(name: string): string | null;
  readonly body: AsyncIterable<Uint8Array>;
}

export interface Call<T> {
  readonly method: 'GET' | 'POST';
  /** Below the server's address, e.g. `v2/health/ready`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  /** Reads the body of a success; may throw. Called once for each attempt. */
  readonly read: (answer: Answer) => Promise<T>;
}

export interface KserveClient {
  /**
   * Sends a request and reads its answer. What can pass by itself (connection lost, server busy) is tried again a few
   * times: inference changes nothing on the server.
   * @throws SitusError `KSERVE_*`; `SEGMENTATION_ABORTED` after `close`.
   */
  send<T>(call: Call<T>): Promise<T>;
  /** Ends what is under way. */
  close(): Promise<void>;
}

/** Milliseconds before the second, third and fourth attempt. */
const PAUSES = [250, 1000, 4000] as const;
/** No server is waited for longer than this, whatever it asks for. */
const LONGEST_PAUSE_MS = 30_000;
/** Of answers that only their status matters of. */
const MAX_ERROR_BYTES = 64 * 2 ** 10;

export interface ClientOptions {
  readonly settings: KserveSettings;
  /** Milliseconds before each further attempt. */
  readonly pauses?: readonly number[] | undefined;
}

/** HTTP to one inference server with connections that are kept alive. */
export function createKserveClient({ settings, pauses }: ClientOptions): KserveClient {
  const root = settings.url.replace(/\/+$/, '');
  const milliseconds = settings.timeoutSeconds * 1000;
  const closing = new AbortController();
  const ended = closing.signal;
  const agent = new Agent({
    connect: {
      timeout: Math.min(milliseconds, 10_000),
      ...(settings.ca === null ? {} : { ca: [...rootCertificates, settings.ca] }),
    },
    headersTimeout: milliseconds,
    bodyTimeout: milliseconds,
    pipelining: 1,
  });

  async function attempt<T>(call: Call<T>, asked: Asked): Promise<T> {
    const late = AbortSignal.timeout(milliseconds);
    let body: Readable | null = null;
    try {
      const raw = await request(asked.url, {
        dispatcher: agent,
        method: call.method,
        headers: { 'accept-encoding': 'identity', ...settings.headers, ...call.headers },
        body: call.body ?? null,
        signal: AbortSignal.any([ended, late]),
      });
      body = raw.body;
      const header = (name: string): string | null => {
        const value = raw.headers[name];
        return Array.isArray(value) ? value.join(', ') : (value ?? null);
      };
      if (raw.statusCode < 200 || raw.statusCode > 299) {
        const text = errorText(await readSome(raw.body, MAX_ERROR_BYTES));
        throw statusError(asked, raw.statusCode, text, retryAfter(header('retry-after')));
      }
      return await call.read({ asked, header, body: raw.body as AsyncIterable<Uint8Array> });
    } catch (thrown) {
      if (ended.aborted) throw abortedError();
      if (late.aborted) throw timeoutError(asked, settings.timeoutSeconds, thrown);
      throw connectionError(asked, thrown, settings.timeoutSeconds);
    } finally {
      if (body !== null) discard(body);
    }
  }

  return {
    async send(call) {
      const asked: Asked = { method: call.method, url: `${root}/${call.path}` };
      for (const pause of [...(pauses ?? PAUSES), null]) {
        try {
          return await attempt(call, asked);
        } catch (thrown) {
          if (pause === null || !canPass(thrown) || ended.aborted) throw thrown;
          await wait(Math.max(pause, askedPause(thrown)), ended);
        }
      }
      throw abortedError();
    },
    async close() {
      closing.abort();
      await agent.destroy();
    },
  };
}

/** Reads a JSON answer of at most `limit` bytes. */
export async function readJson(answer: Answer, limit: number): Promise<unknown> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of answer.body) {
    length += chunk.byteLength;
    if (length > limit) throw badAnswer(answer.asked, `sent more than ${limit} bytes of JSON`);
    chunks.push(chunk);
  }
  return parseJson(answer.asked, Buffer.concat(chunks, length));
}

/** For answers whose status says it all; read, so that the connection can serve the next request. */
export async function readNothing(answer: Answer): Promise<void> {
  let length = 0;
  for await (const chunk of answer.body) {
    length += chunk.byteLength;
    if (length > MAX_ERROR_BYTES) return;
  }
}

export function parseJson(asked: Asked, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as unknown;
  } catch (cause) {
    throw badAnswer(asked, 'sent something that is no JSON', cause);
  }
}

function canPass(thrown: unknown): boolean {
  return thrown instanceof SitusError && thrown.errorClass === 'retry';
}

function askedPause(thrown: unknown): number {
  const seconds = thrown instanceof SitusError ? thrown.details['retryAfterSeconds'] : undefined;
  return typeof seconds === 'number' ? Math.min(seconds * 1000, LONGEST_PAUSE_MS) : 0;
}

/** With jitter, so that several nodes do not come back at the same moment. */
async function wait(milliseconds: number, ended: AbortSignal): Promise<void> {
  try {
    await sleep(milliseconds * (1 + Math.random() / 4), undefined, { signal: ended });
  } catch (thrown) {
    if (ended.aborted) throw abortedError();
    throw thrown;
  }
}

function retryAfter(value: string | null): number | null {
  return value !== null && /^\d{1,6}$/.test(value) ? Number(value) : null;
}

async function readSome(body: AsyncIterable<Uint8Array>, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for await (const chunk of body) {
    chunks.push(chunk);
    length += chunk.byteLength;
    if (length >= limit) break;
  }
  return Buffer.concat(chunks);
}

/** The server's own words (`{"error": …}`, or `detail` as some write), on one line. */
function errorText(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  let said: unknown = text;
  try {
    const content = JSON.parse(text) as unknown;
    if (typeof content === 'object' && content !== null) {
      said = 'error' in content ? content.error : 'detail' in content ? content.detail : text;
    }
  } catch {
    said = text;
  }
  const line = typeof said === 'string' ? said : JSON.stringify(said);
  return line
    .replace(/[^\P{C} ]+/gu, ' ')
    .trim()
    .slice(0, 300);
}

/** Ends a body that nobody reads on; its late errors are of no interest. */
function discard(body: Readable): void {
  body.on('error', () => undefined);
  body.destroy();
}
