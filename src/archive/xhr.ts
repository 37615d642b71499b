/**
 * The part of XMLHttpRequest that dicomweb-client uses, over our transport: Node has none. What went
 * wrong is kept as `failure`, for the interface itself knows nothing but status 0.
 */
import type { RequestKind } from './manners.ts';
import { parseJson } from './json.ts';
import { readAll, type Answer, type Transport } from './transport.ts';

export interface RequestOptions {
  readonly kind: RequestKind;
  readonly signal?: AbortSignal | undefined;
  /** Bytes of the answer; more is ARCHIVE_BAD_ANSWER. */
  readonly limit: number;
  /** Sent where the user of the request sets none of that name; lower-case names. */
  readonly defaultHeaders?: Readonly<Record<string, string>>;
}

export interface ProgressReport {
  readonly type: string;
  readonly lengthComputable: boolean;
  readonly loaded: number;
  /** 0 when the answer has no length. */
  readonly total: number;
}

type Handler = ((event: ProgressReport) => void) | null;
type ResponseType = '' | 'text' | 'json' | 'arraybuffer';

const UNSENT = 0;
const OPENED = 1;
const HEADERS_RECEIVED = 2;
const LOADING = 3;
const DONE = 4;

export class ArchiveXhr {
  readyState = UNSENT;
  status = 0;
  statusText = '';
  responseType: ResponseType = '';
  response: unknown = '';
  /** Milliseconds for the whole exchange; 0: only the transport's own timeouts. */
  timeout = 0;
  /** Without meaning here: the credentials are those of the archive's configuration. */
  withCredentials = false;
  onreadystatechange: (() => void) | null = null;
  onloadstart: Handler = null;
  onprogress: Handler = null;
  onload: Handler = null;
  onerror: Handler = null;
  ontimeout: Handler = null;
  onabort: Handler = null;
  onloadend: Handler = null;
  /** Why there is no usable response; null when there is one. */
  failure: unknown = null;
  /** The last answer's facts, for an error by its status. */
  answer: Pick<Answer, 'asked' | 'status' | 'header'> | null = null;

  readonly #transport: Transport;
  readonly #options: RequestOptions;
  readonly #abort = new AbortController();
  #isLate: AbortSignal | null = null;
  #method: 'GET' | 'POST' = 'GET';
  #url = '';
  #headers: Record<string, string> = {};
  #responseHeaders: Readonly<Record<string, string>> = {};

  constructor(transport: Transport, options: RequestOptions) {
    this.#transport = transport;
    this.#options = options;
  }

  open(method: string, url: string): void {
    const upper = method.toUpperCase();
    if (upper !== 'GET' && upper !== 'POST') throw new TypeError(`${method} is not used`);
    this.#method = upper;
    this.#url = url;
    this.#headers = {};
    this.#enter(OPENED);
  }

  setRequestHeader(name: string, value: string): void {
    if (this.readyState !== OPENED) throw new TypeError('the request is not open');
    const key = name.toLowerCase();
    const before = this.#headers[key];
    this.#headers[key] = before === undefined ? value : `${before}, ${value}`;
  }

  getResponseHeader(name: string): string | null {
    return this.#responseHeaders[name.toLowerCase()] ?? null;
  }

  getAllResponseHeaders(): string {
    return Object.entries(this.#responseHeaders)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('');
  }

  get responseText(): string {
    return typeof this.response === 'string' ? this.response : '';
  }

  abort(): void {
    this.#abort.abort(new DOMException('The request was aborted', 'AbortError'));
  }

  send(data: ArrayBuffer | Uint8Array | string | null = null): void {
    if (this.readyState !== OPENED) throw new TypeError('the request is not open');
    this.#report('loadstart', this.onloadstart);
    void this.#exchange(data).then(
      () => this.#finish(),
      (error: unknown) => this.#fail(error),
    );
  }

  async #exchange(data: ArrayBuffer | Uint8Array | string | null): Promise<void> {
    const signals = [this.#abort.signal, this.#options.signal].filter((one) => one !== undefined);
    if (this.timeout > 0) {
      this.#isLate = AbortSignal.timeout(this.timeout);
      signals.push(this.#isLate);
    }
    const answer = await this.#transport.send({
      method: this.#method,
      url: this.#url,
      headers: { ...this.#options.defaultHeaders, ...this.#headers },
      kind: this.#options.kind,
      signal: AbortSignal.any(signals),
      ...(data === null ? {} : { body: bytesOf(data) }),
    });
    this.answer = answer;
    this.status = answer.status;
    this.statusText = answer.statusText;
    this.#responseHeaders = answer.headers;
    this.#enter(HEADERS_RECEIVED);
    const body = await readAll({ ...answer, body: this.#watched(answer) }, this.#options.limit);
    this.response = this.#converted(body, answer);
  }

  async *#watched(answer: Answer): AsyncGenerator<Uint8Array> {
    const total = Number(answer.header('content-length') ?? 0);
    let loaded = 0;
    for await (const chunk of answer.body) {
      loaded += chunk.byteLength;
      if (this.readyState !== LOADING) this.#enter(LOADING);
      this.#report('progress', this.onprogress, loaded, total);
      yield chunk;
    }
  }

  /** The body as `responseType` wants it. JSON of a refusal may be no JSON at all: null then. */
  #converted(body: Buffer, answer: Answer): unknown {
    switch (this.responseType) {
      case 'arraybuffer':
        return Uint8Array.from(body).buffer;
      case 'json':
        return parseJson(body, answer);
      case '':
      case 'text':
        return body.toString('utf8');
    }
  }

  #finish(): void {
    this.#enter(DONE);
    this.#report('load', this.onload);
    this.#report('loadend', this.onloadend);
  }

  /** As the interface has it: status 0, no response, `readyState` 4, then the event of the cause. */
  #fail(error: unknown): void {
    this.failure = error;
    this.status = 0;
    this.statusText = '';
    this.response = null;
    this.#responseHeaders = {};
    this.#enter(DONE);
    if (this.#isLate?.aborted === true) this.#report('timeout', this.ontimeout);
    else if (this.#abort.signal.aborted || this.#options.signal?.aborted === true)
      this.#report('abort', this.onabort);
    else this.#report('error', this.onerror);
    this.#report('loadend', this.onloadend);
  }

  #enter(state: number): void {
    this.readyState = state;
    this.onreadystatechange?.();
  }

  #report(type: string, handler: Handler, loaded = 0, total = 0): void {
    handler?.({ type, lengthComputable: total > 0, loaded, total });
  }
}

function bytesOf(data: ArrayBuffer | Uint8Array | string): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data, 'utf8');
  return data instanceof Uint8Array ? data : new Uint8Array(data);
}
