import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jsonSchemas } from './json-schemas.ts';

/** Writes the JSON Schemas of the configuration files: `node src/config/schemas.ts [FOLDER]`. */
const folder = process.argv[2] ?? join(import.meta.dirname, '../../config/schemas');
mkdirSync(folder, { recursive: true });
for (const [name, text] of jsonSchemas()) writeFileSync(join(folder, name), text);
