/** HTTP to one archive: credentials, TLS, timeouts, manners and typed errors. Bodies are streams. */
import { rootCertificates } from 'node:tls';
import type { Readable } from 'node:stream';
import { Agent, request } from 'undici';
import type { ArchiveAuth, ArchiveSettings } from './config.ts';
import type { Clock } from './clock.ts';
import { badAnswer, connectionError, isLostSocket, statusError, type Asked } from './errors.ts';
import { Manners, retryAfterSeconds, type RequestKind } from './manners.ts';

export interface Ask {
  readonly method: 'GET' | 'POST';
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Uint8Array;
  readonly kind: RequestKind;
  readonly signal?: AbortSignal | undefined;
}

/** An answer whose body is still to be read. `close` must be called, read to the end or not. */
export interface Answer {
  readonly asked: Asked;
  readonly status: number;
  readonly statusText: string;
  /** Value of a header by its lower-case name, several joined by a comma; null without. */
  header(name: string): string | null;
  readonly headers: Readonly<Record<string, string>>;
  /** The body as it comes. Throws typed errors; a body without a length just ends when it is cut. */
  readonly body: AsyncIterable<Uint8Array>;
  close(): void;
}

export interface Transport {
  readonly settings: ArchiveSettings;
  readonly manners: Manners;
  readonly clock: Clock;
  /**
   * Sends one request and resolves with any answer, whatever its status. Redirects are not followed:
   * credentials go to the configured address only. A request whose kept-alive connection died before
   * an answer is sent once more; all of ours may be repeated (dicomweb-servers §1 fact 4, §4).
   */
  send(ask: Ask): Promise<Answer>;
  close(): Promise<void>;
}

export function createTransport(settings: ArchiveSettings, clock: Clock): Transport {
  const manners = new Manners(settings, clock);
  const { timeouts } = settings;
  const agent = new Agent({
    connect: {
      timeout: timeouts.connect,
      ...(settings.ca === null ? {} : { ca: [...rootCertificates, settings.ca] }),
    },
    headersTimeout: timeouts.answer,
    bodyTimeout: timeouts.idle,
    pipelining: 1,
  });
  const credentials = credentialHeaders(settings.auth);

  async function exchange(ask: Ask, asked: Asked): Promise<Answer> {
    const admission = await manners.admit(asked, ask.kind, ask.signal);
    const send = () =>
      request(ask.url, {
        dispatcher: agent,
        method: ask.method,
        headers: { 'accept-encoding': 'identity', ...credentials, ...ask.headers },
        body: ask.body ?? null,
        signal: ask.signal ?? null,
      });
    try {
      const raw = await send().catch((error: unknown) => {
        if (!isLostSocket(error)) throw error;
        return send();
      });
      const headers = flatten(raw.headers);
      const body = guarded(raw.body, asked, raw.statusCode, ask.signal, manners);
      return {
        asked,
        status: raw.statusCode,
        statusText: raw.statusText,
        headers,
        header: (name) => headers[name] ?? null,
        body,
        close() {
          discard(raw.body);
          admission.release();
        },
      };
    } catch (error) {
      admission.release();
      ask.signal?.throwIfAborted();
      const failure = connectionError(asked, error, null);
      manners.failed(failure);
      throw failure;
    }
  }

  return {
    settings,
    manners,
    clock,
    async send(ask) {
      const asked: Asked = { archive: settings.name, method: ask.method, url: ask.url };
      const answer = await exchange(ask, asked);
      const encoding = answer.header('content-encoding') ?? 'identity';
      if (encoding !== 'identity') {
        answer.close();
        throw badAnswer(asked, answer.status, `sent a body encoded as ${encoding.slice(0, 40)}`);
      }
      return answer;
    },
    close: () => agent.close(),
  };
}

/** Throws the typed error of an answer that is no success, after closing it; tells the manners either way. */
export function requireSuccess(transport: Transport, answer: Answer): void {
  if (answer.status >= 200 && answer.status < 300) {
    transport.manners.succeeded();
    return;
  }
  answer.close();
  throw refusal(transport, answer);
}

/** The typed error of an answer that is no success; the manners are told. */
export function refusal(transport: Transport, answer: Pick<Answer, 'asked' | 'status' | 'header'>) {
  const wait = retryAfterSeconds(answer.header('retry-after'), transport.clock.now());
  const error = statusError(answer.asked, answer.status, wait);
  transport.manners.failed(error);
  return error;
}

/**
 * The whole body, at most `limit` bytes. Throws ARCHIVE_BAD_ANSWER beyond. The answer is closed.
 */
export async function readAll(answer: Answer, limit: number): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  try {
    for await (const chunk of answer.body) {
      length += chunk.byteLength;
      if (length > limit) {
        throw badAnswer(answer.asked, answer.status, `sent more than ${limit} bytes of JSON`);
      }
      chunks.push(chunk);
    }
  } finally {
    answer.close();
  }
  return Buffer.concat(chunks, length);
}

async function* guarded(
  body: Readable,
  asked: Asked,
  status: number,
  signal: AbortSignal | undefined,
  manners: Manners,
): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of body as AsyncIterable<Uint8Array>) yield chunk;
  } catch (error) {
    signal?.throwIfAborted();
    const failure = connectionError(asked, error, status);
    manners.failed(failure);
    throw failure;
  }
}

/** Ends a body that nobody reads on; its late errors are of no interest. */
function discard(body: Readable): void {
  body.on('error', () => undefined);
  body.destroy();
}

function credentialHeaders(auth: ArchiveAuth): Readonly<Record<string, string>> {
  switch (auth.kind) {
    case 'none':
      return {};
    case 'basic': {
      const pair = Buffer.from(`${auth.username}:${auth.password}`, 'utf8').toString('base64');
      return { authorization: `Basic ${pair}` };
    }
    case 'bearer':
      return { authorization: `Bearer ${auth.token}` };
    case 'headers':
      return auth.headers;
  }
}

function flatten(headers: Readonly<Record<string, string | string[] | undefined>>) {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined)
      flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}
