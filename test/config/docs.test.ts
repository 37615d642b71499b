import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { loadRules } from '../../src/config/index.ts';
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
