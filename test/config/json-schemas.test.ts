import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { jsonSchemas } from '../../src/config/index.ts';

describe('the JSON Schemas for editors', () => {
  for (const [name, text] of jsonSchemas()) {
    it(`${name} is up to date (node src/config/schemas.ts) and named by its file`, () => {
      expect(readFileSync(`config/schemas/${name}`, 'utf8')).toBe(text);
      const file = `config/${name.replace('.schema.json', '.yaml')}`;
      // Files that only a site writes have no shipped one.
      if (!existsSync(file)) return;
      const [first] = readFileSync(file, 'utf8').split('\n');
      expect(first).toBe(`# yaml-language-server: $schema=./schemas/${name}`);
    });
  }
});
