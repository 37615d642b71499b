import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadStructures } from '../config/index.ts';
import { conformanceStatement } from './statement.ts';

/** Writes the conformance statement: `node src/conformance/write.ts [FILE]`. */
const root = join(import.meta.dirname, '../..');
const { value: structures } = await loadStructures(join(root, 'config/structures.json'));
writeFileSync(
  process.argv[2] ?? join(root, 'docs/conformance.md'),
  await conformanceStatement(structures),
);
