import {
  createArchive,
  type Archive,
  type ArchiveConfig,
  type Clock,
} from '../../src/archive/index.ts';
import type { TestSeries } from './dicom.ts';
import { multipartBody, sendJson, type Handler } from './fault-server.ts';

/** An archive at a test's server, in a hurry: limits and waits are those of tests. */
export function archiveAt(url: string, more: Partial<ArchiveConfig> = {}, clock?: Clock): Archive {
  return createArchive(
    {
      name: 'faulty',
      url: `${url}/dicom-web`,
      auth: { kind: 'none' },
      limits: { requestsPerSecond: 1000 },
      ...more,
    },
    clock,
  );
}

/** Series of a test as STOW takes them. */
export function sendable(series: TestSeries) {
  const { studyInstanceUid, seriesInstanceUid } = series;
  return series.instances.map(({ sopInstanceUid, bytes }) => ({
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid,
    bytes,
  }));
}

export async function collect<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** Rows of an instance search, with paging as it should be. */
export function instanceRows(uids: readonly string[], query: URLSearchParams) {
  const offset = Number(query.get('offset') ?? 0);
  const only = query.get('SOPInstanceUID');
  return uids
    .filter((uid) => only === null || uid === only)
    .slice(offset, offset + Number(query.get('limit') ?? 1000))
    .map((uid) => ({ '00080018': { vr: 'UI', Value: [uid] } }));
}

/**
 * A right server for one series: instance search, the series, single instances. A test puts its fault
 * before it.
 */
export function serveSeries(series: TestSeries): Handler {
  const files = new Map(series.instances.map((one) => [one.sopInstanceUid, one.bytes]));
  return (request, response) => {
    const [path = ''] = request.path.split('?');
    const [, sopInstanceUid] = /\/instances\/([\d.]+)$/.exec(path) ?? [];
    if (path.endsWith('/instances')) {
      sendJson(response, instanceRows([...files.keys()], request.query));
      return;
    }
    const wanted =
      sopInstanceUid === undefined
        ? [...files.values()]
        : [files.get(sopInstanceUid)].flatMap((file) => file ?? []);
    if (wanted.length === 0) {
      response.writeHead(404).end();
      return;
    }
    const type = 'multipart/related; type="application/dicom"; boundary="a=b c"';
    response.writeHead(200, { 'Content-Type': type });
    response.end(multipartBody('a=b c', wanted));
  };
}
