import type { z } from 'zod';
import { nearest, type Structure, structureNameSchema } from '../contracts/index.ts';
import { type Loaded, loadYaml } from './read-yaml.ts';
import {
  type OwnStructure,
  ownStructuresSchema,
  structureOf,
  structuresSchema,
  structureTableSchema,
} from './structures-schema.ts';

/** What a model's labels stand for. */
export interface StructureTable {
  /** nnU-Net label name → structure name; labels that are left out keep their names. */
  readonly structures: Readonly<Record<string, string>>;
  /** The structures that the table defines itself. */
  readonly defined: readonly Structure[];
}

/** Coding scheme designators (PS3.16 table 8-1) that a structure of the body can be coded with. */
const SCHEMES = ['SCT', 'DCM', 'FMA', 'MDC', 'RADLEX', 'UMLS', 'NCIt', 'UBERON', 'LN'];

/**
 * Reads `structures.json` (JSON is YAML) and, where a site has it, the file of its own structures.
 * The own ones follow, numbered on from the last.
 */
export async function loadStructures(
  path: string,
  own?: string,
): Promise<Loaded<readonly Structure[]>> {
  const shipped = await loadYaml<readonly Structure[]>(path, structuresSchema);
  if (own === undefined) return shipped;
  const known = shipped.value;
  const schema = ownStructuresSchema.superRefine(({ structures }, context) => {
    structures.forEach((structure, index) => {
      const where = ['structures', index];
      const earlier = [...known, ...structures.slice(0, index)];
      if (earlier.some(({ name }) => name === structure.name)) {
        complain(context, [...where, 'name'], `there is a structure ${structure.name} already`);
      }
      checkDefinition(context, where, structure, known);
    });
  });
  const added = await loadYaml(own, schema);
  const last = Math.max(...known.map(({ index }) => index));
  const structures = added.value.structures.map((one, index) => structureOf(one, last + 1 + index));
  return { ...shipped, value: [...known, ...structures] };
}

/**
 * Reads the table of `situs model import --structures`: YAML or JSON, nnU-Net label → the name of a
 * structure that is known, or the definition of a new one.
 * @throws SitusError CONFIG_NOT_FOUND, CONFIG_SYNTAX, CONFIG_INVALID with every line that is wrong.
 */
export async function loadStructureTable(
  path: string,
  known: readonly Structure[],
): Promise<StructureTable> {
  const names = known.map(({ name }) => name);
  const schema = structureTableSchema.superRefine((table, context) => {
    const defined: string[] = [];
    const taken = new Map<string, string>();
    for (const [label, value] of Object.entries(table)) {
      const name = nameIn(label, value);
      const other = taken.get(name);
      if (other !== undefined) {
        complain(context, [label], `the label ${other} stands for ${name} already`);
      }
      taken.set(name, label);
      if (typeof value === 'string') continue;
      const twice = names.includes(name) || defined.includes(name);
      if (twice) complain(context, [label], `there is a structure ${name} already; write its name`);
      if (!structureNameSchema.safeParse(name).success) {
        complain(context, [label], 'a name is needed: lower-case letters, digits and "_"');
      }
      defined.push(name);
      checkDefinition(context, [label], { ...value, name }, known);
    }
    for (const [label, value] of Object.entries(table)) {
      if (typeof value !== 'string') continue;
      if (names.includes(value) || defined.includes(value)) continue;
      const hint = nearest(value, [...names, ...defined]);
      const suggestion =
        hint === null ? 'define it here with type and rgb' : `did you mean "${hint}"?`;
      complain(context, [label], `there is no structure "${value}"; ${suggestion}`);
    }
  });
  const { value: table } = await loadYaml(path, schema);
  const last = Math.max(0, ...known.map(({ index }) => index));
  const structures: Record<string, string> = {};
  const defined: Structure[] = [];
  for (const [label, value] of Object.entries(table)) {
    if (typeof value === 'string') {
      structures[label] = value;
      continue;
    }
    const name = nameIn(label, value);
    structures[label] = name;
    defined.push(structureOf({ ...value, name }, last + 1 + defined.length));
  }
  return { structures, defined };
}

type TableValue = z.output<typeof structureTableSchema>[string];

function nameIn(label: string, value: TableValue): string {
  return typeof value === 'string' ? value : (value.name ?? label);
}

type Context = z.core.$RefinementCtx;

function checkDefinition(
  context: Context,
  where: readonly PropertyKey[],
  { name, type, laterality }: OwnStructure,
  known: readonly Structure[],
): void {
  const same = known.find(
    (one) => one.type.scheme === type.scheme && one.type.value === type.value,
  );
  if (same !== undefined && same.type.meaning !== type.meaning) {
    const message = `${type.value} ${type.scheme} is called "${same.type.meaning}" for ${same.name}; a code has one meaning`;
    complain(context, [...where, 'type', 'meaning'], message);
  }
  if (!SCHEMES.includes(type.scheme) && !type.scheme.startsWith('99')) {
    const hint = nearest(type.scheme, SCHEMES);
    const suggestion =
      hint === null ? `known are ${SCHEMES.join(', ')}` : `did you mean "${hint}"?`;
    const message = `no coding scheme "${type.scheme}"; ${suggestion} A scheme of your own begins with 99`;
    complain(context, [...where, 'type', 'scheme'], message);
  }
  const side = /(^|_)(left|right)(_|$)/.exec(name)?.[2] ?? null;
  if (side !== null && laterality !== side) {
    const message = `${name} needs \`laterality: ${side}\``;
    complain(context, [...where, 'laterality'], message);
  }
}

function complain(context: Context, path: readonly PropertyKey[], message: string): void {
  context.addIssue({ code: 'custom', path: [...path], message });
}
