import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import {
  loadRules,
  loadSitusConfig,
  loadStructures,
  loadStructureTable,
} from '../../src/config/index.ts';
import { loadText } from './files.ts';

/** YAML blocks of a page that are rules, as whole files. */
function ruleFiles(page: string): string[] {
  const blocks = [...readFileSync(page, 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g)].map(
    (block) => block[1] ?? '',
  );
  return blocks.flatMap((block) => {
    if (block.startsWith('rules:')) return [block];
    return block.startsWith('- name:') ? [`rules:\n${block.replace(/^/gm, '  ')}`] : [];
  });
}

describe('the examples of docs/rules.md', () => {
  const files = ruleFiles('docs/rules.md');
  it('are there', () => {
    expect(files.length).toBeGreaterThanOrEqual(3);
  });
  files.forEach((text, index) => {
    it(`number ${index + 1} is a valid rule file`, async () => {
      await expect(loadText(text, (path) => loadRules(path))).resolves.toHaveProperty(
        'value.rules',
      );
    });
  });
});

describe('the examples of docs/models.md', () => {
  const blocks = [
    ...readFileSync('docs/models.md', 'utf8').matchAll(/```yaml\n([\s\S]*?)```/g),
  ].map((block) => block[1] ?? '');
  const beginning = (words: string): string => {
    const block = blocks.find((one) => one.replace(/^#.*\n/, '').startsWith(words));
    if (block === undefined) throw new Error(`no example begins with ${words}`);
    return block;
  };

  it('are a table of labels and structures of a site', async () => {
    const known = (await loadStructures('config/structures.json')).value;
    const table = await loadText(beginning('leber:'), (path) => loadStructureTable(path, known));
    expect(Object.keys(table.structures)).toEqual(['leber', 'nodes', 'psoas_minor_l']);
    const own = await loadText(beginning('structures:'), (path) =>
      loadStructures('config/structures.json', path),
    );
    expect(own.value).toHaveLength(known.length + 1);
  });

  it('are sources of models, and a rule', async () => {
    const archive = 'archives: [{ name: main, url: "http://127.0.0.1/dicom-web" }]\n';
    const config = await loadText(archive + beginning('models:'), (path) => loadSitusConfig(path));
    expect(config.value.models.sources['ours']?.licence).toBe('CC-BY-4.0');
    const rules = await loadText(beginning('rules:'), (path) => loadRules(path));
    expect(rules.value.rules[0]?.segment?.model).toBe('mrsegmentator');
  });
});
