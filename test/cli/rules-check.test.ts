import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/cli.ts';

const RULES = join(import.meta.dirname, '..', '..', 'config', 'rules.yaml');
let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'situs-check-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A draft beside the configuration: the shipped rules and one more. */
async function draft(name: string, condition: string): Promise<string> {
  const path = join(folder, name);
  const rule = `  - name: draft\n    when: { sequence: haste, ${condition} }\n    leave: a draft\n`;
  await writeFile(path, `${await readFile(RULES, 'utf8')}\n${rule}`);
  return path;
}

describe('rules check FILE', () => {
  it('checks the draft, not the rules of the configuration', async () => {
    const path = await draft('good.yaml', 'station: MR2');
    const { code, out } = await runCli(['rules', 'check', path]);
    expect(code).toBe(0);
    expect(out).toMatch(/good\.yaml: 4 rules/);
  });

  it('names the line of a slip of the pen, and the word that was meant', async () => {
    const path = await draft('slip.yaml', 'sation: MR2');
    const { code, err } = await runCli(['rules', 'check', path]);
    expect(code).toBe(2);
    expect(err).toMatch(/slip\.yaml:\d+:\d+ .*unknown key "sation"; did you mean "station"\?/);
  });
});
