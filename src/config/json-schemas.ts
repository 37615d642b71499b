import { z } from 'zod';
import { labelMappingSchema } from './label-mapping-schema.ts';
import { modelSourcesSchema } from './model-sources-schema.ts';
import { rulesSchema } from './rules-schema.ts';
import { sequencesSchema } from './sequences-schema.ts';
import { situsSchema } from './situs-schema.ts';
import { ownStructuresSchema, structureTableSchema } from './structures-schema.ts';

const SCHEMAS = {
  situs: situsSchema,
  rules: rulesSchema,
  sequences: sequencesSchema,
  'label-mapping': labelMappingSchema,
  'model-sources': modelSourcesSchema,
  'own-structures': ownStructuresSchema,
  'structure-table': structureTableSchema,
} as const;

/** File name → JSON Schema text, for editors; what an admin writes, before defaults are filled in. */
export function jsonSchemas(): ReadonlyMap<string, string> {
  return new Map(
    Object.entries(SCHEMAS).map(([name, schema]) => {
      const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
      return [
        `${name}.schema.json`,
        `${JSON.stringify({ title: `${name}.yaml of Situs`, ...json }, null, 2)}\n`,
      ];
    }),
  );
}
