import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRecords } from '../../src/records/index.ts';
import { runCli } from '../support/cli.ts';
import { modelCardOf } from '../support/model-card.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';
import { fillScene, type Scene } from '../support/records-scene.ts';

let database: TestDatabase;
let scene: Scene;
beforeAll(async () => {
  database = await testDatabase();
  const records = await openRecords(database.url);
  scene = await fillScene(records);
  await records.close();
}, 180_000);
afterAll(() => database.drop());

const show = (...flags: string[]) =>
  runCli(['studies', 'show', scene.stored, ...flags], {
    env: { SITUS_DATABASE_URL: database.url },
  });

describe('situs studies show', () => {
  it('says of each job which model made it, its licence and what it is for, and what ran it', async () => {
    const { code, out } = await show();
    expect(code).toBe(0);
    const { licence, intendedUse } = modelCardOf();
    expect(out).toContain(`model demo 0.1.0 (${licence}): ${intendedUse}`);
    expect(out).toContain('network on cpu, onnxruntime');
  });

  it('gives the whole cards as JSON', async () => {
    const { out } = await show('--json');
    const { models } = JSON.parse(out) as { models: unknown };
    expect(models).toMatchObject([{ name: 'demo', facts: modelCardOf().facts }]);
  });
});
