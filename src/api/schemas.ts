import { z } from 'zod';
import { OUTCOMES, ROLES } from '../records/index.ts';

/*
 * What the API takes and answers with. The OpenAPI description and the page's types are made from
 * these, so neither can differ from the other.
 */

const time = z.iso.datetime();

export const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  next: z.string(),
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

export const meSchema = z.object({ name: z.string(), role: roleSchema });

export const credentialsSchema = z.union([
  z.strictObject({ token: z.string().min(1).max(200) }),
  z.strictObject({ name: z.string().min(1).max(200), password: z.string().min(1).max(1000) }),
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
  sequences: z.array(z.string()),
  revision: z.int(),
  firstSeenAt: time,
  updatedAt: time,
});

export const studiesQuerySchema = z.strictObject({
  outcome: outcomeSchema.optional(),
  sequence: z.string().max(64).optional(),
  archive: z.string().max(64).optional(),
  text: z.string().max(200).optional(),
  from: time.optional(),
  to: time.optional(),
  cursor: z.string().max(500).optional(),
  limit: z.coerce.number().int().min(1).max(500).optional(),
});

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
  kind: z.enum(['SEG', 'SR']),
  sopInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  bytes: z.int(),
  sha256: z.string(),
  archive: z.string(),
  verified: z.boolean(),
  verification: z.string(),
  storedAt: time,
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
  model: z.object({ name: z.string(), version: z.string(), hash: z.string().nullable() }),
  device: z.string().nullable(),
  step: z.string().nullable(),
  progress: z.number(),
  reasons: z.array(reasonSchema),
  steps: z.array(stepSchema),
  results: z.array(resultSchema),
  unit: z.string().nullable(),
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
  patient: z
    .object({ name: z.string().nullable(), id: z.string().nullable() })
    .nullable()
    .describe('Null for roles that may not see patient data'),
  ruleSetVersion: z.string().nullable(),
  sequencesVersion: z.string().nullable(),
  series: z.array(seriesSchema),
  jobs: z.array(jobSchema),
});

export const rerunSchema = z.object({ jobs: z.array(z.string()) });

export const healthSchema = z.object({
  level: z.enum(['ok', 'degraded', 'down']),
  parts: z.record(
    z.string(),
    z.object({ level: z.enum(['ok', 'degraded', 'down']), message: z.string(), since: z.string() }),
  ),
});

export type ApiError = z.infer<typeof errorSchema>;
export type Me = z.infer<typeof meSchema>;
export type Credentials = z.infer<typeof credentialsSchema>;
export type StudyOutcome = z.infer<typeof outcomeSchema>;
export type StudyRowView = z.infer<typeof studyRowSchema>;
export type StudyPage = z.infer<typeof studyPageSchema>;
export type StudyView = z.infer<typeof studySchema>;
export type SeriesView = z.infer<typeof seriesSchema>;
export type JobView = z.infer<typeof jobSchema>;
export type StepView = z.infer<typeof stepSchema>;
export type FindingView = z.infer<typeof findingSchema>;
