import { mkdir, statfs } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { asSitusError, messageOf, SitusError, systemCode } from '../contracts/index.ts';
import { createAsker, type Answer, type Asker } from './ask.ts';
import { interrupted, mebibytes, refused, shown } from './errors.ts';
import { hashOf } from './hash.ts';
import { judge, tooLarge } from './judge.ts';
import { PATIENCE, SPARE_BYTES, type DownloadProgress, type Patience } from './options.ts';
import { PartialFile, sizeOf, type Origin } from './partial.ts';

export interface DownloadOptions {
  /** http or https. */
  readonly address: string;
  /** Where the file lies while it is on its way. */
  readonly folder: string;
  /** Beginning of the names of the files there: letters, digits, ".", "_" and "-". */
  readonly name: string;
  /** The whole file; one that is there already is taken when its hash is right, else replaced. */
  readonly to: string;
  /** Hash that the file must have; without it any is taken. */
  readonly sha256?: string | undefined;
  /** Most bytes. */
  readonly limit: number;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: DownloadProgress) => void) | undefined;
  readonly patience?: Partial<Patience>;
}

export interface Download {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  /** Bytes that an earlier call had left; 0 when all came now. */
  readonly resumedFrom: number;
}

/**
 * Downloads a file: goes on after what an earlier call left if the server still has the same file
 * (Range with If-Range, RFC 9110 §13.1.5, §14), follows redirects but never from https to http, tries again
 * with growing pauses while the connection breaks, and gives the file its name only when its hash is right.
 * @throws SitusError DOWNLOAD_REDIRECT, DOWNLOAD_REFUSED, DOWNLOAD_ENCODED, DOWNLOAD_TOO_LARGE,
 *   DOWNLOAD_CERTIFICATE, DOWNLOAD_HASH_DIFFERS (refuse), DOWNLOAD_UNREACHABLE, DOWNLOAD_CANCELLED, DISK_FULL (retry).
 */
export async function download(options: DownloadOptions): Promise<Download> {
  const patience = { ...PATIENCE, ...options.patience };
  const partial = new PartialFile(options.folder, options.name, options.address);
  const asker = createAsker(patience);
  try {
    await mkdir(options.folder, { recursive: true });
    const before = await earlier(options);
    if (before !== null) return before;
    const resumedFrom = (await partial.state())?.size ?? 0;
    await fetchAll({ ...options, patience, partial, asker });
    const bytes = (await partial.size()) ?? 0;
    const sha256 = await checkedHash(options, partial.path, bytes);
    if (options.sha256 !== undefined && sha256 !== options.sha256) {
      await partial.discard();
      throw refused(
        'DOWNLOAD_HASH_DIFFERS',
        options.address,
        `has the sha256 ${sha256}, not ${options.sha256}; nothing was unpacked and the file was removed`,
        'It was damaged on its way, or changed by its makers or somebody else. Pull again; if it stays, ask the makers for the hash before you pin another.',
        { expected: options.sha256, actual: sha256 },
      );
    }
    await partial.finish(options.to);
    return { path: options.to, bytes, sha256, resumedFrom };
  } catch (thrown) {
    if (options.signal?.aborted === true) throw await cancelled(options.address, partial);
    throw thrown;
  } finally {
    await asker.close();
  }
}

/** What an earlier call has finished; null when there is nothing, or another file. */
async function earlier(options: DownloadOptions): Promise<Download | null> {
  const { to } = options;
  const bytes = await sizeOf(to);
  if (bytes === null) return null;
  const sha256 = await checkedHash(options, to, bytes);
  if (options.sha256 !== undefined && options.sha256 !== sha256) return null;
  return { path: to, bytes, sha256, resumedFrom: bytes };
}

function checkedHash(
  { onProgress, signal }: DownloadOptions,
  path: string,
  total: number,
): Promise<string> {
  return hashOf(
    path,
    (done) => onProgress?.({ phase: 'checking', done, total, reason: null }),
    signal,
  );
}

interface Work extends DownloadOptions {
  readonly patience: Patience;
  readonly partial: PartialFile;
  readonly asker: Asker;
}

/** Tries until every byte is there; only tries that bring nothing new are counted. */
async function fetchAll(work: Work): Promise<void> {
  const { patience, partial, signal } = work;
  let barren = 0;
  for (;;) {
    const before = (await partial.state())?.size ?? 0;
    const failure = await tryOnce(work);
    if (failure === null) return;
    signal?.throwIfAborted();
    const after = (await partial.state())?.size ?? 0;
    barren = after > before ? 1 : barren + 1;
    if (barren >= patience.tries) throw await unreachable(work, failure, barren);
    const pause = failure.afterMs ?? patience.backOff * 2 ** (barren - 1);
    work.onProgress?.({
      phase: 'waiting',
      done: after,
      total: null,
      reason: failure.reason,
    });
    const jitter = 1 - Math.random() / 2;
    await sleep(Math.min(pause, patience.longestBackOff) * jitter, undefined, { signal });
  }
}

interface Failure {
  readonly reason: string;
  readonly afterMs: number | null;
  readonly cause: unknown;
}

/** Null: everything is there. */
async function tryOnce(work: Work): Promise<Failure | null> {
  const { partial, address, asker, signal } = work;
  const state = await partial.state();
  const have = state?.size ?? 0;
  if (state !== null && have === state.origin.total) return null;
  const headers: Record<string, string> =
    state === null ? {} : { range: `bytes=${have}-`, 'if-range': state.origin.validator ?? '' };
  let answer: Answer;
  try {
    answer = await asker.ask(address, headers, signal);
  } catch (thrown) {
    return networkFailure(work.address, thrown);
  }
  try {
    const verdict = judge(answer, { have, of: state?.origin ?? null }, work.limit, address);
    if (verdict.kind === 'whole') return null;
    if (verdict.kind === 'later') return { ...verdict, cause: null };
    if (verdict.kind === 'restart') {
      await partial.discard();
      return { reason: 'the server has another file now', afterMs: 0, cause: null };
    }
    await requireSpace(work, verdict.total === null ? 0 : verdict.total - verdict.offset);
    const known = verdict.offset > 0 ? (state?.origin ?? null) : null;
    return await receive(work, answer, verdict.offset, {
      address: answer.address,
      validator: validatorOf(answer) ?? known?.validator ?? null,
      total: verdict.total ?? known?.total ?? null,
    });
  } finally {
    answer.close();
  }
}

async function receive(
  work: Work,
  answer: Answer,
  offset: number,
  origin: Origin,
): Promise<Failure | null> {
  const { total } = origin;
  const file = await work.partial.open(offset, origin);
  let at = offset;
  try {
    for await (const chunk of answer.body as AsyncIterable<Uint8Array>) {
      await file.write(chunk, 0, chunk.byteLength, at);
      at += chunk.byteLength;
      if (at > work.limit) {
        await work.partial.discard();
        throw tooLarge(work.address, at, work.limit);
      }
      work.onProgress?.({ phase: 'downloading', done: at, total, reason: null });
    }
    await file.sync();
  } catch (thrown) {
    return networkFailure(work.address, thrown);
  } finally {
    await file.close();
  }
  if (total !== null && at < total) {
    return { reason: 'the connection ended early', afterMs: null, cause: null };
  }
  return null;
}

/** What can prove that the server still has the same file: weak ETags can't (RFC 9110 §13.1.5). */
function validatorOf(answer: Answer): string | null {
  const etag = answer.header('etag');
  if (etag?.startsWith('"') === true) return etag;
  return answer.header('last-modified');
}

async function requireSpace(work: Work, more: number): Promise<void> {
  const { bavail, bsize } = await statfs(work.folder);
  const free = bavail * bsize;
  if (free >= more + SPARE_BYTES) return;
  throw new SitusError({
    code: 'DISK_FULL',
    message: `The download needs ${mebibytes(more)} and ${mebibytes(SPARE_BYTES)} to spare; the disk of ${work.folder} has ${mebibytes(free)} free.`,
    next: 'Free space, or name a folder on another disk in models.downloads of situs.yaml. What has arrived is kept.',
    errorClass: 'retry',
    origin: 'disk',
    details: { needed: more, free },
  });
}

/** Codes of a connection that broke or could not be made: it can pass by itself. */
const PASSING = /^(E(CONN|PIPE|HOST|NET|AI_|TIMEDOUT|NOTFOUND)|UND_|HPE_)/;
const CERTIFICATE = /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO_/;

/** Why a try failed; what is no matter of the network is thrown on. */
function networkFailure(address: string, thrown: unknown): Failure {
  const cause = thrown instanceof Error ? thrown.cause : null;
  const code = systemCode(thrown) ?? systemCode(cause);
  if (code !== null && PASSING.test(code)) {
    const message = messageOf(thrown);
    const reason = message.includes(code) ? message : `${message} (${code})`;
    return { reason, afterMs: null, cause: thrown };
  }
  if (code !== null && CERTIFICATE.test(code)) {
    throw refused(
      'DOWNLOAD_CERTIFICATE',
      address,
      `shows a certificate that is not trusted (${code})`,
      'Behind a proxy that reads along, name its certificate in NODE_EXTRA_CA_CERTS; else do not download from there.',
    );
  }
  throw asSitusError(thrown);
}

async function unreachable(work: Work, failure: Failure, tries: number): Promise<SitusError> {
  return interrupted(
    'DOWNLOAD_UNREACHABLE',
    `${shown(work.address)} could not be downloaded in ${tries} tries: ${failure.reason}.`,
    `Check the network, and the proxy where there is one (HTTPS_PROXY, NO_PROXY). ${await keptText(work.partial)}`,
    { address: shown(work.address), tries },
    failure.cause,
  );
}

async function cancelled(address: string, partial: PartialFile): Promise<SitusError> {
  return interrupted(
    'DOWNLOAD_CANCELLED',
    `The download of ${shown(address)} was stopped.`,
    await keptText(partial),
    { address: shown(address) },
  );
}

async function keptText(partial: PartialFile): Promise<string> {
  const state = await partial.state();
  if (state === null) return 'Nothing that could be continued has arrived; pull again.';
  const { size, origin } = state;
  const of = origin.total === null ? '' : ` of ${mebibytes(origin.total)}`;
  return `${mebibytes(size)}${of} have arrived and are kept; pull again to go on from there.`;
}
