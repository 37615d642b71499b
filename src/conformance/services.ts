import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createArchive, type Archive } from '../archive/index.ts';
import { fault } from '../contracts/index.ts';

/** What an archive is asked for one purpose. */
export interface ServiceUse {
  readonly purpose: string;
  readonly requests: readonly RecordedRequest[];
}

/** A request as it went over the wire, with placeholders for what differs from call to call. */
export interface RecordedRequest {
  readonly method: string;
  /** Below the DICOMweb base; `{study}`, `{series}`, `{instance}` stand for UIDs. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

const STUDY = '1.2.3.1';
const SERIES = '1.2.3.2';
const SHOWN_HEADERS = ['accept', 'content-type'];
const BASE = '/dicom-web';

/**
 * Every request that Situs has for an archive, by letting its client talk to a server on this host
 * that writes down what it is asked and answers as an archive with one study would.
 * @param instance a DICOM file that the server has.
 */
export async function recordServices(
  instance: Uint8Array,
  sopInstanceUid: string,
): Promise<ServiceUse[]> {
  let heard: RecordedRequest[] = [];
  const server = createServer((request, response) => {
    heard.push(recorded(request, sopInstanceUid));
    request.resume().on('end', () => answer(request, response, instance, sopInstanceUid));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') {
    throw fault('NO_PORT', 'The recording server has no port.');
  }
  const archive = createArchive({
    name: 'conformance',
    url: `http://127.0.0.1:${address.port}${BASE}`,
    auth: { kind: 'none' },
    limits: { requestsPerSecond: 1_000 },
  });
  try {
    const uses: ServiceUse[] = [];
    for (const [purpose, use] of Object.entries(usesOf(archive, instance, sopInstanceUid))) {
      heard = [];
      await use();
      uses.push({ purpose, requests: distinct(heard) });
    }
    return uses;
  } finally {
    await archive.close();
    server.close();
    server.closeAllConnections();
  }
}

function usesOf(
  archive: Archive,
  bytes: Uint8Array,
  sopInstanceUid: string,
): Readonly<Record<string, () => Promise<unknown>>> {
  const series = { studyInstanceUid: STUDY, seriesInstanceUid: SERIES };
  const place = { ...series, sopInstanceUid };
  return {
    'Find studies by modality and date (QIDO-RS)': () =>
      drain(
        archive.searchStudies({
          modalities: ['CT'],
          studyDateFrom: '20240101',
          studyDateTo: '20240131',
        }),
      ),
    'List the series and instances of a study (QIDO-RS)': () => archive.listStudy(STUDY),
    'Read the headers of a series (WADO-RS metadata)': () => archive.seriesMetadata(series),
    'Retrieve a series (WADO-RS)': () => drain(archive.fetchSeries(series)),
    'Retrieve an instance (WADO-RS)': () => archive.retrieveInstance(place),
    'Look whether an instance is there (QIDO-RS)': () => archive.has(place),
    'Store results and see whether they arrived (STOW-RS, QIDO-RS)': () =>
      archive.store([{ ...place, bytes }]),
    'Follow changes of an Orthanc (its own API, no DICOM)': () => archive.changes(0),
  };
}

async function drain(rows: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const row of rows) count += row === undefined ? 0 : 1;
  return count;
}

function recorded(request: IncomingMessage, sopInstanceUid: string): RecordedRequest {
  const path = (request.url ?? '')
    .replace(BASE, '')
    .replaceAll(sopInstanceUid, '{instance}')
    .replaceAll(SERIES, '{series}')
    .replaceAll(STUDY, '{study}')
    .replace(/offset=\d+/, 'offset={offset}');
  const headers: Record<string, string> = {};
  for (const name of SHOWN_HEADERS) {
    const value = request.headers[name];
    if (typeof value !== 'string') continue;
    headers[name] = value.replace(/boundary=[^;]+/, 'boundary={boundary}');
  }
  return { method: request.method ?? '', path, headers };
}

function distinct(requests: readonly RecordedRequest[]): RecordedRequest[] {
  return [...new Map(requests.map((one) => [JSON.stringify(one), one])).values()];
}

function answer(
  { method, url = '' }: IncomingMessage,
  response: ServerResponse,
  instance: Uint8Array,
  sopInstanceUid: string,
): void {
  const path = url.split('?')[0] ?? '';
  const uid = (tag: string, value: string) => ({ [tag]: { vr: 'UI', Value: [value] } });
  const json = (body: unknown): void => {
    response.setHeader('content-type', 'application/dicom+json');
    response.end(JSON.stringify(body));
  };
  if (method === 'POST') {
    json({ '00081199': { vr: 'SQ', Value: [uid('00081155', sopInstanceUid)] } });
  } else if (path === '/system') json({ ApiVersion: 1, Version: '1' });
  else if (path === '/changes') json({ Changes: [], Last: 0, Done: true });
  else if (path.endsWith('/studies')) json([uid('0020000D', STUDY)]);
  else if (path.endsWith('/series')) json([uid('0020000E', SERIES)]);
  else if (path.endsWith('/instances')) json([uid('00080018', sopInstanceUid)]);
  else if (path.endsWith('/metadata')) json([uid('00080018', sopInstanceUid)]);
  else {
    response.setHeader('content-type', 'application/dicom');
    response.end(instance);
  }
}
