import { z } from 'zod';
import {
  codeSchema,
  colourSchema,
  structureNameSchema,
  structureSchema,
  type Code,
  type Structure,
} from '../contracts/index.ts';

/** `config/structures.json` */
export const structuresSchema = z
  .array(structureSchema)
  .min(1)
  .superRefine((list, context) => {
    list.forEach((one, index) => {
      const earlier = list.slice(0, index);
      if (earlier.some((other) => other.name === one.name || other.index === one.index)) {
        context.addIssue({
          code: 'custom',
          path: [index],
          message: `index ${one.index} or name ${one.name} stands twice`,
        });
      }
    });
  }) satisfies z.ZodType<Structure[]>;

const sct = (value: string, meaning: string): Code => ({ value, scheme: 'SCT', meaning });
/** PS3.16 CID 244, the values that say a side. */
const SIDES = { left: sct('7771000', 'Left'), right: sct('24028007', 'Right') } as const;
/** PS3.16 CID 7150, the ones that a structure of the body can have. */
const CATEGORIES = {
  anatomical: sct('123037004', 'Anatomical Structure'),
  tissue: sct('85756007', 'Tissue'),
  abnormal: sct('49755003', 'Morphologically Abnormal Structure'),
} as const;

const definition = {
  type: codeSchema.describe('What it is: a code of SNOMED CT (SCT) or another scheme of PS3.16'),
  category: z
    .enum(['anatomical', 'tissue', 'abnormal'])
    .default('anatomical')
    .describe('Segmentation property category, PS3.16 CID 7150'),
  laterality: z
    .enum(['left', 'right'])
    .nullable()
    .default(null)
    .describe('Side of a paired structure; its name then holds left or right'),
  rgb: colourSchema.describe('Colour in pictures and in the SEG'),
  verified: z.boolean().default(false).describe('Whether two sources agree on the code'),
  source: z.string().max(500).default('defined by the site').describe('Where the code is from'),
};

/** A structure that a site defines, in the words of a person. */
export const ownStructureSchema = z.strictObject({ name: structureNameSchema, ...definition });

/** `files.ownStructures` of `situs.yaml`: structures besides those that Situs ships. */
export const ownStructuresSchema = z.strictObject({
  structures: z.array(ownStructureSchema).min(1),
});

/** A table for `situs model import --structures`: nnU-Net label → known structure, or a new one. */
export const structureTableSchema = z.record(
  z.string().min(1).max(200),
  z.union([
    structureNameSchema,
    z.strictObject({ name: structureNameSchema.optional(), ...definition }),
  ]),
);
export type OwnStructure = z.output<typeof ownStructureSchema>;

export function structureOf(own: OwnStructure, index: number): Structure {
  const { name, type, category, laterality, rgb, verified, source } = own;
  return {
    index,
    name,
    category: CATEGORIES[category],
    type,
    laterality: laterality === null ? null : SIDES[laterality],
    rgb,
    verified,
    source,
  };
}
