import { z } from 'zod';

/** A coded concept with the lengths that DICOM allows (SH, SH and LO; PS3.3 8.8). */
export const codeSchema = z.strictObject({
  value: z.string().min(1).max(16),
  scheme: z
    .string()
    .regex(
      /^[A-Z0-9][A-Za-z0-9_]{0,15}$/,
      'a scheme is a designator of PS3.16 such as SCT, or 99…',
    ),
  meaning: z.string().min(1).max(64),
});

const channel = z.int().min(0).max(255);
export const colourSchema = z.tuple([channel, channel, channel]).readonly();

export const structureNameSchema = z
  .string()
  .regex(/^[a-z0-9_]{1,64}$/, 'a structure’s name is lower-case letters, digits and "_"');

/** A structure with all that SEG and SR need of it. */
export const structureSchema = z.strictObject({
  index: z.int().min(1).max(65_535),
  name: structureNameSchema,
  category: codeSchema,
  type: codeSchema,
  laterality: codeSchema.nullable(),
  rgb: colourSchema,
  verified: z.boolean(),
  source: z.string(),
});
