import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import {
  removeModel,
  requireUnused,
  rulesWith,
  type RemovedModel,
} from '../../src/model-removal.ts';
import { failureOf } from '../download/server.ts';
import { runCli } from '../support/cli.ts';
import { writeTinyModel } from '../support/tiny-model.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-removal-'));
  await writeTinyModel(folder, 'tiny');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const done = (): Promise<void> => Promise.resolve();

describe('removing a model', () => {
  it('takes it away and says what is free again, after it was recorded', async () => {
    const recorded: RemovedModel[] = [];
    const removed = await removeModel(folder, 'tiny', (what) => {
      expect(existsSync(join(folder, 'tiny'))).toBe(false);
      recorded.push(what);
      return Promise.resolve();
    });
    expect(recorded).toEqual([removed]);
    expect(removed).toMatchObject({ name: 'tiny', version: '1', directory: join(folder, 'tiny') });
    expect(removed.hash).toMatch(/^[0-9a-f]{64}$/);
    expect(removed.bytes).toBeGreaterThan(1000);
    expect(await readdir(folder)).toEqual([]);
  });

  it('puts it back when it can’t be recorded', async () => {
    const work = removeModel(folder, 'tiny', () => Promise.reject(new Error('no database')));
    await expect(work).rejects.toThrow('no database');
    expect(await readdir(folder)).toEqual(['tiny']);
  });

  it('removes also what is damaged', async () => {
    await writeFile(join(folder, 'tiny', 'model.json'), '{');
    const removed = await removeModel(folder, 'tiny', done);
    expect(removed).toMatchObject({ version: null, hash: null });
  });

  it.each([
    ['demo', 'MODEL_SHIPPED'],
    ['other', 'MODEL_NOT_FOUND'],
    ['..', 'MODEL_NOT_FOUND'],
    ['tiny/..', 'MODEL_NOT_FOUND'],
  ])('refuses %s with %s', async (name, code) => {
    expect((await failureOf(removeModel(folder, name, done))).code).toBe(code);
    expect(await readdir(folder)).toEqual(['tiny']);
  });

  it('is refused while rules or jobs need it, naming them', async () => {
    const store = { seg: 'binary', sr: true, to: 'main' } as const;
    const segment = { model: 'tiny', folds: 'all' } as const;
    const rules = { rules: [{ name: 'all CT', when: { modality: 'CT' }, segment, store }] };
    expect(rulesWith(rules, 'tiny')).toEqual(['all CT']);
    expect(rulesWith(rules, 'demo')).toEqual([]);
    const refused = async (use: Parameters<typeof requireUnused>[1]): Promise<string> =>
      (await failureOf(Promise.resolve().then(() => requireUnused('tiny', use)))).message;
    expect(await refused({ rules: ['all CT'], jobs: 2 })).toBe(
      'The model tiny is needed by the rule "all CT" and 2 unfinished jobs.',
    );
    expect(await refused({ rules: [], jobs: 1 })).toContain('1 unfinished job.');
    expect(() => requireUnused('tiny', { rules: [], jobs: 0 })).not.toThrow();
  });
});

describe('situs model remove', () => {
  it('does not go on without the database unless it is forced, and says so', async () => {
    const config = join(folder, 'situs.yaml');
    const shipped = (name: string): string => join(process.cwd(), 'config', name);
    await writeFile(
      config,
      `archives: [{ name: main, url: "http://127.0.0.1:1/dicom-web" }]
models: { folder: ${folder} }
files: { rules: ${shipped('rules.yaml')}, structures: ${shipped('structures.json')} }
`,
    );
    const env = { XDG_DATA_HOME: folder, SITUS_DATABASE_URL: '' };
    const remove = ['model', 'remove', 'tiny', '--config', config];
    const first = await runCli(remove, { env });
    expect(first.code).toBe(5);
    expect(first.err).toContain('DATABASE_NOT_NAMED');
    expect(first.err).toContain('add --force');
    expect(existsSync(join(folder, 'tiny'))).toBe(true);
    const forced = await runCli([...remove, '--force'], { env });
    expect(forced.code).toBe(0);
    expect(forced.out).toMatch(/tiny 1 was removed from .*MiB are free again/);
    expect(forced.out).toContain('not recorded');
    expect(existsSync(join(folder, 'tiny'))).toBe(false);
  });
});
