import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { parse } from 'yaml';
import { rewriteRules } from '../../src/config/index.ts';

const TEXT = `# Rules of the site
lists:
  liver scanners: [MR4, MR7]   # both at the back

rules:
  # Children first,
  # by order of the board
  - name: children
    when: { study: { age: "< 18" } } # birth date will do
    leave: not here

  - name:   HASTE
    when:
      # only ours
      station: $liver scanners
      modality: MR
    segment: {model: m}
    store: { to: main }

  - name: CT
    when: { modality: CT }
    segment: { model: m }
    store: { to: main }
# the end
`;
const CHANGED = {
  name: 'HASTE',
  when: { station: '$liver scanners', modality: 'MR' },
  segment: { model: 'other', folds: [0, 1] },
  store: { to: 'main' },
  quiet: '07:00-19:00',
};
const NEW = { name: 'new', when: { modality: 'CT' }, leave: 'no' };

const namesOf = (text: string): string[] =>
  (parse(text) as { rules: { name: string }[] }).rules.map((one) => one.name);

describe('a change of rules.yaml by the page', () => {
  it('of one rule leaves every other line, and its comments, as they are', () => {
    const text = rewriteRules(TEXT, { kind: 'change', name: 'HASTE', rule: CHANGED });
    expect((parse(text) as { rules: unknown[] }).rules[1]).toEqual(CHANGED);
    const from = TEXT.indexOf('  - name:   HASTE');
    expect(text.slice(0, from)).toBe(TEXT.slice(0, from));
    expect(text.endsWith(TEXT.slice(TEXT.indexOf('\n  - name: CT')))).toBe(true);
    expect(text).toContain('      # only ours\n      station: $liver scanners\n');
    expect(text).toContain('    segment: { model: other, folds: [ 0, 1 ] }\n');
  });

  it('takes away what the rule no longer says', () => {
    const rule = { ...CHANGED, quiet: undefined };
    const text = rewriteRules(TEXT, { kind: 'change', name: 'HASTE', rule: CHANGED });
    expect(text).toContain('quiet');
    expect(rewriteRules(text, { kind: 'change', name: 'HASTE', rule })).not.toContain('quiet');
  });

  it('adds a rule where it is wanted, in the layout of the others', () => {
    const block = '  - name: new\n    when: { modality: CT }\n    leave: no\n';
    const end = rewriteRules(TEXT, { kind: 'add', rule: { ...NEW, leave: 'why not' } });
    expect(end).toBe(
      TEXT.replace('# the end', `\n${block.replace('leave: no', 'leave: why not')}# the end`),
    );
    expect(namesOf(rewriteRules(TEXT, { kind: 'add', rule: NEW, at: 1 }))).toEqual([
      'children',
      'new',
      'HASTE',
      'CT',
    ]);
  });

  it('moves a rule with the comment above it', () => {
    const text = rewriteRules(TEXT, { kind: 'move', name: 'children', to: 1 });
    expect(namesOf(text)).toEqual(['HASTE', 'children', 'CT']);
    expect(text).toContain('# by order of the board\n  - name: children');
    expect(rewriteRules(text, { kind: 'move', name: 'children', to: 0 })).toBe(TEXT);
  });

  it('removes a rule, and with the last one leaves an empty list', () => {
    let text = rewriteRules(TEXT, { kind: 'remove', name: 'children' });
    expect(text).not.toContain('order of the board');
    expect(namesOf(text)).toEqual(['HASTE', 'CT']);
    text = rewriteRules(text, { kind: 'remove', name: 'HASTE' });
    text = rewriteRules(text, { kind: 'remove', name: 'CT' });
    expect(text).toContain('rules: []');
    expect(text).toContain('# both at the back');
    expect(namesOf(rewriteRules(text, { kind: 'add', rule: NEW }))).toEqual(['new']);
  });

  it('undoes itself on the shipped file, byte for byte', () => {
    const shipped = readFileSync('config/rules.yaml', 'utf8');
    const names = namesOf(shipped);
    fc.assert(
      fc.property(
        fc.nat(names.length),
        fc.nat(names.length - 1),
        fc.nat(names.length - 1),
        (at, from, to) => {
          const added = rewriteRules(shipped, { kind: 'add', rule: NEW, at });
          expect(rewriteRules(added, { kind: 'remove', name: 'new' })).toBe(shipped);
          const name = names[from] ?? '';
          const moved = rewriteRules(shipped, { kind: 'move', name, to });
          expect(rewriteRules(moved, { kind: 'move', name, to: from })).toBe(shipped);
        },
      ),
      { seed: 41, numRuns: 30 },
    );
  });

  it('refuses what would not be valid, and names that no rule has', () => {
    expect(() => rewriteRules(TEXT, { kind: 'remove', name: 'HASTTE' })).toThrow(
      /did you mean "HASTE"/,
    );
    const bad = { ...NEW, when: { modalty: 'CT' } };
    expect(() => rewriteRules(TEXT, { kind: 'add', rule: bad })).toThrow(/did you mean "modality"/);
    expect(() => rewriteRules(TEXT, { kind: 'add', rule: CHANGED })).toThrow(/defined twice/);
    const flow = 'rules: [ { name: a, when: {}, leave: x } ]\n';
    expect(() => rewriteRules(flow, { kind: 'add', rule: NEW })).toThrow(/behind its own dash/);
  });
});
