import { randomUUID } from 'node:crypto';
import pg from 'pg';
import type {
  Actor,
  Decision,
  Findings,
  StoredResult,
  StudyHeaders,
  StudyListing,
  StudyRevision,
  Target,
  Verdict,
} from '../../src/contracts/index.ts';
import type {
  Claim,
  DecisionToSave,
  EncodingPlan,
  Enqueue,
  JobRef,
  JobWork,
  NewJob,
  Records,
  StoredLabels,
} from '../../src/records/index.ts';
import { sha256 } from '../../src/records/json.ts';

export const SERVICE: Actor = { kind: 'service', name: 'worker', host: 'test-host' };
export const ADMIN: Actor = { kind: 'user', name: 'anna', host: 'test-host' };
const ARCHIVE = 'main';

let serial = 0;

/** A UID nobody else has. */
export function uid(): string {
  serial += 1;
  return `1.2.826.0.1.3680043.10.1.${process.pid}.${serial}`;
}

export function listing(change: Partial<StudyListing> = {}): StudyListing {
  return {
    archive: ARCHIVE,
    studyInstanceUid: uid(),
    studyDate: '20260301',
    studyDescription: 'MR Abdomen',
    modalities: ['MR'],
    attributes: {
      '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Müller^Hans' }] },
      '00100020': { vr: 'LO', Value: ['PAT-1'] },
      '00080050': { vr: 'SH', Value: ['ACC-1'] },
    },
    series: [series(), series()],
    ...change,
  };
}

export function series(instances = 3) {
  return {
    seriesInstanceUid: uid(),
    modality: 'MR',
    seriesNumber: '4',
    seriesDescription: 't1 vibe',
    sopInstanceUids: Array.from({ length: instances }, uid).sort(),
  };
}

export function revisionOf(study: StudyListing, revision = 1): StudyRevision {
  return { listing: study, fingerprint: sha256(JSON.stringify(study.series)), revision };
}

export function headersOf(study: StudyListing): StudyHeaders {
  return {
    studyInstanceUid: study.studyInstanceUid,
    attributes: { BodyPartExamined: 'ABDOMEN' },
    series: study.series.map((one) => ({
      seriesInstanceUid: one.seriesInstanceUid,
      instanceCount: one.sopInstanceUids.length,
      attributes: { Modality: 'MR' },
      stacks: [],
    })),
  };
}

/** A decision that takes the first `targets` series and leaves the others alone. */
export function decisionOf(study: StudyListing, targets = 1): Decision {
  const taken = study.series.slice(0, targets);
  return {
    studyInstanceUid: study.studyInstanceUid,
    ruleSetVersion: 'rules-1',
    sequencesVersion: 'sequences-1',
    targets: taken.map((one): Target => ({
      seriesInstanceUid: one.seriesInstanceUid,
      stackId: 'all',
      frames: one.sopInstanceUids.map((sopInstanceUid) => ({
        sopInstanceUid,
        frameNumber: null,
      })),
      sequence: 't1_in_phase',
      confidence: 0.9,
      rule: 'abdominal MR',
      segment: { model: 'demo', folds: 'all' },
      store: { seg: 'binary', sr: true, to: ARCHIVE },
      priority: 'normal',
    })),
    verdicts: study.series.map((one, index): Verdict => {
      const isTaken = index < targets;
      return {
        seriesInstanceUid: one.seriesInstanceUid,
        sequence: isTaken ? 't1_in_phase' : 'localizer',
        confidence: 0.9,
        taken: isTaken,
        rule: isTaken ? 'abdominal MR' : null,
        reason: isTaken ? 'first match' : 'a localizer is never segmented',
        rules: [{ rule: 'abdominal MR', matched: isTaken, outcome: 'true', text: 'matched' }],
      };
    }),
  };
}

export function jobsOf(decision: Decision, change: Partial<NewJob> = {}): NewJob[] {
  return decision.targets.map((target) => ({
    target,
    modelVersion: '1.0.0',
    modelHash: 'a'.repeat(64),
    settings: { spacingMode: 'true' },
    ...change,
  }));
}

export function toSave(study: StudyListing, targets = 1, revision = 1): DecisionToSave {
  const decision = decisionOf(study, targets);
  return {
    revision: revisionOf(study, revision),
    headers: headersOf(study),
    decision,
    matches: study.series.map((one) => ({
      seriesInstanceUid: one.seriesInstanceUid,
      stackId: null,
      sequence: 'localizer',
      confidence: 0.9,
      reason: 'few slices',
      evidence: [],
      stacks: [],
    })),
    jobs: jobsOf(decision),
  };
}

/** An `enqueue` that only remembers. */
export function queue(): { enqueue: Enqueue; sent: JobRef[] } {
  const sent: JobRef[] = [];
  return {
    sent,
    enqueue: (_tx, job) => {
      sent.push(job);
      return Promise.resolve();
    },
  };
}

/** Saves a study with a decision and hands back its jobs. */
export async function decided(
  records: Records,
  targets = 1,
  change: Partial<StudyListing> = {},
): Promise<{ study: StudyListing; jobs: readonly JobRef[] }> {
  const study = listing(change);
  const saved = await records.decisions.saveDecision(
    SERVICE,
    toSave(study, targets),
    queue().enqueue,
  );
  return { study, jobs: saved.jobs };
}

export async function claimed(
  records: Records,
  jobId: string,
): Promise<{ claim: Claim; work: JobWork }> {
  const claim = { jobId, owner: `test-host:${randomUUID()}` };
  const answer = await records.jobs.claim(SERVICE, claim, 60);
  if (answer.kind !== 'claimed') throw new Error(`job ${jobId} is ${answer.kind}`);
  return { claim, work: answer.work };
}

export const FINDINGS: Findings = {
  unit: 'arbitrary',
  structures: [
    {
      label: 1,
      structure: 'liver',
      voxels: 123_456,
      volumeMl: 1234.567891,
      intensity: { mean: 100.1, sd: 5.25, median: 99, minimum: -3, maximum: 180 },
      truncated: false,
      centroid: [1.5, -20.25, 300.125],
    },
    {
      label: 2,
      structure: 'spleen',
      voxels: 10,
      volumeMl: 0.1,
      intensity: null,
      truncated: true,
      centroid: [0, 0, 0],
    },
  ],
  gate: [{ check: 'volume', level: 'warn', structure: 'spleen', message: 'very small' }],
  level: 'warn',
};

export function labels(content = 'labels'): StoredLabels {
  const bytes = new TextEncoder().encode(content);
  return {
    bytes,
    sha256: sha256(bytes),
    encoding: 'zstd',
    shape: [2, 3, 4],
    structures: { 1: 'liver', 2: 'spleen' },
    run: {
      model: 'demo',
      modelVersion: '1.0.0',
      modelHash: 'b'.repeat(64),
      folds: [0],
      engine: 'onnxruntime',
      device: 'cpu',
      threads: 2,
      spacingMode: 'true',
      patches: 8,
      seconds: { total: 1.5 },
    },
  };
}

export function plan(): EncodingPlan {
  return {
    objects: [
      { kind: 'SEG', seriesInstanceUid: uid(), sopInstanceUid: uid(), sha256: null },
      { kind: 'SR', seriesInstanceUid: uid(), sopInstanceUid: uid(), sha256: null },
    ],
    encodedAt: '2026-03-01T10:00:00.000Z',
    data: {},
  };
}

export function stored(kind: 'SEG' | 'SR', verified: boolean): StoredResult {
  return {
    kind,
    sopClassUid: '1.2.840.10008.5.1.4.1.1.66.4',
    sopInstanceUid: uid(),
    seriesInstanceUid: uid(),
    bytes: 1000,
    sha256: 'c'.repeat(64),
    archive: ARCHIVE,
    status: 200,
    verified,
    verification: verified ? 'content equal' : 'not read back yet',
    warning: null,
  };
}

/** Takes a queued job through to `stored`; the archive may have warned of the segmentation. */
export async function storeJob(
  records: Records,
  jobId: string,
  warning: string | null = null,
): Promise<void> {
  const { claim } = await claimed(records, jobId);
  const seg = stored('SEG', true);
  await records.jobs.saveStored(SERVICE, claim, { ...seg, verified: false, warning });
  await records.jobs.saveStored(SERVICE, claim, { ...seg, status: null });
  await records.jobs.saveStored(SERVICE, claim, stored('SR', true));
  await records.jobs.finishJob(SERVICE, claim, 'stored', []);
}

/** Runs SQL as somebody behind Situs's back would. */
export async function sql<Row extends pg.QueryResultRow = pg.QueryResultRow>(
  url: string,
  text: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url, options: '-c timezone=UTC' });
  await client.connect();
  try {
    return (await client.query<Row>(text, values)).rows;
  } finally {
    await client.end();
  }
}
