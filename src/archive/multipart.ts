/** A streaming reader of multipart bodies (RFC 2046 §5.1, PS3.18 8.6.1.2): one part in memory at a time. */

export interface Part {
  /** Values by lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly bytes: Uint8Array;
}

export interface MultipartLimits {
  /** Bytes of one part's body. */
  readonly partBytes: number;
}

/** What is wrong with a body; `kind` tells a body that ends early from one that breaks the rules. */
export class MultipartError extends Error {
  readonly kind: 'truncated' | 'malformed';

  constructor(kind: 'truncated' | 'malformed', message: string) {
    super(message);
    this.name = 'MultipartError';
    this.kind = kind;
  }
}

const PREAMBLE_BYTES = 64 * 1024;
const HEADER_BYTES = 16 * 1024;
const PADDING_BYTES = 256;
/** RFC 2046 allows 70; some servers are more generous. */
const BOUNDARY_LENGTH = 200;
const CR = 0x0d;
const LF = 0x0a;
const DASH = 0x2d;

/** The boundary of a Content-Type value, quoted or not; null when it is no multipart type or has none. */
export function boundaryOf(contentType: string | null): string | null {
  if (contentType === null || !/^\s*multipart\//i.test(contentType)) return null;
  const parameter = /;\s*([\w!#$&^.+-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s;"]+))/g;
  for (const [, name = '', quoted, plain] of contentType.matchAll(parameter)) {
    if (name.toLowerCase() !== 'boundary') continue;
    const boundary = quoted?.replace(/\\(.)/g, '$1') ?? plain ?? '';
    return boundary.length > 0 && boundary.length <= BOUNDARY_LENGTH ? boundary : null;
  }
  return null;
}

/**
 * The parts in order. Ends without an error only after the closing boundary.
 *
 * Throws MultipartError `truncated` when the body ends before, `malformed` when it breaks the rules
 * or a limit.
 */
export async function* readMultipart(
  body: AsyncIterable<Uint8Array>,
  boundary: string,
  limits: MultipartLimits,
): AsyncGenerator<Part> {
  const source = new Source(body);
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // The first boundary stands at the begin of the body, or after a line of its own.
  source.unread(Buffer.from('\r\n'));
  try {
    let more = await skipPreamble(source, delimiter);
    while (more) {
      const headers = await readHeaders(source);
      const body = await readBody(source, delimiter, limits.partBytes);
      more = body.more;
      yield { headers, bytes: body.bytes };
    }
  } finally {
    await source.end();
  }
}

async function skipPreamble(source: Source, delimiter: Buffer): Promise<boolean> {
  const { more } = await readUntil(source, delimiter, PREAMBLE_BYTES, 'text before the first part');
  return more;
}

async function readBody(source: Source, delimiter: Buffer, limit: number) {
  const { chunks, length, more } = await readUntil(source, delimiter, limit, 'part');
  // A copy of its own: the chunks are pieces of buffers that the connection uses again.
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return { bytes, more };
}

/** Reads up to the next boundary line. `more` is false after the closing one. */
async function readUntil(source: Source, delimiter: Buffer, limit: number, what: string) {
  const chunks: Buffer[] = [];
  let length = 0;
  const keep = (piece: Buffer) => {
    length += piece.length;
    if (length > limit) throw malformed(`a ${what} is longer than ${limit} bytes`);
    if (piece.length > 0) chunks.push(piece);
  };
  for (;;) {
    const at = source.buffer.indexOf(delimiter);
    if (at >= 0) {
      keep(source.take(at));
      const ending = await boundaryEnding(source, delimiter.length);
      if (ending !== null) {
        source.take(ending.length);
        return { chunks, length, more: ending.more };
      }
      // Bytes of the part that only look like a boundary.
      keep(source.take(1));
      continue;
    }
    keep(source.take(Math.max(0, source.buffer.length - delimiter.length + 1)));
    if (!(await source.fill())) throw truncated(`it ends inside a ${what}`);
  }
}

/**
 * What stands after a delimiter at the begin of the buffer: the length of the whole boundary line,
 * and whether a part follows; null when it is no boundary line.
 */
async function boundaryEnding(source: Source, length: number) {
  await source.fillTo(length + 2);
  const { buffer } = source;
  if (buffer[length] === DASH && buffer[length + 1] === DASH) {
    return { length: length + 2, more: false };
  }
  for (let end = length; end < length + PADDING_BYTES; end += 1) {
    await source.fillTo(end + 2);
    const byte = source.buffer[end];
    if (byte === CR && source.buffer[end + 1] === LF) return { length: end + 2, more: true };
    if (byte === undefined) throw truncated('it ends inside a boundary');
    if (byte !== 0x20 && byte !== 0x09) return null;
  }
  return null;
}

async function readHeaders(source: Source): Promise<Map<string, string>> {
  const headers = new Map<string, string>();
  let read = 0;
  for (;;) {
    const line = await readLine(source);
    if (line === '') return headers;
    read += line.length;
    if (read > HEADER_BYTES)
      throw malformed(`the header of a part is longer than ${HEADER_BYTES} bytes`);
    const colon = line.indexOf(':');
    if (colon < 1) throw malformed('the header of a part has a line without a name');
    headers.set(line.slice(0, colon).trim().toLowerCase(), line.slice(colon + 1).trim());
  }
}

async function readLine(source: Source): Promise<string> {
  for (;;) {
    const at = source.buffer.indexOf('\r\n');
    if (at >= 0) return source.take(at + 2).toString('latin1', 0, at);
    if (source.buffer.length > HEADER_BYTES) {
      throw malformed(`the header of a part is longer than ${HEADER_BYTES} bytes`);
    }
    if (!(await source.fill())) throw truncated('it ends inside the header of a part');
  }
}

function truncated(message: string): MultipartError {
  return new MultipartError('truncated', message);
}

function malformed(message: string): MultipartError {
  return new MultipartError('malformed', message);
}

/** The unread begin of a body. */
class Source {
  buffer: Buffer = Buffer.alloc(0);
  readonly #chunks: AsyncIterator<Uint8Array>;

  constructor(body: AsyncIterable<Uint8Array>) {
    this.#chunks = body[Symbol.asyncIterator]();
  }

  unread(bytes: Buffer): void {
    this.buffer = Buffer.concat([bytes, this.buffer]);
  }

  take(length: number): Buffer {
    const taken = this.buffer.subarray(0, length);
    this.buffer = this.buffer.subarray(length);
    return taken;
  }

  /** Adds the next chunk; false at the end of the body. */
  async fill(): Promise<boolean> {
    const next = await this.#chunks.next();
    if (next.done === true) return false;
    const { buffer, byteOffset, byteLength } = next.value;
    const chunk = Buffer.from(buffer, byteOffset, byteLength);
    this.buffer = this.buffer.length === 0 ? chunk : Buffer.concat([this.buffer, chunk]);
    return true;
  }

  /** Fills until `length` bytes are there or the body ends. */
  async fillTo(length: number): Promise<void> {
    while (this.buffer.length < length && (await this.fill()));
  }

  async end(): Promise<void> {
    await this.#chunks.return?.();
  }
}
