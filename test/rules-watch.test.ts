import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadSitusConfig } from '../src/config/index.ts';
import { type ConfigRow, openRecords, type Records } from '../src/records/index.ts';
import { followRules } from '../src/rules-watch.ts';
import { createLogger, Health } from '../src/telemetry/index.ts';
import { SERVICE } from './records/fixtures.ts';
import { testDatabase, type TestDatabase } from './support/postgres.ts';
import { eventually } from './support/site.ts';

const CONFIG = join(import.meta.dirname, '..', 'config');
let folder: string;
let database: TestDatabase;
let records: Records;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-follow-'));
  await cp(CONFIG, folder, { recursive: true });
  database = await testDatabase();
  records = await openRecords(database.url);
}, 60_000);
afterAll(async () => {
  await records?.close();
  await database?.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The refused versions of the rules, oldest first, once there are so many. */
async function refused(count: number): Promise<Omit<ConfigRow, 'text'>[]> {
  return eventually(`${count} refused versions are recorded`, async () => {
    const rows = (await records.config.history('rules')).filter((row) => !row.accepted);
    return rows.length === count ? rows.reverse() : undefined;
  });
}

describe('a node that follows its rules', () => {
  it('records every version that it refuses, also two in a row', async () => {
    const { value: config } = await loadSitusConfig(join(folder, 'situs.yaml'));
    const log = createLogger({ level: 'silent' });
    const rules = await followRules(config, records, SERVICE, new Health(), log);
    try {
      const before = rules.current().rulesVersion;
      await writeFile(config.files.rules, 'rules: [{ nmae: x }]\n');
      await refused(1);
      await writeFile(config.files.rules, 'rules: 5\n');
      const [first, second] = await refused(2);
      expect([first?.error?.code, second?.error?.code]).toEqual([
        'CONFIG_INVALID',
        'CONFIG_INVALID',
      ]);
      expect(first?.version).toBe(first?.sha256);
      expect(second?.version).toBe(second?.sha256);
      expect(second?.version).not.toBe(first?.version);
      expect(rules.current().rulesVersion).toBe(before);
    } finally {
      rules.close();
    }
  }, 60_000);
});
