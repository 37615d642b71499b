import { z } from 'zod';
import { OUTCOMES, ROLES } from '../records/index.ts';

/*
 * What the API takes and answers with. The OpenAPI description and the page's types are made from
 * these, so neither can differ from the other.
 */

const time = z.iso.datetime();

/** Text to search or compare with. Postgres takes no control characters, and no name has any. */
const plain = (longest: number) =>
  z
    .string()
    .min(1)
    .max(longest)
    .regex(/^[^\p{Cc}\p{Cs}]*$/u, 'control characters are not allowed');

/** A time that a database of today can have; others are mistakes. */
const searchTime = time.refine((text) => text >= '1970' && text < '2200', 'expected 1970 to 2199');

export const errorSchema = z.object({
  code: z.string().describe('Stable, in upper snake case; for programs and for support'),
  message: z.string().describe('What happened and where'),
  next: z.string().describe('What to do about it'),
});

export const roleSchema = z.enum(
  ROLES as [string, ...string[]] as ['admin', 'auditor', 'radiologist'],
);
export const outcomeSchema = z.enum(
  OUTCOMES as unknown as [
    'running',
    'stored',
    'stored-with-refusals',
    'nothing-to-do',
    'held',
    'failed',
  ],
);

export const meSchema = z.object({
  name: z.string(),
  role: roleSchema,
  seesPatients: z.boolean().describe('Whether names and identifiers of patients may be asked for'),
});

export const credentialsSchema = z.union([
  z.strictObject({ token: plain(200).describe('Of a one-time link') }),
  z.strictObject({ name: plain(200), password: z.string().min(1).max(1024) }),
]);

export const reasonSchema = z.object({
  code: z.string(),
  message: z.string(),
  next: z.string().nullable(),
});

export const studyRowSchema = z.object({
  studyInstanceUid: z.string(),
  archive: z.string(),
  studyDate: z.string().nullable(),
  description: z.string().nullable(),
  modalities: z.array(z.string()),
  outcome: outcomeSchema,
  reasons: z.array(reasonSchema),
  sequences: z.array(z.string()).describe('Of all its series; empty until decided on'),
  seriesCount: z.int(),
  instanceCount: z.int(),
  revision: z.int(),
  firstSeenAt: time,
  decidedAt: time.nullable(),
  updatedAt: time,
});

export const studiesQuerySchema = z.strictObject({
  outcome: outcomeSchema.optional(),
  sequence: plain(64).optional().describe('A sequence that the study holds, e.g. t1_in_phase'),
  archive: plain(64).optional(),
  text: plain(200)
    .optional()
    .describe(
      'Part of the description, or the beginning of the Study Instance UID; for roles that see patients also part of name, ID or accession number',
    ),
  from: searchTime.optional().describe('First seen at or after'),
  to: searchTime.optional().describe('First seen before'),
  cursor: plain(500).optional().describe('"next" of the page before'),
  limit: z.coerce.number<string>().int().min(1).max(500).optional().describe('Default 50'),
});

export const studyParametersSchema = z.object({
  studyInstanceUid: plain(128),
});

export const archiveQuerySchema = z.strictObject({
  archive: plain(64)
    .optional()
    .describe('Name of the archive; the one that saw the study last when left out'),
});

export const jobParametersSchema = z.object({ jobId: z.uuid() });

export const studyPageSchema = z.object({
  studies: z.array(studyRowSchema),
  next: z.string().nullable().describe('Cursor of the next page; null on the last'),
});

const evidenceSchema = z.object({
  sequence: z.string(),
  weight: z.number().describe('Positive speaks for the sequence, negative against'),
  attribute: z.string(),
  value: z.string(),
  rule: z.string(),
  text: z.string(),
});

export const seriesSchema = z.object({
  seriesInstanceUid: z.string(),
  number: z.string().nullable(),
  description: z.string().nullable(),
  modality: z.string().nullable(),
  instances: z.int(),
  present: z.boolean().describe('Whether the archive still lists it'),
  own: z.boolean().describe('Made by Situs, so never input'),
  sequence: z.string().nullable().describe('Null until the study is decided on'),
  confidence: z.number().nullable(),
  taken: z.boolean(),
  rule: z.string().nullable(),
  reason: z.string(),
  evidence: z.array(evidenceSchema),
  rules: z.array(z.object({ rule: z.string(), matched: z.boolean(), text: z.string() })),
});

export const stepSchema = z.object({
  step: z.string(),
  attempt: z.int(),
  state: z.enum(['running', 'done', 'failed', 'lost']),
  startedAt: time,
  seconds: z.number().nullable(),
  host: z.string(),
  error: errorSchema.nullable(),
});

export const resultSchema = z.object({
  kind: z.enum(['SEG', 'SR', 'SC']),
  sopInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  archive: z.string(),
  verified: z.boolean(),
  verification: z.string(),
  /** What the archive warned of when it stored the object. */
  warning: z.string().nullable(),
  storedAt: time,
  /** That the result was taken back, and whether its archive shows it all the same. */
  withdrawn: z
    .object({
      at: time,
      reason: z.enum(['quality', 'safety']),
      text: z.string(),
      noteUid: z.string().nullable(),
      stillShown: z.boolean().nullable(),
    })
    .nullable(),
});

export const findingSchema = z.object({
  label: z.int(),
  structure: z.string(),
  voxels: z.int(),
  volumeMl: z.number(),
  mean: z.number().nullable(),
  sd: z.number().nullable(),
  median: z.number().nullable(),
  minimum: z.number().nullable(),
  maximum: z.number().nullable(),
  truncated: z.boolean(),
});

export const jobSchema = z.object({
  id: z.string(),
  seriesInstanceUid: z.string(),
  sequence: z.string(),
  run: z.int(),
  state: z.enum(['queued', 'running', 'stored', 'held', 'refused', 'failed', 'cancelled']),
  rule: z.string(),
  model: z.object({
    name: z.string(),
    version: z.string(),
    hash: z.string().nullable(),
    licence: z.string().nullable().describe('Null when no card is on record'),
    intendedUse: z.string().nullable(),
  }),
  device: z.string().nullable().describe('Where the network ran: cpu, cuda, …, kserve'),
  engine: z.string().nullable().describe('What ran it, with its version'),
  weightsVerified: z
    .boolean()
    .nullable()
    .describe('Whether a server was found to run the weights of this host; null without a server'),
  inference: z
    .object({
      folds: z.array(z.int()),
      stepSize: z.number().nullable(),
      mirroring: z.boolean().nullable(),
      splitLevel: z.int().nullable(),
    })
    .nullable()
    .describe('How the network was run; null before it was. Older records lack some of it'),
  step: z.string().nullable(),
  progress: z.number(),
  reasons: z.array(reasonSchema),
  steps: z.array(stepSchema),
  results: z.array(resultSchema),
  queuedAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  unit: z.string().nullable().describe('HU or arbitrary'),
  findings: z.array(findingSchema),
  gate: z.array(
    z.object({
      check: z.string(),
      level: z.enum(['pass', 'warn', 'hold']),
      structure: z.string().nullable(),
      message: z.string(),
    }),
  ),
});

export const studySchema = studyRowSchema.extend({
  ruleSetVersion: z.string().nullable(),
  sequencesVersion: z.string().nullable(),
  series: z.array(seriesSchema),
  jobs: z.array(jobSchema).describe('Newest first'),
});

export const patientSchema = z.object({
  name: z.string().nullable().describe('As DICOM writes it: family^given^middle^prefix^suffix'),
  id: z.string().nullable(),
  accessionNumber: z.string().nullable(),
});

export const modelNameSchema = z.object({ name: plain(64) });
export const modelQuerySchema = z.strictObject({
  hash: z
    .string()
    .regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 in hexadecimal')
    .optional()
    .describe('Which of several models of this name; the latest without it'),
});

const modelFileSchema = z.object({ file: z.string(), bytes: z.int(), sha256: z.string() });

/** A model's card as it was when jobs ran with it. */
export const modelSchema = z.object({
  name: z.string(),
  version: z.string(),
  hash: z.string(),
  licence: z.string(),
  intendedUse: z.string(),
  sequences: z.array(z.string()).describe('Made for these; empty: not restricted'),
  structures: z.array(z.string()),
  facts: z
    .array(z.object({ name: z.string(), value: z.string() }))
    .describe('Training data, limits and what else its makers say'),
  figures: z.array(
    z.object({
      measure: z.string(),
      scanType: z.string(),
      structure: z.string().nullable().describe('Null: the mean over all structures'),
      value: z.number(),
    }),
  ),
  network: z.object({
    kind: z.string(),
    configuration: z.string(),
    spacing: z.array(z.number()).describe('mm, in the order of the network’s axes'),
    patch: z.array(z.int()),
    mirrorAxes: z.array(z.int()),
  }),
  trainer: z.string(),
  dataset: z.string().nullable(),
  folds: z.array(modelFileSchema.extend({ fold: z.int() })),
  sources: z.array(modelFileSchema).describe('What it was imported from'),
  download: z
    .object({ address: z.string(), bytes: z.int(), sha256: z.string(), at: z.string() })
    .nullable(),
  weightsVersion: z.string().nullable(),
});

export const rerunSchema = z.object({ jobs: z.array(z.string()) });

const levelSchema = z.enum(['ok', 'degraded', 'down']);

export const healthSchema = z.object({
  level: levelSchema,
  parts: z.record(z.string(), levelSchema),
});

export const nodeSchema = z.object({
  version: z.string(),
  level: levelSchema,
  parts: z.record(z.string(), z.object({ level: levelSchema, message: z.string(), since: time })),
  studies: z.record(outcomeSchema, z.int()).describe('Number of studies by outcome'),
});

export type ApiError = z.infer<typeof errorSchema>;
export type Me = z.infer<typeof meSchema>;
export type StudyOutcome = z.infer<typeof outcomeSchema>;
export type StudyRowView = z.infer<typeof studyRowSchema>;
export type StudyPage = z.infer<typeof studyPageSchema>;
export type PatientView = z.infer<typeof patientSchema>;
export type NodeView = z.infer<typeof nodeSchema>;
export type StudyView = z.infer<typeof studySchema>;
export type SeriesView = z.infer<typeof seriesSchema>;
export type JobView = z.infer<typeof jobSchema>;
export type ModelView = z.infer<typeof modelSchema>;
export type StepView = z.infer<typeof stepSchema>;
export type FindingView = z.infer<typeof findingSchema>;
