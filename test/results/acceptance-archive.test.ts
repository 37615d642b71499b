import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createArchive, type Archive } from '../../src/archive/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import { encodeSeg } from '../../src/results/index.ts';
import { acceptanceCases } from '../support/acceptance.ts';
import {
  rawItems,
  rawTexts,
  rawValue,
  readRaw,
  type RawDataset,
} from '../support/dicom-objects.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { viewSegmentation } from '../support/viewer.ts';

/** Check 15 of dicom-seg-sr §4.2: a real archive, and the code that OHIF runs. */
const CASES = await acceptanceCases();
let orthanc: RunningOrthanc;
let archive: Archive;

beforeAll(async () => {
  orthanc = await startTestOrthanc();
  const { dicomWebUrl: url, username, password } = orthanc;
  archive = createArchive({ name: 'pacs', url, auth: { kind: 'basic', username, password } });
});

afterAll(async () => {
  await archive.close();
  await orthanc.stop();
});

/** A plain request, without our client. */
async function ask(path: string, accept: string): Promise<Response> {
  const credentials = Buffer.from(`${orthanc.username}:${orthanc.password}`).toString('base64');
  const response = await fetch(`${orthanc.dicomWebUrl}/${path}`, {
    headers: { accept, authorization: `Basic ${credentials}` },
  });
  expect(response.status).toBe(200);
  return response;
}

/** The one part of a multipart answer. */
async function onlyPart(response: Response): Promise<Uint8Array> {
  const body = Buffer.from(await response.arrayBuffer());
  const start = body.indexOf('\r\n\r\n') + 4;
  const boundary = body.subarray(0, body.indexOf('\r\n'));
  return new Uint8Array(body.subarray(start, body.indexOf(boundary, start) - 2));
}

function pixelsOf(dataset: RawDataset): Buffer | null {
  const stored = rawValue(dataset, '7FE00010');
  if (stored === undefined) return null;
  return Buffer.from(stored instanceof Uint8Array ? stored : new Uint8Array(stored as ArrayBuffer));
}

describe.each(CASES)('15. the results on $name', ({ volume, labels, input, seg, sr }) => {
  it('are stored, found by study, and come back with the same pixels', async () => {
    const outcome = await archive.store([seg, sr]);
    expect(outcome.instances.map(({ state }) => state)).toEqual(['stored', 'stored']);
    const study = `studies/${seg.studyInstanceUid}`;
    const rows = (await (
      await ask(`${study}/instances`, 'application/dicom+json')
    ).json()) as Record<string, { Value?: unknown[] }>[];
    const found = rows.map((row) => row['00080018']?.Value?.[0]);
    expect(found).toEqual(expect.arrayContaining([seg.sopInstanceUid, sr.sopInstanceUid]));
    for (const sent of [seg, sr]) {
      const path = `${study}/series/${sent.seriesInstanceUid}/instances/${sent.sopInstanceUid}`;
      const answer = await ask(
        path,
        'multipart/related; type="application/dicom"; transfer-syntax=*',
      );
      const returned = readRaw(await onlyPart(answer));
      expect(rawTexts(returned, '00080018')).toEqual([sent.sopInstanceUid]);
      expect(pixelsOf(returned)).toEqual(pixelsOf(readRaw(sent.bytes)));
    }
    expect(pixelsOf(readRaw(seg.bytes))).not.toBeNull();
  });

  it('give the viewer 40 segments with our labels, colours and voxels', async () => {
    const [, rows, columns] = volume.shape;
    // Viewers misread BINARY frames that do not fill whole bytes (dicom-seg-sr §1.6).
    const encoding = (rows * columns) % 16 === 0 ? 'BINARY' : 'LABELMAP';
    const { bytes } = encodeSeg({ ...input, encoding });
    const viewed = await viewSegmentation(bytes, volume);
    const written = rawItems(readRaw(bytes), '00620002');
    const described = written.filter((item) => Number(rawValue(item, '00620004')) > 0);
    expect(described).toHaveLength(40);
    expect(viewed.segments.filter(({ number }) => number > 0)).toEqual(
      described.map((item) => ({
        number: rawValue(item, '00620004'),
        label: rawTexts(item, '00620005')[0],
      })),
    );
    expect(viewed.cielab.map((colour) => [...colour])).toEqual(
      written.map((item) => item['0062000D']?.Value),
    );
    const area = rows * columns;
    for (const [slice, numbers] of viewed.slices.entries()) {
      const wanted = labels.voxels.subarray(slice * area, (slice + 1) * area);
      expect(Buffer.compare(numbers, wanted)).toBe(0);
    }
  });
});
