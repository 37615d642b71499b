import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type ConfigWatch, type Loaded, loadRules, watchConfig } from '../../src/config/index.ts';
import type { RuleSet, SitusError } from '../../src/contracts/index.ts';
import { inFolder } from './files.ts';

const ruleNamed = (name: string): string =>
  `rules:\n  - { name: ${name}, when: { modality: CT }, leave: not wanted }\n`;

interface Told {
  readonly valid: Loaded<RuleSet>[];
  readonly invalid: SitusError[];
  readonly refused: string[];
}

async function watching(
  work: (path: string, watch: ConfigWatch<RuleSet>, told: Told) => Promise<void>,
): Promise<void> {
  await inFolder(async (folder) => {
    const path = join(folder, 'rules.yaml');
    await writeFile(path, ruleNamed('first'));
    const told: Told = { valid: [], invalid: [], refused: [] };
    const watch = await watchConfig(path, (file) => loadRules(file), {
      onValid: (loaded) => told.valid.push(loaded),
      onInvalid: (error, { text }) => {
        told.invalid.push(error);
        told.refused.push(text);
      },
    });
    try {
      await work(path, watch, told);
    } finally {
      watch.close();
    }
  });
}

describe('following a configuration file', () => {
  it('takes a valid new version', async () => {
    await watching(async (path, watch, told) => {
      await writeFile(path, ruleNamed('second'));
      await watch.check();
      expect(watch.current().value.rules[0]?.name).toBe('second');
      expect(told.valid.map((one) => one.version)).toEqual([watch.current().version]);
    });
  });

  it('refuses an invalid new version loudly, once, and keeps the old one', async () => {
    await watching(async (path, watch, told) => {
      const before = watch.current();
      await writeFile(path, 'rules: [{ nmae: x }]\n');
      await watch.check();
      await watch.check();
      expect(watch.current()).toBe(before);
      expect(told.invalid.map((one) => one.code)).toEqual(['CONFIG_INVALID']);
      expect(told.refused).toEqual(['rules: [{ nmae: x }]\n']);
      await writeFile(path, ruleNamed('third'));
      await watch.check();
      expect(watch.current().value.rules[0]?.name).toBe('third');
    });
  });

  it('keeps the old one when the file goes away, and says so', async () => {
    await watching(async (path, watch, told) => {
      await rm(path);
      await watch.check();
      expect(watch.current().value.rules[0]?.name).toBe('first');
      expect(told.invalid.map((one) => one.code)).toEqual(['CONFIG_NOT_FOUND']);
      expect(told.refused).toEqual(['']);
      await writeFile(path, ruleNamed('back'));
      await watch.check();
      expect(watch.current().value.rules[0]?.name).toBe('back');
    });
  });

  it('does nothing when the text is the same', async () => {
    await watching(async (path, watch, told) => {
      await writeFile(path, ruleNamed('first'));
      await watch.check();
      expect(told).toEqual({ valid: [], invalid: [], refused: [] });
    });
  });

  it('notices by itself that an editor replaced the file', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'rules.yaml');
      await writeFile(path, ruleNamed('first'));
      const noticed = Promise.withResolvers<Loaded<RuleSet>>();
      const watch = await watchConfig(path, (file) => loadRules(file), {
        onValid: noticed.resolve,
        onInvalid: noticed.reject,
      });
      await writeFile(`${path}.new`, ruleNamed('replaced'));
      await rename(`${path}.new`, path);
      expect((await noticed.promise).value.rules[0]?.name).toBe('replaced');
      watch.close();
    });
  });

  it('throws when the first version is invalid', async () => {
    await inFolder(async (folder) => {
      const path = join(folder, 'rules.yaml');
      await writeFile(path, 'rules: 5\n');
      const listeners = { onValid: () => undefined, onInvalid: () => undefined };
      await expect(watchConfig(path, (file) => loadRules(file), listeners)).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
      });
    });
  });
});
