import { z } from 'zod';
import { structureSchema } from '../../contracts/index.ts';
import type { InferencePlan } from '../plans/plan.ts';

export const MANIFEST_FILE = 'model.json';
const FORMAT = 1;

const plainFile = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const axis = z.int().min(0).max(2);
const axes = z.tuple([axis, axis, axis]);
const size = z.int().min(1).max(1024);
const sizes = z.tuple([size, size, size]);
const stages = z.array(z.int().min(1)).min(1).max(16);

const resampling = z.strictObject({
  order: z.union([z.literal(1), z.literal(3)]),
  forceSeparateZ: z.boolean().nullable(),
  anisotropyThreshold: z.number(),
});

const plan = z.strictObject({
  configuration: z.string(),
  orientation: z.enum(['LPS', 'RAS']).default('LPS'),
  transposeForward: axes,
  transposeBackward: axes,
  spacing: z.tuple([z.number().positive(), z.number().positive(), z.number().positive()]),
  patchSize: sizes,
  normalisation: z.union([
    z.strictObject({ scheme: z.literal('zscore'), useMask: z.boolean() }),
    z.strictObject({
      scheme: z.literal('ct'),
      mean: z.number(),
      std: z.number(),
      lower: z.number(),
      upper: z.number(),
    }),
    z.strictObject({ scheme: z.enum(['none', 'rescale01', 'rgb01']) }),
  ]),
  resampleImage: resampling,
  resampleLogits: resampling,
  mirrorAxes: z.array(axis),
  labels: z.array(z.strictObject({ value: z.int().min(1).max(255), name: z.string() })),
  labelRule: z.union([
    z.strictObject({ kind: z.literal('argmax') }),
    z.strictObject({ kind: z.literal('regions'), classOrder: z.array(z.int().min(0).max(255)) }),
  ]),
  architecture: z.strictObject({
    dimensions: z.union([z.literal(2), z.literal(3)]).default(3),
    kind: z.enum(['PlainConvUNet', 'ResidualEncoderUNet']),
    inputChannels: z.int().min(1),
    heads: z.int().min(1).max(256),
    features: stages,
    kernels: z.array(sizes),
    strides: z.array(sizes),
    encoderBlocks: stages,
    decoderConvs: stages,
    convBias: z.boolean(),
    normEpsilon: z.number().positive(),
    leakySlope: z.number(),
  }),
}) satisfies z.ZodType<InferencePlan>;

/** `model.json`: all that is needed to run and to identify a model. */
export const manifestSchema = z.strictObject({
  format: z.literal(FORMAT),
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/),
  version: z.string().min(1).max(64),
  /** nnU-Net's label names and the structures they stand for. */
  labels: z.array(
    z.strictObject({
      value: z.int().min(1).max(255),
      name: z.string().min(1),
      structure: z.string().min(1),
    }),
  ),
  /** Structures that came with the model, for those that `structures.json` does not have. */
  structures: z.array(structureSchema).optional(),
  /** Sequences the model was made for; empty: not restricted. */
  sequences: z.array(z.string().min(1)),
  plan,
  folds: z
    .array(
      z.strictObject({
        fold: z.int().min(0),
        file: plainFile,
        bytes: z.int().positive(),
        sha256,
      }),
    )
    .min(1),
  source: z.strictObject({
    kind: z.literal('nnU-Net v2'),
    trainer: z.string(),
    dataset: z.string().nullable(),
    files: z.array(z.strictObject({ file: z.string(), bytes: z.int(), sha256 })),
    /** `weights_version` of the version.json that MRSegmentator's weights come with. */
    weightsVersion: z.string().optional(),
    /** The archive that was pulled, and when (ISO 8601). */
    download: z
      .strictObject({ address: z.string(), sha256, bytes: z.int(), at: z.iso.datetime() })
      .optional(),
  }),
  licence: z.string(),
  intendedUse: z.string(),
  /** Free text and figures about training data, performance and limits. */
  card: z.record(z.string(), z.union([z.string(), z.number()])),
});
export type ModelManifest = z.infer<typeof manifestSchema>;

export function newManifest(fields: Omit<ModelManifest, 'format'>): ModelManifest {
  return manifestSchema.parse({ format: FORMAT, ...fields });
}

/** The manifest's bytes: same content, same bytes. */
export function writeManifest(manifest: ModelManifest): Uint8Array {
  return new TextEncoder().encode(`${JSON.stringify(manifest, null, 1)}\n`);
}
