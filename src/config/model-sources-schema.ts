import { z } from 'zod';
import { structureNameSchema } from '../contracts/index.ts';

/** Names of models as `model.json` has them. */
export const modelNameSchema = z
  .string()
  .regex(
    /^[a-z0-9][a-z0-9._-]{0,63}$/,
    'a model’s name is lower-case letters, digits, ".", "_", "-"',
  );

/** Where a model comes from, and what is known of it. */
export const modelSourceSchema = z.strictObject({
  address: z
    .url({ protocol: /^https?$/, error: 'expected an address that begins with https://' })
    .describe('Zip of the nnU-Net folder'),
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected 64 hexadecimal digits')
    .optional()
    .describe('Pin: a download with another hash is not unpacked'),
  version: z
    .string()
    .min(1)
    .max(64)
    .optional()
    .describe('Version of the weights; without it, that of version.json in the zip'),
  licence: z.string().min(1).max(200).default('unknown'),
  intendedUse: z.string().min(1).max(2000).default('Not stated.'),
  doi: z
    .string()
    .regex(/^10\.\d{4,9}\/\S+$/, 'expected a DOI such as 10.1148/ryai.240777')
    .optional(),
  sequences: z
    .array(z.string().min(1))
    .default([])
    .describe('Sequences that it was made for; left out: any'),
  structures: z
    .record(z.string().min(1), structureNameSchema)
    .default({})
    .describe('nnU-Net label → structure, where the names differ'),
  card: z
    .record(z.string().min(1).max(100), z.union([z.string().max(2000), z.number()]))
    .default({})
    .describe('Free text and figures that model.json shows'),
  acceptTrainers: z
    .array(z.string().min(1))
    .default([])
    .describe('Trainer classes besides nnU-Net’s own that do not change the network'),
});
export type ModelSource = z.output<typeof modelSourceSchema>;

export const namedSourcesSchema = z.record(modelNameSchema, modelSourceSchema);

/** `config/model-sources.yaml`: what `situs model pull NAME` knows without being told. */
export const modelSourcesSchema = z.strictObject({ sources: namedSourcesSchema });
