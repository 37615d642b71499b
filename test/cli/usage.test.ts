import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/cli.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-cli-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const COMMANDS = [
  'demo',
  'serve',
  'segment',
  'evaluate',
  'studies list',
  'studies show',
  'studies rerun',
  'rules check',
  'rules explain',
  'rules replay',
  'rules history',
  'rules show',
  'rules restore',
  'sequences classify',
  'sequences history',
  'sequences restore',
  'model import',
  'model pull',
  'model remove',
  'model list',
  'model show',
  'model verify',
  'model export-triton',
  'audit verify',
  'user add',
  'doctor',
];

describe('help', () => {
  it('names every command and the exit codes', async () => {
    const { code, out } = await runCli(['--help']);
    expect(code).toBe(0);
    for (const command of COMMANDS) expect(out).toContain(command.split(' ')[0]);
    expect(out).toContain('3 input refused');
  });

  it.each(COMMANDS)('%s says what it does', async (command) => {
    const { code, out } = await runCli([...command.split(' '), '--help']);
    expect(code).toBe(0);
    expect(out).toMatch(/^Usage: situs /);
    expect(out.split('\n').length).toBeGreaterThan(5);
  });
});

describe('exit codes', () => {
  it('2 for a command that does not exist', async () => {
    const { code, err } = await runCli(['segmnt']);
    expect(code).toBe(2);
    expect(err).toContain('Did you mean segment?');
  });

  it('2 for a configuration that is wrong, naming file, line and the nearest key', async () => {
    const path = join(folder, 'wrong.yaml');
    await writeFile(path, 'archives:\n  - name: main\n    adress: http://127.0.0.1/dicom-web\n');
    const { code, err } = await runCli(['rules', 'check', '--config', path]);
    expect(code).toBe(2);
    expect(err).toContain('wrong.yaml');
    expect(err).toMatch(/line 3|:3/);
    expect(err).toContain('url');
  });

  it('2 for a model that is not there, naming those that are', async () => {
    const args = ['segment', folder, '--model', 'nope', '--out', join(folder, 'out')];
    const { code, err } = await runCli(args);
    expect(code).toBe(2);
    expect(err).toMatch(/^MODEL_NOT_FOUND: /);
  });

  it.each([
    ['--step-size', '1.5', 'at most 1'],
    ['--step-size', 'half', 'at most 1'],
    ['--split-level', '5', '0, 1, 2, 3 or 4'],
    ['--folds', 'fast', '"first"'],
  ])('2 for segment %s %s', async (flag, value, expected) => {
    const args = ['segment', 'scan.nii.gz', '--model', 'demo', '--out', 'out', flag, value];
    const { code, err } = await runCli(args);
    expect(code).toBe(2);
    expect(err).toContain(expected);
  });

  it('5 when no node runs and no database is named', async () => {
    const { code, err } = await runCli(['studies', 'list'], {
      env: { XDG_DATA_HOME: folder, SITUS_DATABASE_URL: '' },
    });
    expect(code).toBe(5);
    expect(err).toMatch(/^DATABASE_NOT_NAMED: /);
    expect(err).toContain('next: ');
  });

  it('5 when the database does not answer', async () => {
    const { code, err } = await runCli(['studies', 'list'], {
      env: { SITUS_DATABASE_URL: 'postgresql://situs@127.0.0.1:1/situs' },
    });
    expect(code).toBe(5);
    expect(err).toMatch(/^DATABASE_UNREACHABLE: /);
  });
});

describe('--json', () => {
  it('prints one JSON document, before or after the command', async () => {
    for (const args of [
      ['--json', 'rules', 'check'],
      ['rules', 'check', '--json'],
    ]) {
      const { code, out } = await runCli(args);
      expect({ code, args }).toEqual({ code: 0, args });
      expect(JSON.parse(out)).toMatchObject({ structures: 50 });
    }
  });

  it('prints errors as JSON too', async () => {
    const { err } = await runCli(['--json', 'studies', 'list'], {
      env: { SITUS_DATABASE_URL: 'postgresql://situs@127.0.0.1:1/situs' },
    });
    expect(JSON.parse(err)).toMatchObject({
      error: { code: 'DATABASE_UNREACHABLE', errorClass: 'retry', origin: 'database' },
    });
  });
});

describe('sequences classify', () => {
  it('writes a line a series and refuses a broken line by its number', async () => {
    const input = join(folder, 'in.jsonl');
    const output = join(folder, 'out.jsonl');
    const series = {
      id: 'a',
      modality: 'CT',
      seriesDescription: 'Abdomen axial 3mm',
      instances: 90,
    };
    const study = { study: 's', studyDescription: 'CT ABDOMEN', series: [series] };
    await writeFile(input, `${JSON.stringify(study)}\n`);
    const args = ['sequences', 'classify', '--in', input, '--out', output];
    expect((await runCli(args)).code).toBe(0);
    const [line] = (await readFile(output, 'utf8')).trim().split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      id: 'a',
      sequence: 'ct_abdomen',
      selected: true,
    });

    await writeFile(input, `${JSON.stringify(study)}\n{"study":\n`);
    const broken = await runCli(args);
    expect(broken.code).toBe(3);
    expect(broken.err).toMatch(/LINE_NOT_JSON: .*line 2/);
  });
});
