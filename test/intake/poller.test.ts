import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { Archive } from '../../src/archive/index.ts';
import type { RunningOrthanc } from '../../src/demo/services/orthanc.ts';
import { startPoller, type Poller, type PollReport } from '../../src/intake/index.ts';
import { openRecords, type Records } from '../../src/records/index.ts';
import { archiveAt, sendable } from '../support/archive-under-test.ts';
import { makeSeries } from '../support/dicom.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { eventually } from '../support/site.ts';

/** On the 29th of February: never during a test. */
const NEVER = '0 0 29 2 *';
const quiet = { info: () => {}, warn: () => {}, error: () => {}, debug: () => {} };

describe('pollers', () => {
  let orthanc: RunningOrthanc;
  let database: TestDatabase;
  let records: Records;
  let archive: Archive;
  const running: Poller[] = [];

  beforeAll(async () => {
    [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
    records = await openRecords(database.url);
    archive = archiveAt(orthanc.baseUrl, {
      name: 'main',
      auth: { kind: 'basic', username: orthanc.username, password: orthanc.password },
      orthanc: { url: orthanc.baseUrl },
    });
  }, 120_000);

  afterEach(async () => {
    for (const poller of running.splice(0)) await poller.stop();
  });

  afterAll(async () => {
    await archive?.close();
    await records?.close();
    await Promise.all([orthanc?.stop(), database?.drop()]);
  });

  function poller(owner: string, afterPoll: () => Promise<void> = () => Promise.resolve()) {
    const reports: PollReport[] = [];
    const errors: string[] = [];
    const made = startPoller({
      archive,
      records,
      actor: { kind: 'service', name: 'intake', host: owner },
      settings: { modalities: ['MR'], settleSeconds: 0, lookbackDays: 7 },
      now: () => new Date(),
      schedule: NEVER,
      sweepSchedule: NEVER,
      owner,
      afterPoll,
      onReport: (report) => reports.push(report),
      onError: (error) => errors.push(error.code),
      cronLog: quiet,
    });
    running.push(made);
    return { ...made, reports, errors };
  }

  it('of several nodes one polls at a time, and another takes its place when it stops', async () => {
    const { promise: held, resolve: release } = Promise.withResolvers<void>();
    const { promise: inside, resolve: entered } = Promise.withResolvers<void>();
    const first = poller('node-a', () => {
      entered();
      return held;
    });
    const second = poller('node-b');
    const polling = first.pollNow();
    await inside;
    await second.pollNow();
    expect([first.reports.length, second.reports.length]).toEqual([1, 0]);
    release();
    await polling;
    await second.pollNow();
    expect(second.reports).toHaveLength(1);
    expect([...first.errors, ...second.errors]).toEqual([]);
  });

  it('looks at a study as soon as the change log names it, without searching the archive', async () => {
    const one = poller('node-c');
    await eventually('the feed has its cursor', () => records.intake.cursor('main'));
    const series = makeSeries({ studySeed: 'feed', seed: 'feed', slices: 2 });
    await archive.store(sendable(series));
    await eventually('the study is seen', () =>
      records.queries.studyDetail(series.studyInstanceUid),
    );
    expect(one.errors).toEqual([]);
  });

  it('reports an error of the work after a poll, and polls again', async () => {
    let fails = true;
    const one = poller('node-d', () =>
      fails ? Promise.reject(new Error('broken')) : Promise.resolve(),
    );
    await one.pollNow();
    expect(one.errors).toEqual(['INTERNAL']);
    fails = false;
    await one.pollNow();
    expect(one.errors).toHaveLength(1);
  });
});
