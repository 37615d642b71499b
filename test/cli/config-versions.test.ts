import { appendFile, cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadRules, loadSequences } from '../../src/config/index.ts';
import { type ConfigRow, type Records, openRecords } from '../../src/records/index.ts';
import { ADMIN, SERVICE } from '../records/fixtures.ts';
import { runCli } from '../support/cli.ts';
import { testDatabase, type TestDatabase } from '../support/postgres.ts';

const CONFIG = join(import.meta.dirname, '..', '..', 'config');

const KINDS = [
  {
    kind: 'rules',
    load: loadRules,
    added: [
      '',
      '  - name: no scouts',
      '    when: { sequence: localizer }',
      '    leave: scouts are not wanted',
    ],
    refused: 'rules: [{ nam: x }]\n',
    complaint: 'name',
  },
  {
    kind: 'sequences',
    load: loadSequences,
    added: ['# tried with the scanners of the new building'],
    refused: 'sequences: [{ nam: x }]\n',
    complaint: 'name',
  },
] as const;

describe.each(KINDS)('situs $kind history, show and restore', (one) => {
  const { kind, load, added, refused, complaint } = one;
  const lastLine = added.at(-1) ?? '';
  let folder: string;
  let file: string;
  let database: TestDatabase;
  let records: Records;
  let first: string;
  let second: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'situs-versions-'));
    await cp(CONFIG, folder, { recursive: true });
    file = join(folder, `${kind}.yaml`);
    database = await testDatabase();
    records = await openRecords(database.url);
    first = await activate('anna');
    await appendFile(file, `${added.join('\n')}\n`);
    second = await activate('bert');
  }, 180_000);
  afterAll(async () => {
    await records?.close();
    await database?.drop();
    await rm(folder, { recursive: true, force: true });
  });

  async function activate(author: string): Promise<string> {
    const { version, text } = await load(file);
    await records.config.activate(SERVICE, kind, version, text, { author });
    return version;
  }

  const situs = (...args: string[]) =>
    runCli([kind, ...args, '--config', join(folder, 'situs.yaml')], {
      env: { SITUS_DATABASE_URL: database.url },
    });

  it('lists versions newest first with author and what they changed', async () => {
    const { code, out } = await situs('history');
    expect(code).toBe(0);
    const [, , newest, older] = out.split('\n');
    expect(newest).toMatch(
      new RegExp(`^${second.slice(0, 12)} .* bert +worker +\\+${added.length} -0`),
    );
    expect(older).toMatch(new RegExp(`^${first.slice(0, 12)} .* anna `));
  });

  it('shows the difference to the version before', async () => {
    const { code, out } = await situs('show', second.slice(0, 8));
    expect(code).toBe(0);
    expect(out).toContain(`Against ${first.slice(0, 12)}, +${added.length} -0 lines:`);
    expect(out).toContain(`+${lastLine}`);
    expect((await situs('show', first, '--text')).out).not.toContain(lastLine);
  });

  it('refuses a version that nobody knows', async () => {
    const { code, err } = await situs('show', '0000');
    expect(code).toBe(2);
    expect(err).toMatch(/^CONFIG_VERSION_UNKNOWN: /);
  });

  it('restores a version, keeps the file as it was, and records who and why', async () => {
    const before = await readFile(file, 'utf8');
    const { code, out } = await situs('restore', first.slice(0, 8), '--note', 'too eager');
    expect(code).toBe(0);
    expect((await load(file)).version).toBe(first);
    const backup = /kept in (.*)/.exec(out)?.[1] ?? '';
    expect(await readFile(backup, 'utf8')).toBe(before);
    const [row] = (await records.config.history(kind, 1)) as ConfigRow[];
    expect(row).toMatchObject({
      version: first,
      author: `${userInfo().username} (command line)`,
      note: `restores ${first.slice(0, 12)}: too eager`,
    });
    // What the node does when it sees the file: nothing more to record.
    await activate('anna');
    expect(await records.config.history(kind)).toHaveLength(3);
    expect((await records.audit.verify()).intact).toBe(true);
    expect((await situs('restore', first)).out).toContain('already');
  });

  it('restores nothing that the node would refuse, and leaves the folder as it was', async () => {
    await records.config.activate(ADMIN, kind, 'abcd1234', refused);
    const before = await readFile(file, 'utf8');
    const files = await readdir(folder);
    const { code, err } = await situs('restore', 'abcd1234');
    expect(code).toBe(2);
    expect(err).toContain(complaint);
    expect(await readFile(file, 'utf8')).toBe(before);
    expect(await readdir(folder)).toEqual(files);
  });
});
