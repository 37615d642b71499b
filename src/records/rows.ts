import type {
  GateLevel,
  ResultKind,
  RuleVerdict,
  SegmentationRun,
  Target,
} from '../contracts/index.ts';
import type { Prisma } from './generated/client.ts';
import type { DecisionDetail, FindingRow, GateRow, StepRow, VerdictRow } from './types.ts';
import type { ResultRow } from './result-types.ts';

/* Rows of the database as the door's types. JSON columns hold what `toJson` made of those types. */

export function stepRow(row: Prisma.JobStepGetPayload<object>): StepRow {
  return {
    step: row.step,
    attempt: row.attempt,
    state: row.state as StepRow['state'],
    host: row.host,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    seconds: row.seconds,
    artifact:
      row.artifactName === null || row.artifactSha256 === null || row.artifactBytes === null
        ? null
        : {
            name: row.artifactName,
            sha256: row.artifactSha256,
            bytes: Number(row.artifactBytes),
          },
    error: errorOf(row),
  };
}

export function errorOf(row: {
  readonly errorCode: string | null;
  readonly errorMessage: string | null;
  readonly errorNext: string | null;
}): { code: string; message: string; next: string } | null {
  if (row.errorCode === null) return null;
  return { code: row.errorCode, message: row.errorMessage ?? '', next: row.errorNext ?? '' };
}

export function resultRow(row: Prisma.ResultGetPayload<object>): ResultRow {
  return {
    kind: row.kind as ResultKind,
    sopClassUid: row.sopClassUid,
    sopInstanceUid: row.sopInstanceUid,
    seriesInstanceUid: row.seriesInstanceUid,
    bytes: row.bytes,
    sha256: row.sha256,
    archive: row.archive,
    status: row.status,
    verified: row.verified,
    verification: row.verification,
    warning: row.warning,
    at: row.createdAt,
  };
}

/**
 * The last word on each object: rows are append-only, a later one supersedes an earlier one. Status and
 * warning are those of the last row that has them: reading an object back brings neither.
 */
export function latestResults(rows: readonly Prisma.ResultGetPayload<object>[]): ResultRow[] {
  const latest = new Map<string, Prisma.ResultGetPayload<object>>();
  for (const row of [...rows].sort((a, b) => (a.id < b.id ? -1 : 1))) {
    const key = `${row.kind} ${row.sopInstanceUid} ${row.archive}`;
    const { status, warning } = latest.get(key) ?? row;
    latest.delete(key);
    latest.set(key, { ...row, status: row.status ?? status, warning: row.warning ?? warning });
  }
  return [...latest.values()].map(resultRow);
}

export function findingRow(row: Prisma.FindingGetPayload<object>): FindingRow {
  return {
    label: row.label,
    structure: row.structure,
    voxels: Number(row.voxels),
    volumeMl: row.volumeMl,
    unit: row.unit,
    mean: row.mean,
    sd: row.sd,
    median: row.median,
    minimum: row.minimum,
    maximum: row.maximum,
    truncated: row.truncated,
    centroid: row.centroid,
  };
}

export function gateRow(row: Prisma.GateVerdictGetPayload<object>): GateRow {
  return {
    check: row.check,
    level: row.level as GateLevel,
    structure: row.structure,
    message: row.message,
  };
}

export function segmentationOf(labels: { readonly run: Prisma.JsonValue } | null) {
  return labels === null ? null : (labels.run as unknown as SegmentationRun);
}

export function decisionDetail(
  row: Prisma.DecisionGetPayload<{
    include: { verdicts: true; revision: { select: { revision: true } } };
  }>,
): DecisionDetail {
  return {
    id: row.id.toString(),
    revision: row.revision.revision,
    ruleSetVersion: row.ruleSetVersion,
    sequencesVersion: row.sequencesVersion,
    targets: row.targets as unknown as readonly Target[],
    verdicts: row.verdicts.map((verdict) => ({
      seriesInstanceUid: verdict.seriesInstanceUid,
      sequence: verdict.sequence,
      confidence: verdict.confidence,
      taken: verdict.taken,
      rule: verdict.rule,
      reason: verdict.reason,
      rules: verdict.rules as unknown as readonly RuleVerdict[],
      match: verdict.match as unknown as VerdictRow['match'],
    })),
    at: row.createdAt,
  };
}
