import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createArchive, type Archive } from '../../src/archive/index.ts';
import { startOrthanc, type RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import { collect, sendable } from '../support/archive-under-test.ts';
import { makeSeries } from '../support/dicom.ts';

/** Large enough that it cannot wait in the buffers of a connection. */
const series = makeSeries({ seed: 'outage', slices: 20, rows: 768, columns: 768 });
let stateDir: string;
let orthanc: RunningOrthanc;
let archive: Archive;

beforeAll(async () => {
  stateDir = await mkdtemp(join(tmpdir(), 'situs-outage-'));
  orthanc = await startOrthanc({ stateDir });
  archive = createArchive({
    name: 'main',
    url: orthanc.dicomWebUrl,
    auth: { kind: 'basic', username: orthanc.username, password: orthanc.password },
    limits: { requestsPerSecond: 1000 },
  });
  await archive.store(sendable(series));
});

afterAll(async () => {
  await archive.close();
  await orthanc.stop();
  await rm(stateDir, { recursive: true, force: true });
});

describe('an archive that dies', () => {
  it('in the middle of an answer leaves a typed error, and everything after it comes back', async () => {
    const fetching = async () => {
      let count = 0;
      for await (const { sopInstanceUid } of archive.fetchSeries(series)) {
        expect(sopInstanceUid).not.toBe('');
        count += 1;
        if (count === 1) process.kill(orthanc.pid, 'SIGKILL');
      }
      return count;
    };
    await expect(fetching()).rejects.toMatchObject({
      code: 'ARCHIVE_UNREACHABLE',
      errorClass: 'retry',
      origin: 'archive',
    });
    await orthanc.ended.catch(() => undefined);
    orthanc = await startOrthanc({ stateDir });
    await archive.probe();
    const got = await collect(archive.fetchSeries(series));
    expect(got.map((one) => one.sopInstanceUid).sort()).toEqual(
      series.instances.map((one) => one.sopInstanceUid).sort(),
    );
  });
});
