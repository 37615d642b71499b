import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Evaluation } from '../../src/evaluation/index.ts';
import { REFERENCE } from '../evaluation/reference-masks.ts';
import { runCli, type CliRun } from '../support/cli.ts';
import { referenceCase, writePairs, writeSide } from './scene.ts';

/** AMOS calls the liver 6, Situs 5. */
const PAIRS = [
  { path: 'ct/centre-a/case1', name: 'shift by one voxel along axis 0' },
  { path: 'ct/centre-a/case2', name: 'hollow against solid' },
  { path: 'ct/centre-b/case3', name: 'prediction empty' },
  { path: 'mr/centre-a/case1', name: 'mirrored' },
  { path: 'mr/centre-a/case4', name: 'both empty' },
] as const;
const TOLERANCE = REFERENCE.tolerances[0] ?? 1;

let folder: string;
let run: CliRun;
let args: readonly string[];
const read = (file: string): Promise<string> => readFile(join(folder, 'out', file), 'utf8');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-evaluate-'));
  await writePairs(folder, PAIRS, { reference: 6, prediction: 5 });
  await writeSide(join(folder, 'reference/mr/centre-a/lonely.nii'), referenceCase('mirrored'), 'reference', { label: 6 }); // prettier-ignore
  await writeFile(join(folder, 'prediction', 'notes.txt'), 'no labels');
  args = [
    'evaluate',
    ...['--reference', join(folder, 'reference'), '--reference-labels', 'amos'],
    ...['--prediction', join(folder, 'prediction'), '--out', join(folder, 'out')],
    ...['--tolerance', String(TOLERANCE), '--threads', '2'],
  ];
  run = await runCli([...args, '--json']);
}, 60_000);
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('npx situs evaluate', () => {
  it('ends well and writes five files', async () => {
    expect({ code: run.code, err: run.err }).toMatchObject({ code: 0 });
    expect((await readdir(join(folder, 'out'))).sort()).toEqual(
      ['metrics.csv', 'metrics.json', 'report.html', 'summary.csv', 'summary.json'],
    ); // prettier-ignore
  });

  it('has the figures of surface-distance for every case in metrics.json and metrics.csv', async () => {
    const { cases } = JSON.parse(await read('metrics.json')) as Evaluation;
    const rows = (await read('metrics.csv')).split('\r\n');
    expect(cases.map((one) => one.case)).toEqual(PAIRS.map((one) => one.path));
    for (const { path, name } of PAIRS) {
      const wanted = referenceCase(name);
      const one = cases.find((each) => each.case === path);
      const [scanType, group] = path.split('/');
      expect(one).toMatchObject({ scanType, group });
      const liver = one?.structures.find((each) => each.structure === 'liver');
      // The header keeps spacing in 32-bit floats.
      const close = (value: number | null): unknown =>
        value === null ? null : expect.closeTo(value, 6);
      expect(liver).toMatchObject({
        dice: close(wanted.dice),
        hd: close(wanted.hd),
        hd95: close(wanted.hd95),
        surfaceDice: close(wanted.surfaceDice[0] ?? null),
      });
      const row = rows.find((each) => each.startsWith(`${path},`) && each.includes(',liver,'));
      const cells = row?.split(',') ?? [];
      expect(cells[4]).toBe(liver?.presence);
      expect(cells[7]).toBe(liver?.dice === null ? '' : String(liver?.dice));
      expect(cells[9]).toBe(liver?.hd95 === null ? '' : String(liver?.hd95));
    }
  });

  it('sums up by scan type and group, and prints the summary', async () => {
    const printed = JSON.parse(run.out) as Evaluation;
    const { summary } = JSON.parse(await read('summary.json')) as Evaluation;
    expect(printed.summary).toEqual(summary);
    const liver = summary.structures.filter((one) => one.structure === 'liver');
    expect(liver.map((one) => [one.scanType, one.group, one.cases, one.measures.dice.n])).toEqual([
      ['all', 'all', 5, 4],
      ['ct', 'all', 3, 3],
      ['ct', 'centre-a', 2, 2],
      ['ct', 'centre-b', 1, 1],
      ['mr', 'all', 2, 1],
    ]);
    const dice = PAIRS.slice(0, 3).map(({ name }) => referenceCase(name).dice ?? 0);
    const mean = dice.reduce((sum, one) => sum + one, 0) / 3;
    expect(liver[1]?.measures.dice.mean).toBeCloseTo(mean, 9);
    expect(liver[1]).toMatchObject({ missed: 1, both: 2 });
    expect(await read('summary.csv')).toContain('ct,all,liver,dice,3,2,1,0,0,3,');
  });

  it('tells files without partner, structures of one side, and mappings used', () => {
    const { unpaired, leftOut, parameters } = JSON.parse(run.out) as Evaluation;
    expect(unpaired).toEqual([
      { side: 'reference', path: expect.stringMatching(/lonely\.nii$/) as unknown as string },
    ]);
    const sides = new Map(leftOut.map((one) => [one.structure, one.side]));
    expect(sides.get('prostate_or_uterus')).toBe('reference only');
    expect(sides.get('left_lung')).toBe('prediction only');
    expect(sides.has('liver')).toBe(false);
    expect(parameters).toMatchObject({ toleranceMm: TOLERANCE, invented: 'zero' });
    expect(parameters.referenceLabels).toContain('AMOS');
  });

  it('writes a report that names every structure found and asks for nothing over the network', async () => {
    const html = await read('report.html');
    expect(html).toContain('>liver</span>');
    expect(html).toMatch(/aria-label="liver\. ct: median/);
    expect(html).toContain('lonely.nii');
    expect(html).toMatch(/<td class="text">missed<\/td>/);
    expect(html.replace(/content="default-src[^"]*"/, '')).not.toMatch(
      /https?:|src=|@import|url\(/,
    );
  });
});

describe('npx situs evaluate refuses', () => {
  it('a pair on different grids, names both files, still compares the others and exits 3', async () => {
    const one = referenceCase('mirrored');
    await writeSide(join(folder, 'reference/mr/off.nii'), one, 'reference', { label: 6 });
    await writeSide(join(folder, 'prediction/mr/off.nii'), one, 'prediction', {
      label: 5,
      shift: 2,
    });
    const { code, out } = await runCli(args);
    expect(code).toBe(3);
    expect(out).toMatch(/GRIDS_DIFFER: .*prediction\/mr\/off\.nii.*reference\/mr\/off\.nii/);
    expect(await read('report.html')).toContain('1 pair could not be compared');
    expect(await read('metrics.csv')).toContain('ct/centre-a/case2');
  }, 60_000);

  const wrong: readonly (readonly [string, readonly string[], number, RegExp])[] = [
    ['an unknown mapping', ['--prediction-labels', 'amoss'], 2, /LABEL_MAPPING_UNKNOWN.*amos/],
    ['a structure nobody names', ['--structures', 'livr'], 3, /STRUCTURE_UNKNOWN.*livr/],
    ['a table of cases that is not there', ['--cases', '/nowhere.csv'], 2, /CASES_FILE_UNREADABLE/],
  ];
  it.each(wrong)(
    '%s',
    async (_what, extra, exit, message) => {
      const { code, err } = await runCli([...args, ...extra]);
      expect({ code, err }).toMatchObject({
        code: exit,
        err: expect.stringMatching(message) as unknown,
      });
    },
    60_000,
  );
});
