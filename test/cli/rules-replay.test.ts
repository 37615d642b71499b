import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openRecords } from '../../src/records/index.ts';
import type { ReplaySummary } from '../../src/replay/index.ts';
import { runCli } from '../support/cli.ts';
import { generatedStudy, saveDecided, SKETCHES } from '../support/decided-studies.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'config');
const { localizer, haste, inPhase, dwi } = SKETCHES;
let folder: string;
let database: TestDatabase;
let uids: string[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-replay-'));
  database = await testDatabase();
  const records = await openRecords(database.url);
  const twoHaste = [localizer, haste, { ...haste, slices: 20, spacing: 8 }, inPhase, dwi];
  uids = await saveDecided(records, [
    ...Array.from({ length: 4 }, () => generatedStudy([localizer, haste, inPhase, dwi])),
    generatedStudy(twoHaste),
  ]);
  await records.close();
}, 180_000);
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** The shipped rules with a change, in a file of their own. */
async function changed(name: string, change: (text: string) => string): Promise<string> {
  const path = join(folder, name);
  await cp(join(CONFIG, 'rules.yaml'), path);
  const text = await readFile(path, 'utf8');
  expect(change(text)).not.toBe(text);
  await writeFile(path, change(text));
  return path;
}

async function replayed(...flags: string[]): Promise<{ code: number | null; out: string }> {
  const { code, out, err } = await runCli(
    ['rules', 'replay', '--config', join(CONFIG, 'situs.yaml'), ...flags],
    { env: { SITUS_DATABASE_URL: database.url } },
  );
  if (code !== 0 && code !== 10) throw new Error(err);
  return { code, out };
}

describe('situs rules replay', () => {
  it('finds no change and exits with 0 where the rules are those that decided', async () => {
    const { code, out } = await replayed('--since', '1h', '--json');
    expect(code).toBe(0);
    const summary = JSON.parse(out) as ReplaySummary;
    expect(summary).toMatchObject({ studies: 5, series: 21, studiesChanged: 0, groups: [] });
  });

  it('exits with 10 and names by rule and kind what would be lost, without patient data', async () => {
    const path = await changed('without-haste.yaml', (text) =>
      text.replace(/sequence: haste/, "sequence: haste\n      station: 'MR9'"),
    );
    const { code, out } = await replayed('--since', '1h', '--against', path);
    expect(code).toBe(10);
    expect(out).toMatch(/abdominal MR, T2 HASTE +lost +haste +5 +5/);
    expect(out).toContain('5 would change');
    expect(out).toContain(`study ${uids[0]}`);
    expect(out).not.toMatch(/Müller|PAT-1|ACC-1/);
  });

  it('tells another series, another model and settings apart', async () => {
    const path = await changed('thickest.yaml', (text) =>
      text
        .replace(/(sequence: haste[\s\S]*?prefer: )\[[^\]]*\]/, '$1[thickest]')
        .replace(/(T1 in-phase[\s\S]*?)folds: all/, '$1folds: first'),
    );
    const { out } = await replayed('--since', '1h', '--against', path, '--limit', '1', '--json');
    const { groups } = JSON.parse(out) as ReplaySummary;
    expect(groups.find((one) => one.kind === 'series')).toMatchObject({
      rule: 'abdominal MR, T2 HASTE',
      studies: 1,
      examples: [{ studyInstanceUid: uids[4] }],
    });
    const settings = groups.find((one) => one.kind === 'settings');
    expect(settings).toMatchObject({ rule: 'abdominal MR, T1 in-phase', studies: 5 });
    expect(settings?.examples).toHaveLength(1);
    expect(settings?.examples[0]).toMatchObject({
      before: 'folds all, model demo',
      after: 'folds first, model demo',
    });
  });

  it('counts other reasons, and fails for them with --strict alone', async () => {
    const path = await changed('leave.yaml', (text) =>
      text.replace(
        'rules:\n',
        'rules:\n  - name: no scouts\n    when: { sequence: localizer }\n    leave: scouts are not wanted\n',
      ),
    );
    const flags = ['--since', '1h', '--against', path];
    const { code, out } = await replayed(...flags);
    expect(code).toBe(0);
    expect(out).toMatch(/no scouts +reason +localizer +5 +5/);
    expect((await replayed(...flags, '--strict')).code).toBe(10);
  });

  it('replays nothing outside the window, and refuses a time it cannot read', async () => {
    const window = ['--since', '2020-01-01', '--until', '2020-02-01'];
    const { out } = await replayed(...window, '--json');
    expect(JSON.parse(out)).toMatchObject({ studies: 0 });
    expect((await replayed(...window)).out).toContain('No study was decided in that time');
    const { code, err } = await runCli(['rules', 'replay', '--since', 'yesterday']);
    expect(code).toBe(2);
    expect(err).toContain('30d');
  });
});
