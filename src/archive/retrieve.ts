/** WADO-RS: instances as they stream in, and whole series that are proven whole (§1.1, §4). */
import { SitusError } from '../contracts/index.ts';
import { archiveError, badAnswer, goneError, truncated, type Asked } from './errors.ts';
import { boundaryOf, MultipartError, readMultipart } from './multipart.ts';
import { sopInstanceUidOf } from './part10.ts';
import type { Search } from './search.ts';
import { readAll, requireSuccess, type Answer, type Transport } from './transport.ts';
import type { Instance, InstancePlace, SeriesPlace } from './types.ts';

/** Multipart first, for Orthanc has nothing else; `*`: as it is stored, never transcoded. */
const ACCEPT = [
  'multipart/related; type="application/dicom"; transfer-syntax=*',
  'application/dicom; transfer-syntax=*',
].join(', ');
/** Times that a whole series is asked for before the rest is asked for instance by instance. */
const WHOLE_TRIES = 2;
const NAMED_INSTANCES = 5;
const BROKEN_OFF = new Set(['ARCHIVE_TRUNCATED_ANSWER', 'ARCHIVE_TIMEOUT']);

export interface Retrieval {
  instances(
    series: SeriesPlace,
    wanted?: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<Instance>;
  series(
    series: SeriesPlace,
    wanted?: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<Instance>;
  instance(place: InstancePlace, signal?: AbortSignal): Promise<Uint8Array>;
}

export function createRetrieval(
  transport: Transport,
  search: Pick<Search, 'instances'>,
): Retrieval {
  const seriesUrl = ({ studyInstanceUid, seriesInstanceUid }: SeriesPlace) =>
    `${transport.settings.url}/studies/${studyInstanceUid}/series/${seriesInstanceUid}`;
  const instanceUrl = (series: SeriesPlace, sopInstanceUid: string) =>
    `${seriesUrl(series)}/instances/${sopInstanceUid}`;
  const asked = (url: string): Asked => ({
    archive: transport.settings.name,
    method: 'GET',
    url,
  });

  async function* stream(url: string, signal?: AbortSignal): AsyncGenerator<Instance> {
    const headers = { accept: ACCEPT };
    const answer = await transport.send({ method: 'GET', url, headers, kind: 'transfer', signal });
    try {
      requireSuccess(transport, answer);
      if (answer.status !== 204) yield* read(answer, transport.settings.limits.instanceBytes);
    } finally {
      answer.close();
    }
  }

  async function one(place: InstancePlace, signal?: AbortSignal): Promise<Uint8Array> {
    const url = instanceUrl(place, place.sopInstanceUid);
    try {
      let found: Uint8Array | null = null;
      for await (const { sopInstanceUid, bytes } of stream(url, signal)) {
        // Read to the end even so: only the closing boundary says that the bytes are whole.
        if (sopInstanceUid === place.sopInstanceUid) found = bytes;
      }
      if (found !== null) return found;
    } catch (error) {
      if (isNotFound(error)) throw goneError(asked(url), `instance ${place.sopInstanceUid}`, error);
      throw error;
    }
    throw archiveError(asked(url), {
      code: 'SERIES_INCOMPLETE',
      what: `answered without the instance ${place.sopInstanceUid} that was asked for`,
      next: 'It is asked for again by itself. When it stays, look at this instance in the archive.',
      status: 200,
    });
  }

  async function* instances(
    series: SeriesPlace,
    wanted?: readonly string[],
    signal?: AbortSignal,
  ): AsyncGenerator<Instance> {
    if (wanted === undefined) {
      yield* stream(seriesUrl(series), signal);
      return;
    }
    for (const sopInstanceUid of new Set(wanted)) {
      yield { sopInstanceUid, bytes: await one({ ...series, sopInstanceUid }, signal) };
    }
  }

  /** Whole answers until they add nothing; what they lack is left to the caller. */
  async function* whole(
    series: SeriesPlace,
    isNew: (sopInstanceUid: string) => boolean,
    isEnough: () => boolean,
    signal?: AbortSignal,
  ): AsyncGenerator<Instance> {
    for (let attempt = 1; attempt <= WHOLE_TRIES && !isEnough(); attempt += 1) {
      try {
        for await (const instance of stream(seriesUrl(series), signal)) {
          if (isNew(instance.sopInstanceUid)) yield instance;
        }
        return;
      } catch (error) {
        if (isNotFound(error)) return;
        if (!(error instanceof SitusError) || !BROKEN_OFF.has(error.code)) throw error;
      }
    }
  }

  return {
    instances,
    instance: one,
    async *series(series, wanted, signal) {
      if (wanted?.length === 0) return;
      const before = wanted === undefined ? null : await search.instances(series, signal);
      const wants = wanted === undefined ? null : new Set(wanted);
      const got = new Set<string>();
      const isNew = (sopInstanceUid: string) => {
        if (got.has(sopInstanceUid) || wants?.has(sopInstanceUid) === false) return false;
        got.add(sopInstanceUid);
        return true;
      };
      // A small part of a large series is cheaper instance by instance.
      const share = wants === null || before === null ? 1 : wants.size / Math.max(1, before.length);
      if (share >= 0.5) {
        const isEnough = () => wants !== null && got.size === wants.size;
        yield* whole(series, isNew, isEnough, signal);
      }
      const listed = new Set(await search.instances(series, signal));
      const expected = wants ?? listed;
      if (![...expected].some((sopInstanceUid) => listed.has(sopInstanceUid))) {
        throw goneError(asked(seriesUrl(series)), `series ${series.seriesInstanceUid}`);
      }
      const lacking: string[] = [];
      for (const sopInstanceUid of expected) {
        if (got.has(sopInstanceUid)) continue;
        const bytes = await one({ ...series, sopInstanceUid }, signal).catch((error: unknown) => {
          const isLacking =
            error instanceof SitusError &&
            ['NOT_IN_ARCHIVE', 'SERIES_INCOMPLETE'].includes(error.code);
          if (isLacking) return null;
          throw error;
        });
        if (bytes === null) lacking.push(sopInstanceUid);
        else {
          got.add(sopInstanceUid);
          yield { sopInstanceUid, bytes };
        }
      }
      const vanished = [...got].filter((sopInstanceUid) => !listed.has(sopInstanceUid));
      if (lacking.length > 0 || vanished.length > 0) {
        throw incomplete(asked(seriesUrl(series)), series, lacking, vanished, expected.size);
      }
    },
  };
}

async function* read(answer: Answer, limit: number): AsyncGenerator<Instance> {
  const { asked, status } = answer;
  const contentType = answer.header('content-type');
  if (contentType !== null && /^\s*application\/dicom\s*(;|$)/i.test(contentType)) {
    yield identified(answer, await readAll(answer, limit));
    return;
  }
  const boundary = boundaryOf(contentType);
  if (boundary === null) {
    const type = contentType?.slice(0, 60) ?? 'no content type';
    throw badAnswer(asked, status, `answered with ${type} instead of DICOM instances`);
  }
  try {
    for await (const { bytes } of readMultipart(answer.body, boundary, { partBytes: limit })) {
      yield identified(answer, bytes);
    }
  } catch (error) {
    if (!(error instanceof MultipartError)) throw error;
    if (error.kind === 'truncated') throw truncated(asked, status, error.message, error);
    throw badAnswer(asked, status, `sent a broken multipart answer: ${error.message}`, error);
  }
}

function identified(answer: Answer, bytes: Uint8Array): Instance {
  const sopInstanceUid = sopInstanceUidOf(bytes);
  if (sopInstanceUid !== null) return { sopInstanceUid, bytes };
  const what = 'sent something that is no DICOM instance (no DICM prefix or no SOP Instance UID)';
  throw badAnswer(answer.asked, answer.status, what);
}

function isNotFound(error: unknown): boolean {
  return error instanceof SitusError && [404, 410].includes(Number(error.details['status']));
}

function incomplete(
  asked: Asked,
  series: SeriesPlace,
  lacking: readonly string[],
  vanished: readonly string[],
  expected: number,
): SitusError {
  const parts = [
    lacking.length === 0 ? '' : `${lacking.length} cannot be retrieved (${named(lacking)})`,
    vanished.length === 0 ? '' : `${vanished.length} are no longer listed (${named(vanished)})`,
  ];
  return archiveError(asked, {
    code: 'SERIES_INCOMPLETE',
    what: `does not give series ${series.seriesInstanceUid} as it lists it: of ${expected} instances ${parts.filter((part) => part !== '').join(', and ')}`,
    next: 'It is fetched again by itself. When it stays, repair or delete these instances in the archive.',
    details: { seriesInstanceUid: series.seriesInstanceUid, expected, lacking, vanished },
  });
}

function named(uids: readonly string[]): string {
  const more = uids.length > NAMED_INSTANCES ? ', …' : '';
  return `${uids.slice(0, NAMED_INSTANCES).join(', ')}${more}`;
}
