import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { loadSequences } from '../../src/config/index.ts';
import type { RuleSet } from '../../src/contracts/index.ts';
import { earlierResults } from '../../src/jobs/index.ts';
import { type DecidedStudy, openRecords, type Records } from '../../src/records/index.ts';
import { replay } from '../../src/replay/index.ts';
import { SERVICE, decided, queue, storeJob, toSave } from '../records/fixtures.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';

const SEQUENCES = join(import.meta.dirname, '..', '..', 'config', 'sequences.yaml');
const ONCE: RuleSet = {
  rules: [{ name: 'done', when: { earlier: 'demo' }, leave: 'it was done before' }],
};
let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
});
afterAll(async () => {
  await records?.close();
  await database?.drop();
});

/** A study of two series that was decided, the first series stored, then decided again; and the times between. */
async function decidedTwice() {
  const before = new Date();
  const { study, jobs } = await decided(records);
  const [job] = jobs;
  if (job === undefined) throw new Error('a job expected');
  const between = new Date();
  await storeJob(records, job.id);
  await records.decisions.saveDecision(SERVICE, toSave(study, 1, 2), queue().enqueue);
  return { study, before, between, after: new Date(Date.now() + 1000) };
}

async function withdrawAll(studyInstanceUid: string): Promise<void> {
  const results = (await records.withdrawals.recallable({})).filter(
    (one) => one.studyInstanceUid === studyInstanceUid,
  );
  expect(results).not.toHaveLength(0);
  await records.withdrawals.record(SERVICE, results, { reason: 'quality', text: 'test' });
}

async function earlierIn(from: Date, until: Date): Promise<unknown[]> {
  const seen: DecidedStudy[] = [];
  for await (const page of records.decisions.decided({ from, until })) seen.push(...page);
  return seen.map(({ earlier }) => JSON.parse(earlier ?? 'null') as unknown);
}

describe('earlier results', () => {
  it('are those that are stored and not withdrawn when a node decides', async () => {
    const { study } = await decidedTwice();
    const [first] = study.series;
    const { studyInstanceUid } = study;
    const ask = () => earlierResults(records, study, ONCE);
    expect(await ask()).toEqual([{ seriesInstanceUid: first?.seriesInstanceUid, model: 'demo' }]);
    expect(await earlierResults(records, study, { rules: [] })).toBeNull();
    expect(await earlierResults(records, { archive: 'other', studyInstanceUid }, ONCE)).toEqual([]);
    await withdrawAll(studyInstanceUid);
    expect(await ask()).toEqual([]);
  });

  it('are in a replay those of the time of the decision, whatever came later', async () => {
    const { study, before, between, after } = await decidedTwice();
    const result = { seriesInstanceUid: study.series[0]?.seriesInstanceUid, model: 'demo' };
    expect(await earlierIn(before, between)).toEqual([[]]);
    expect(await earlierIn(between, after)).toEqual([[result]]);
    await withdrawAll(study.studyInstanceUid);
    expect(await earlierIn(between, after)).toEqual([[result]]);
    await records.decisions.saveDecision(SERVICE, toSave(study, 1, 3), queue().enqueue);
    expect(await earlierIn(between, new Date(Date.now() + 1000))).toEqual([[]]);
  });

  it('answer the conditions of the rules that a replay tries', async () => {
    const { study, between, after } = await decidedTwice();
    const sequences = await loadSequences(SEQUENCES);
    const summary = await replay(records.decisions, {
      window: { from: between, until: after },
      by: {
        rules: ONCE,
        rulesVersion: 'tried',
        sequences: sequences.value,
        sequencesVersion: sequences.version,
      },
      examples: 5,
      threads: 1,
    });
    const examples = summary.groups.flatMap((group) => group.examples);
    const afterOf = (index: number): string | undefined =>
      examples.find(
        ({ seriesInstanceUid }) => seriesInstanceUid === study.series[index]?.seriesInstanceUid,
      )?.after;
    expect(afterOf(0)).toContain('it was done before');
    expect(afterOf(1)).toContain('no rule wants it');
  });
});
