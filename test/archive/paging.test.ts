import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Archive, StudyQuery } from '../../src/archive/index.ts';
import { archiveAt, collect, instanceRows } from '../support/archive-under-test.ts';
import { fakeClock } from '../support/fake-clock.ts';
import { sendJson, startFaultServer, type FaultServer } from '../support/fault-server.ts';

interface Row {
  readonly uid: string;
  readonly date?: string;
  readonly modalities?: readonly string[];
}

const all: StudyQuery = { modalities: [] };
const many: Row[] = Array.from({ length: 35 }, (_unused, index) => ({ uid: `1.2.${index + 1}` }));
const uidsOf = (rows: readonly Row[]) => rows.map(({ uid }) => uid).sort();

let server: FaultServer;
let archive: Archive;

beforeEach(async () => {
  server = await startFaultServer();
  archive = archiveAt(server.url, { pageSize: 10 }, fakeClock());
});

afterEach(async () => {
  await archive.close();
  await server.close();
});

function studies(rows: readonly Row[]) {
  return rows.map(({ uid, date, modalities }) => ({
    '0020000d': { vr: 'UI', Value: [uid] },
    ...(date === undefined ? {} : { '00080020': { vr: 'DA', Value: [date] } }),
    ...(modalities === undefined ? {} : { '00080061': { vr: 'CS', Value: modalities } }),
  }));
}

function serve(
  rows: () => readonly Row[],
  page: (offset: number, limit: number) => [number, number],
) {
  server.handle(({ query }, response) => {
    const [from, to] = page(Number(query.get('offset')), Number(query.get('limit')));
    sendJson(response, studies(rows().slice(from, to)));
  });
}

async function found(query: StudyQuery = all): Promise<string[]> {
  return (await collect(archive.searchStudies(query))).map((row) => row.studyInstanceUid).sort();
}

describe('paging', () => {
  it('brings every row once', async () => {
    serve(
      () => many,
      (offset, limit) => [offset, offset + limit],
    );
    expect(await found()).toEqual(uidsOf(many));
    expect(server.received.map(({ query }) => query.get('offset'))).toEqual([
      '0',
      '10',
      '20',
      '30',
      '35',
    ]);
  });

  it('goes on after short pages of a server that caps the limit', async () => {
    serve(
      () => many,
      (offset) => [offset, offset + 3],
    );
    expect(await found()).toEqual(uidsOf(many));
  });

  it('ends with a server that ignores the offset', async () => {
    serve(
      () => many,
      (_offset, limit) => [0, limit],
    );
    expect(await found()).toEqual(uidsOf(many.slice(0, 10)));
    expect(server.received).toHaveLength(2);
  });

  it('ends with a server that ignores both', async () => {
    serve(
      () => many,
      () => [0, 1000],
    );
    expect(await found()).toEqual(uidsOf(many));
  });

  it('shows no row twice when a study arrives between two pages', async () => {
    const rows = [...many];
    serve(
      () => rows,
      (offset, limit) => {
        if (offset === 20) rows.unshift({ uid: '1.2.999' });
        return [offset, offset + limit];
      },
    );
    const uids = await found();
    expect(new Set(uids).size).toBe(uids.length);
    expect(uids).toEqual(expect.arrayContaining(uidsOf(many)));
  });

  it('takes 204 for an empty page', async () => {
    server.handle((_request, response) => void response.writeHead(204).end());
    expect(await found()).toEqual([]);
    expect(await archive.listStudy('1.2.3')).toBeNull();
  });

  it('lists instances of a series in pages that every server allows', async () => {
    const uids = Array.from({ length: 450 }, (_unused, index) => `1.3.${index}`);
    server.handle(({ query }, response) => sendJson(response, instanceRows(uids, query)));
    const place = { studyInstanceUid: '1.2', seriesInstanceUid: '1.3' };
    expect(await archive.listInstances(place)).toEqual([...uids].sort());
    expect(new Set(server.received.map(({ query }) => query.get('limit')))).toEqual(
      new Set(['200']),
    );
  });

  it('saves the look behind the end only where count and short page agree', async () => {
    const series = (said: number) => ({
      '0020000E': { vr: 'UI', Value: ['1.3'] },
      '00201209': { vr: 'IS', Value: [said] },
    });
    const looks = async (said: number, capped: number) => {
      const uids = Array.from({ length: 5 }, (_unused, index) => `1.4.${index}`);
      server.received.length = 0;
      server.handle(({ path, query }, response) => {
        const isFirst = query.get('offset') === '0';
        query.set('limit', String(capped));
        if (path.includes('/instances')) sendJson(response, instanceRows(uids, query));
        else if (path.includes('/series')) sendJson(response, isFirst ? [series(said)] : []);
        else sendJson(response, isFirst ? studies([{ uid: '1.2' }]) : []);
      });
      const listing = await archive.listStudy('1.2');
      expect(listing?.series[0]?.sopInstanceUids).toEqual(uids);
      return server.received.filter(({ path }) => path.includes('/instances')).length;
    };
    expect(await looks(5, 200)).toBe(1);
    expect(await looks(4, 200)).toBe(2);
    expect(await looks(7, 3)).toBe(3);
  });

  it('finds an instance on a later page of a server that ignores the key', async () => {
    const uids = Array.from({ length: 450 }, (_unused, index) => `1.3.${index}`);
    server.handle(({ query }, response) => {
      query.delete('SOPInstanceUID');
      sendJson(response, instanceRows(uids, query));
    });
    const place = { studyInstanceUid: '1.2', seriesInstanceUid: '1.3' };
    expect(await archive.has({ ...place, sopInstanceUid: '1.3.449' })).toBe(true);
    expect(await archive.has({ ...place, sopInstanceUid: '1.3.450' })).toBe(false);
  });
});

describe('rows that contradict the query', () => {
  it('are left out, those that do not say are kept', async () => {
    const rows: Row[] = [
      { uid: '1.1', date: '20240105', modalities: ['CT', 'SR'] },
      { uid: '1.2', date: '20240105', modalities: ['US'] },
      { uid: '1.3', date: '20231231', modalities: ['CT'] },
      { uid: '1.4', date: '2024.01.02', modalities: ['MR'] },
      { uid: '1.5', date: '20240106', modalities: ['MR'] },
      { uid: '1.6', modalities: ['MR'] },
      { uid: '1.7', date: '20240101' },
      { uid: '../etc', date: '20240101' },
    ];
    serve(
      () => rows,
      (offset, limit) => [offset, offset + limit],
    );
    const query = { modalities: ['CT', 'MR'], studyDateFrom: '20240101', studyDateTo: '20240105' };
    expect(await found(query)).toEqual(['1.1', '1.4', '1.6', '1.7']);
    const asked = server.received.map(({ query: sent }) => sent.get('ModalitiesInStudy'));
    expect(new Set(asked)).toEqual(new Set(['CT', 'MR']));
    expect(server.received[0]?.query.get('StudyDate')).toBe('20240101-20240105');
  });

  it('of another study are not listed', async () => {
    serve(
      () => many,
      (offset, limit) => [offset, offset + limit],
    );
    expect(await archive.listStudy('9.9.9')).toBeNull();
  });
});

describe('untrusted rows', () => {
  it('lose what breaks the DICOM JSON model and keep the rest', async () => {
    let deep: object = { '00080018': { vr: 'UI', Value: ['1'] } };
    for (let level = 0; level < 100; level += 1) deep = { '00081199': { vr: 'SQ', Value: [deep] } };
    const row = {
      '0020000D': { vr: 'UI', Value: ['1.2.3\0'] },
      '00081030': { vr: 'LO', Value: 'no array' },
      '00201208': { vr: 'IS', Value: ['12'] },
      '00201206': { vr: 'IS', Value: ['many'] },
      '00080061': { vr: 'CS', Value: ['CT\\MR', 7, null] },
      '00081199': { vr: 'SQ', Value: [deep, 'no item'] },
      nonsense: { vr: 'LO', Value: ['x'] },
      '00080005': 'no element',
    };
    server.handle(({ query }, response) =>
      sendJson(response, query.get('offset') === '0' ? [row] : []),
    );
    const [study] = await collect(archive.searchStudies(all));
    expect(study).toMatchObject({
      studyInstanceUid: '1.2.3',
      studyDescription: null,
      instanceCount: 12,
      seriesCount: null,
      modalities: ['CT', 'MR'],
    });
    expect(Object.keys(study?.attributes ?? {}).sort()).toEqual(
      ['0020000D', '00080061', '00081030', '00081199', '00201206', '00201208'].sort(),
    );
    expect(JSON.stringify(study?.attributes).length).toBeLessThan(3000);
  });
});
