import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { StudyHeaders } from '../../src/contracts/index.ts';
import { openRecords } from '../../src/records/index.ts';
import type { Inbox, ReplaySummary } from '../../src/replay/index.ts';
import { runCli } from '../support/cli.ts';
import { generatedStudy, saveDecided, SKETCHES } from '../support/decided-studies.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'config');
const { localizer, haste, inPhase, dwi } = SKETCHES;
let folder: string;
let database: TestDatabase;
let studies: readonly StudyHeaders[];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-inbox-'));
  await cp(CONFIG, folder, { recursive: true });
  const rules = join(folder, 'rules.yaml');
  const text = await readFile(rules, 'utf8');
  const narrow = text.replace(/sequence: haste/, "sequence: haste\n      station: 'MR9'");
  expect(narrow).not.toBe(text);
  await writeFile(rules, narrow);
  studies = [
    ...['MR1', 'MR1', 'MR2', 'MR9'].map((StationName) =>
      generatedStudy([localizer, haste, inPhase, dwi], {
        StationName,
        PatientName: 'Müller^Anna',
        PatientID: 'PAT-1',
      }),
    ),
    nameless(),
    unsure(),
  ];
  database = await testDatabase();
  const records = await openRecords(database.url);
  await saveDecided(records, studies);
  await records.close();
}, 180_000);
afterAll(async () => {
  await database.drop();
  await rm(folder, { recursive: true, force: true });
});

/** A study with a series that nothing is known of but the body part and the scanner's maker. */
function nameless(): StudyHeaders {
  const attributes = {
    Modality: 'MR',
    BodyPartExamined: 'ABDOMEN',
    Manufacturer: 'ACME',
    ImageType: ['ORIGINAL', 'PRIMARY'],
  };
  return generatedStudy([{ slices: 30, spacing: 5, attributes }]);
}

/** A study in which an echo time alone speaks for a target: enough for a guess, not for a name. */
function unsure(): StudyHeaders {
  const attributes = {
    Modality: 'MR',
    Manufacturer: 'ACME',
    SeriesDescription: 'qq 17',
    EchoTime: 4.7,
    MagneticFieldStrength: 1.5,
  };
  const study = generatedStudy([{ slices: 30, spacing: 5, attributes }]);
  return { ...study, attributes: { StudyDate: '20260301' } };
}

async function situs(args: readonly string[], columns?: number) {
  const run = await runCli(['rules', ...args, '--config', join(folder, 'situs.yaml')], {
    env: {
      SITUS_DATABASE_URL: database.url,
      ...(columns === undefined ? {} : { COLUMNS: String(columns) }),
    },
  });
  return run;
}

describe('situs rules inbox', () => {
  it('prints a group for each scanner, why no rule takes it, and a study to explain', async () => {
    const { code, out } = await situs(['inbox', '--since', '1h']);
    expect(code).toBe(0);
    expect(out).toContain('5 series of 5 studies looked relevant');
    expect(out).toMatch(/^1 +2 +2 +MR1 Skyra, 3 T +t2 haste tra mbh +haste$/m);
    expect(out).toMatch(/^1 +SIEMENS Skyra MR1, 3 T$/m);
    expect(out).toContain('rule "abdominal MR, T2 HASTE": station is "MR1", wanted MR9 (2 of 2');
    expect(out).toMatch(/lacks +.*SeriesDescription/);
    const example = [studies[0], studies[1]]
      .map((one) => one?.studyInstanceUid ?? '')
      .sort()
      .at(-1);
    expect(out).toContain(`2026-03-01; npx situs rules explain ${example}`);
    expect(out).not.toMatch(/Müller|PAT-1|t1_fl2d|localizer/);
  });

  it.each([80, 140])('keeps to %i columns, but for words that are longer', async (columns) => {
    for (const flags of [[], ['--draft-all']]) {
      const { out } = await situs(['inbox', ...flags], columns);
      const yaml = /^ +(- )?\w+:/;
      const wide = out.split('\n').filter((line) => line.length > columns && !yaml.test(line));
      expect(wide).toEqual([]);
    }
  });

  it('shows no more groups than asked for, and says so', async () => {
    const { out } = await situs(['inbox', '--limit', '1']);
    expect(out).toContain('3 more groups: --limit 4 shows all.');
    const { groups } = JSON.parse((await situs(['inbox', '--limit', '2', '--json'])).out) as Inbox;
    expect(groups.map((one) => one.series)).toEqual([2, 1]);
  });

  it('drafts a rule that, pasted, is valid, takes its group in a replay and changes nothing else', async () => {
    const { code, out } = await situs(['inbox', '--draft', '1']);
    expect(code).toBe(0);
    expect(out).toContain('Would take 2 series of 2 studies, all of the group, and no other.');
    expect(out).toContain('Nothing else would change in any decided study.');
    const rules = await readFile(join(folder, 'rules.yaml'), 'utf8');
    const pasted = join(folder, 'pasted.yaml');
    await writeFile(pasted, `${rules.trimEnd()}\n\n${out}`);
    const before = await changes('rules.yaml');
    const after = await changes('pasted.yaml');
    expect(after.filter((one) => !before.includes(one))).toEqual([
      'rule,haste of Skyra MR1: t2_haste_tra_mbh',
    ]);
  });

  it('suggests no rule for what nothing tells, but says which attributes would', async () => {
    const { out } = await situs(['inbox', '--draft-all']);
    expect(out).toContain('These series cannot be told');
    expect(out).toMatch(/SeriesDescription.* would tell/s);
    expect(out.match(/^ {2}- name: /gm)).toHaveLength(2);
  });

  it('suggests evidence for what is unsure, and says what would come of it', async () => {
    const { out } = await situs(['inbox', '--draft-all']);
    expect(out).toContain('at the end of the evidence of "t1_in_phase"');
    expect(out).toContain(
      'With it 1 of the 1 series would be t1_in_phase, and the rules would take 1 of them, of 1 study.',
    );
    expect(out).toMatch(/^ {6}- name: named qq 17$/m);
  });

  it('refuses a group that there is none of, and changes no file', async () => {
    const rules = await readFile(join(folder, 'rules.yaml'), 'utf8');
    const { code, err } = await situs(['inbox', '--draft', '9']);
    expect(code).toBe(2);
    expect(err).toMatch(/^INBOX_GROUP: There is no group 9; the inbox has 4 groups/m);
    expect(await readFile(join(folder, 'rules.yaml'), 'utf8')).toBe(rules);
  });

  it('is empty outside the window', async () => {
    const { out } = await situs(['inbox', '--since', '2020-01-01', '--until', '2020-02-01']);
    expect(out).toContain('Nothing fell through');
  });
});

/** What rules change of the recorded decisions, as `kind,rule`. */
async function changes(file: string): Promise<string[]> {
  const against = join(folder, file);
  const { out } = await situs(['replay', '--since', '1h', '--against', against, '--json']);
  const { groups } = JSON.parse(out) as ReplaySummary;
  return groups.map((one) => `${one.kind},${one.rule ?? ''}`);
}
