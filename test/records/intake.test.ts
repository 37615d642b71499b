import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { refuse } from '../../src/contracts/index.ts';
import { type Records, openRecords } from '../../src/records/index.ts';
import { modelCardOf } from '../support/model-card.ts';
import { type TestDatabase, testDatabase } from '../support/postgres.ts';
import { ADMIN, SERVICE, sql } from './fixtures.ts';

let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  database = await testDatabase();
  records = await openRecords(database.url);
});
afterAll(async () => {
  await records.close();
  await database.drop();
});

describe('cursors and looks', () => {
  it('come back as they were saved', async () => {
    expect(await records.intake.cursor('main')).toBeNull();
    await records.intake.saveCursor(SERVICE, 'main', { last: 41 });
    await records.intake.saveCursor(SERVICE, 'main', { last: 42, seen: ['1.2'] });
    expect(await records.intake.cursor('main')).toEqual({ last: 42, seen: ['1.2'] });
  });

  it('remember each study until it is dropped', async () => {
    const look = { fingerprint: 'f', since: '2026-03-01T10:00:00.123Z', looks: 1, row: '2/30' };
    await records.intake.saveLook(SERVICE, 'main', '1.2', { ...look, row: null });
    await records.intake.saveLook(SERVICE, 'main', '1.2', { ...look, looks: 2 });
    await records.intake.saveLook(SERVICE, 'other', '1.2', look);
    expect(await records.intake.look('main', '1.2')).toEqual({ ...look, looks: 2 });
    expect(await records.intake.looks('main')).toEqual([
      { ...look, looks: 2, studyInstanceUid: '1.2' },
    ]);
    await records.intake.dropLook(SERVICE, 'main', '1.2');
    expect(await records.intake.look('main', '1.2')).toBeNull();
    expect(await records.intake.look('other', '1.2')).toEqual(look);
  });
});

describe('leases', () => {
  it('belong to one owner at a time, whoever asks at once', async () => {
    const owners = Array.from({ length: 8 }, (_, index) => `host:${index}`);
    const taken = await Promise.all(
      owners.map((owner) => records.intake.acquireLease('race', owner, 60)),
    );
    expect(taken.filter(Boolean)).toHaveLength(1);
  });

  it('are renewed by their owner, and free again when released or over', async () => {
    expect(await records.intake.acquireLease('poller', 'a', 60)).toBe(true);
    expect(await records.intake.acquireLease('poller', 'a', 60)).toBe(true);
    expect(await records.intake.renewLease('poller', 'a', 60)).toBe(true);
    expect(await records.intake.acquireLease('poller', 'b', 60)).toBe(false);
    expect(await records.intake.renewLease('poller', 'b', 60)).toBe(false);
    await sql(database.url, `UPDATE lease SET until = now() - interval '1 s'`);
    expect(await records.intake.acquireLease('poller', 'b', 60)).toBe(true);
    expect(await records.intake.renewLease('poller', 'a', 60)).toBe(false);
    await records.intake.releaseLease('poller', 'a');
    expect(await records.intake.acquireLease('poller', 'c', 60)).toBe(false);
    await records.intake.releaseLease('poller', 'b');
    expect(await records.intake.acquireLease('poller', 'c', 60)).toBe(true);
  });
});

describe('configuration versions', () => {
  it('are active from the moment they were accepted; refused ones change nothing', async () => {
    expect(await records.config.active('rules')).toBeNull();
    const first = await records.config.activate(ADMIN, 'rules', 'v1', 'rules: []');
    expect(await records.config.activate(ADMIN, 'rules', 'v1', 'rules: []')).toEqual(first);
    const error = refuse('BAD_RULE', 'rules.yaml line 3: unknown key.', 'Correct it.');
    await records.config.refuse(ADMIN, 'rules', 'v2', 'rules: [', error);
    await records.config.refuse(ADMIN, 'rules', 'v2', 'rules: [', error);
    expect(await records.config.active('rules')).toMatchObject({
      version: 'v1',
      text: 'rules: []',
    });
    await records.config.activate(ADMIN, 'rules', 'v3', 'rules: [1]');
    await records.config.activate(ADMIN, 'rules', 'v1', 'rules: []');
    const history = await records.config.history('rules');
    expect(history.map((row) => [row.version, row.accepted])).toEqual([
      ['v1', true],
      ['v3', true],
      ['v2', false],
      ['v1', true],
    ]);
    expect(history[2]?.error).toEqual({
      code: error.code,
      message: error.message,
      next: error.next,
    });
    expect(await records.config.byVersion('rules', 'v3')).toMatchObject({ text: 'rules: [1]' });
    expect(await records.config.byVersion('rules', 'v2')).toBeNull();
  });
});

describe('models', () => {
  it('are registered once for each version and hash', async () => {
    const model = modelCardOf();
    await records.models.register(ADMIN, model);
    await records.models.register(ADMIN, model);
    await records.models.register(ADMIN, { ...model, hash: 'b'.repeat(64) });
    expect((await records.models.list()).map((one) => one.hash[0])).toEqual(['b', 'a']);
  });

  it('are found by name, and by hash where several have it', async () => {
    const card = modelCardOf({ name: 'found' });
    await records.models.register(ADMIN, card);
    await records.models.register(ADMIN, { ...card, hash: 'f'.repeat(64), licence: 'other' });
    expect((await records.models.find('found'))?.card.licence).toBe('other');
    expect((await records.models.find('found', card.hash))?.card).toEqual(card);
    expect(await records.models.find('found', '0'.repeat(64))).toBeNull();
    expect(await records.models.find('lost')).toBeNull();
  });

  it('are found for the jobs that ran with them', async () => {
    const card = modelCardOf({ name: 'ran', hash: '9'.repeat(64) });
    await records.models.register(ADMIN, card);
    const jobs = [card.hash, null, card.hash, '8'.repeat(64)].map((modelHash) => ({ modelHash }));
    expect(await records.models.cardsOf(jobs)).toEqual([card]);
    expect(await records.models.cardsOf([])).toEqual([]);
  });
});
