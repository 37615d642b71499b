import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { phantomSeries } from '../../src/demo/index.ts';
import { openRecords } from '../../src/records/index.ts';
import { startNodeProcess } from '../support/node-process.ts';
import { startTestOrthanc } from '../support/orthanc.ts';
import { testDatabase } from '../support/postgres.ts';
import { finished, makeSite, type Site } from '../support/site.ts';
import { compareWithLabels, heldResults } from '../support/stored-results.ts';
import { gateWrites, type GatedWrite } from '../support/write-gate.ts';

/** Where the node is killed: the last write of each step's work is held back, then the process ends. */
const MOMENTS: readonly (GatedWrite & { readonly moment: string })[] = [
  {
    moment: 'fetch: the images are there, the step is not recorded',
    table: 'job_step',
    event: 'UPDATE',
    when: `NEW.step = 'fetch' AND NEW.state = 'done'`,
  },
  {
    moment: 'segment: the labels are made and not saved',
    table: 'job_labels',
    event: 'INSERT',
    when: 'true',
  },
  {
    moment: 'measure: some findings are written',
    table: 'gate_verdict',
    event: 'INSERT',
    when: 'true',
  },
  {
    moment: 'encode: the objects are made, their UIDs are not fixed',
    table: 'job',
    event: 'UPDATE',
    when: 'OLD.encoding IS NULL AND NEW.encoding IS NOT NULL',
  },
  {
    moment: 'store: SEG and SR are in the archive, the SR is not recorded',
    table: 'result',
    event: 'INSERT',
    when: `NEW.kind = 'SR' AND NOT NEW.verified`,
  },
  {
    moment: 'verify: the SEG is read back and not recorded',
    table: 'result',
    event: 'INSERT',
    when: `NEW.kind = 'SEG' AND NEW.verified`,
  },
  {
    moment: 'the end: every step is done, the job is not',
    table: 'job',
    event: 'UPDATE',
    when: `NEW.state = 'stored'`,
  },
];
const AT_ONCE = 3;
const SECONDS = 240;

interface Outcome {
  readonly results: readonly [number, number];
  readonly study: string;
  readonly runs: number;
  readonly different: number;
  readonly audit: boolean;
  readonly verified: boolean;
  readonly resumedSeconds: number;
}

async function killAt(write: GatedWrite, seed: number): Promise<Outcome> {
  const [orthanc, database] = await Promise.all([startTestOrthanc(), testDatabase()]);
  const gate = await gateWrites(database.url, write);
  const site = await makeSite({ orthanc, databaseUrl: database.url });
  let node = startNodeProcess(site);
  try {
    const source = phantomSeries({
      seed,
      kind: 'haste',
      phantomSpacing: 6,
      pixel: 6,
      sliceSpacing: 12,
    });
    const { studyInstanceUid } = source;
    await site.archive.store(source.files.map((file) => ({ studyInstanceUid, ...file })));
    await gate.reached(SECONDS);
    await node.kill();
    await gate.open();
    node = startNodeProcess(site);
    const restarted = performance.now();
    return await outcomeOf(site, database.url, studyInstanceUid, restarted);
  } catch (error) {
    const log = await node.log();
    throw new Error(`${String(error)}\n${log.slice(-3000)}`, { cause: error });
  } finally {
    await node.kill();
    await gate.open();
    await site.remove();
    await Promise.all([orthanc.stop(), database.drop()]);
  }
}

async function outcomeOf(
  site: Site,
  databaseUrl: string,
  studyInstanceUid: string,
  restarted: number,
): Promise<Outcome> {
  const records = await openRecords(databaseUrl);
  try {
    const study = await finished({ records }, studyInstanceUid, SECONDS);
    const resumedSeconds = (performance.now() - restarted) / 1000;
    const { segs, srs } = await heldResults(site.archive, studyInstanceUid);
    const [job] = study.jobs;
    const [seg] = segs;
    if (job === undefined || seg === undefined) throw new Error('there is no job or no SEG');
    const { different } = await compareWithLabels(site.archive, records, job, seg.bytes);
    return {
      results: [segs.length, srs.length],
      study: study.outcome,
      runs: study.jobs.length,
      different,
      audit: (await records.audit.verify()).intact,
      verified: job.results.length === 2 && job.results.every((result) => result.verified),
      resumedSeconds,
    };
  } finally {
    await records.close();
  }
}

describe('a node that is killed and started again', () => {
  const outcomes = new Map<string, Promise<Outcome>>();

  beforeAll(() => {
    const free = Array.from({ length: AT_ONCE }, () => Promise.resolve());
    MOMENTS.forEach((write, index) => {
      const lane = index % AT_ONCE;
      const before = free[lane] ?? Promise.resolve();
      const outcome = before.then(() => killAt(write, 60 + index));
      outcomes.set(write.moment, outcome);
      free[lane] = outcome.then(
        () => undefined,
        () => undefined,
      );
    });
  });

  afterAll(() => Promise.allSettled(outcomes.values()));

  it.each(MOMENTS.map(({ moment }) => moment))(
    'ends with exactly one SEG and one SR: %s',
    async (moment) => {
      const { resumedSeconds, ...outcome } = (await outcomes.get(moment)) ?? {};
      if (process.env['SITUS_TEST_FIGURES'] === '1') console.info(moment, resumedSeconds);
      expect(outcome).toEqual({
        results: [1, 1],
        study: 'stored',
        runs: 1,
        different: 0,
        audit: true,
        verified: true,
      });
    },
    3 * SECONDS * 1000,
  );
});
