/** QIDO-RS, metadata and STOW-RS by dicomweb-client, with typed errors and checked answers. */
import dicomweb from 'dicomweb-client';
import type { DicomJson } from '../contracts/index.ts';
import { dataSets } from './data-sets.ts';
import { badAnswer } from './errors.ts';
import type { RequestKind } from './manners.ts';
import { patiently } from './patience.ts';
import { refusal, type Answer, type Transport } from './transport.ts';
import type { SeriesPlace } from './types.ts';
import { ArchiveXhr } from './xhr.ts';

export type QueryParameters = Readonly<Record<string, string | number>>;

/** What a server said to a STOW-RS request. */
export interface StowAnswer {
  readonly answer: Pick<Answer, 'asked' | 'status' | 'header'>;
  /** The store instances response (PS3.18 I.2.2); null when there is none that can be read. */
  readonly body: DicomJson | null;
}

export interface DicomWeb {
  searchStudies(query: QueryParameters, signal?: AbortSignal): Promise<DicomJson[]>;
  searchSeries(study: string, query: QueryParameters, signal?: AbortSignal): Promise<DicomJson[]>;
  searchInstances(
    series: SeriesPlace,
    query: QueryParameters,
    signal?: AbortSignal,
  ): Promise<DicomJson[]>;
  seriesMetadata(series: SeriesPlace, signal?: AbortSignal): Promise<DicomJson[]>;
  /** Any status is an answer here, for it does not tell what was stored; throws without an answer. */
  storeInstances(files: readonly Uint8Array[], signal?: AbortSignal): Promise<StowAnswer>;
}

/** How the client takes a request of ours. */
interface ClientRequest {
  readonly instance: ArchiveXhr;
  readonly responseType?: string;
}

interface ClientSeries {
  readonly studyInstanceUID: string;
  readonly seriesInstanceUID: string;
}

/** What is used of dicomweb-client; its own types have promises and request options wrong. */
interface Client {
  searchForStudies(options: {
    readonly queryParams: QueryParameters;
    readonly request: ClientRequest;
  }): Promise<unknown>;
  searchForSeries(options: {
    readonly studyInstanceUID: string;
    readonly queryParams: QueryParameters;
    readonly request: ClientRequest;
  }): Promise<unknown>;
  searchForInstances(
    options: ClientSeries & {
      readonly queryParams: QueryParameters;
      readonly request: ClientRequest;
    },
  ): Promise<unknown>;
  retrieveSeriesMetadata(
    options: ClientSeries & { readonly request: ClientRequest },
  ): Promise<unknown>;
  /** Copies each data set by `new Uint8Array(…)`, so views are as good as buffers. */
  storeInstances(options: {
    readonly datasets: readonly Uint8Array[];
    readonly request: ClientRequest;
  }): Promise<unknown>;
}

type Run = (request: ClientRequest) => Promise<unknown>;

const DICOM_JSON = 'application/dicom+json';

export function createDicomWeb(transport: Transport): DicomWeb {
  const { settings } = transport;
  const client = new dicomweb.api.DICOMwebClient({
    url: settings.url,
    singlepart: false,
    verbose: false,
  }) as unknown as Client;

  function xhr(kind: RequestKind, signal: AbortSignal | undefined): ArchiveXhr {
    const defaultHeaders = { accept: DICOM_JSON };
    return new ArchiveXhr(transport, {
      kind,
      signal,
      limit: settings.limits.jsonBytes,
      defaultHeaders,
    });
  }

  /** Runs one call of the client and gives what it answers as data sets. */
  function ask(run: Run, signal: AbortSignal | undefined): Promise<DicomJson[]> {
    return patiently(transport.clock, signal, () => askOnce(run, signal));
  }

  async function askOnce(run: Run, signal?: AbortSignal): Promise<DicomJson[]> {
    const request = xhr('search', signal);
    const result = await run({ instance: request }).catch((error: unknown) => {
      throw reason(request, error);
    });
    const { answer } = request;
    if (answer === null) throw reason(request, new Error('no answer'));
    if (request.failure !== null) throw reason(request, request.failure);
    transport.manners.succeeded();
    if (answer.status === 204) return [];
    const rows = dataSets(result);
    if (rows === null) {
      throw badAnswer(answer.asked, answer.status, 'answered with something that is no DICOM JSON');
    }
    return rows;
  }

  /** The typed error behind what the client threw. */
  function reason(request: ArchiveXhr, thrown: unknown): unknown {
    if (request.failure !== null) return request.failure;
    return request.answer === null ? thrown : refusal(transport, request.answer);
  }

  return {
    searchStudies: (queryParams, signal) =>
      ask((request) => client.searchForStudies({ queryParams, request }), signal),
    searchSeries: (studyInstanceUID, queryParams, signal) =>
      ask((request) => client.searchForSeries({ studyInstanceUID, queryParams, request }), signal),
    searchInstances: ({ studyInstanceUid, seriesInstanceUid }, queryParams, signal) =>
      ask(
        (request) =>
          client.searchForInstances({
            studyInstanceUID: studyInstanceUid,
            seriesInstanceUID: seriesInstanceUid,
            queryParams,
            request,
          }),
        signal,
      ),
    seriesMetadata: ({ studyInstanceUid, seriesInstanceUid }, signal) =>
      ask(
        (request) =>
          client.retrieveSeriesMetadata({
            studyInstanceUID: studyInstanceUid,
            seriesInstanceUID: seriesInstanceUid,
            request,
          }),
        signal,
      ),
    async storeInstances(files, signal) {
      const request = xhr('transfer', signal);
      await client
        .storeInstances({ datasets: files, request: { instance: request, responseType: 'json' } })
        .catch((error: unknown) => {
          if (request.failure !== null || request.answer === null) throw reason(request, error);
        });
      if (request.answer === null || request.failure !== null) {
        throw reason(request, new Error('no answer'));
      }
      return { answer: request.answer, body: dataSets(request.response)?.[0] ?? null };
    },
  };
}
