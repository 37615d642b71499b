import type { ModelCard } from '../contracts/index.ts';
import {
  ROLES,
  type DecisionDetail,
  type JobDetail,
  type Reason,
  type Role,
  type SeriesRow,
  type StudyDetail,
  type StudyRow,
  type VerdictRow,
} from '../records/index.ts';
import type { JobView, PatientView, SeriesView, StudyRowView, StudyView } from './schemas.ts';

/** Roles that need to know whose scan it is; the auditor judges rows, not patients. */
const SEES_PATIENTS: readonly Role[] = ['admin', 'radiologist'];

/** Roles that may ask for patient data; everybody where the configuration masks nothing. */
export function rolesThatSeePatients(maskPatientData: boolean): readonly Role[] {
  return maskPatientData ? SEES_PATIENTS : ROLES;
}

export function studyRowView(row: StudyRow): StudyRowView {
  return {
    studyInstanceUid: row.studyInstanceUid,
    archive: row.archive,
    studyDate: row.studyDate,
    description: row.description,
    modalities: [...row.modalities],
    outcome: row.outcome,
    reasons: row.reasons.map(reasonView),
    sequences: [...row.sequences],
    seriesCount: row.seriesCount,
    instanceCount: row.instanceCount,
    revision: row.revision,
    firstSeenAt: row.observedAt.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** Everything on record of a study but whose it is. @param models cards of the models that its jobs name */
export function studyView(study: StudyDetail, models: readonly ModelCard[]): StudyView {
  const decision = study.decisions[0] ?? null;
  return {
    ...studyRowView(study),
    ruleSetVersion: decision?.ruleSetVersion ?? null,
    sequencesVersion: decision?.sequencesVersion ?? null,
    series: study.series.map((series) => seriesView(series, decision)),
    jobs: study.jobs.map((job) => jobView(job, models)),
  };
}

export function patientView(study: StudyDetail): PatientView {
  return {
    name: study.patientName,
    id: study.patientId,
    accessionNumber: study.accessionNumber,
  };
}

function reasonView({ code, message, next }: Reason): StudyRowView['reasons'][number] {
  return { code, message, next };
}

function seriesView(series: SeriesRow, decision: DecisionDetail | null): SeriesView {
  const verdict = decision?.verdicts.find(
    (one) => one.seriesInstanceUid === series.seriesInstanceUid,
  );
  return {
    seriesInstanceUid: series.seriesInstanceUid,
    number: series.number,
    description: series.description,
    modality: series.modality,
    instances: series.instanceCount,
    present: series.present,
    own: series.own,
    sequence: verdict?.sequence ?? null,
    confidence: verdict?.confidence ?? null,
    taken: verdict?.taken ?? false,
    rule: verdict?.rule ?? null,
    reason: verdict?.reason ?? reasonWithoutVerdict(series),
    evidence: evidenceOf(verdict),
    rules: (verdict?.rules ?? []).map(({ rule, matched, text }) => ({ rule, matched, text })),
  };
}

function reasonWithoutVerdict(series: SeriesRow): string {
  if (series.own) return 'A result of Situs: never input.';
  if (!series.present) return 'The archive no longer lists this series.';
  return 'Not decided yet: the study is still waiting to settle.';
}

function evidenceOf(verdict: VerdictRow | undefined): SeriesView['evidence'] {
  return (verdict?.match?.evidence ?? []).map((item) => ({ ...item }));
}

function inferenceView(run: JobDetail['segmentation']): JobView['inference'] {
  if (run === null) return null;
  return {
    folds: [...run.folds],
    stepSize: run.stepSize ?? null,
    mirroring: run.mirroring ?? null,
    splitLevel: run.splitLevel ?? null,
  };
}

function jobView(job: JobDetail, models: readonly ModelCard[]): JobView {
  const card = models.find(({ hash }) => hash === job.modelHash);
  return {
    id: job.id,
    seriesInstanceUid: job.seriesInstanceUid,
    sequence: job.sequence,
    run: job.run,
    state: job.state,
    rule: job.rule,
    model: {
      name: job.model,
      version: job.modelVersion,
      hash: job.modelHash,
      licence: card?.licence ?? null,
      intendedUse: card?.intendedUse ?? null,
    },
    device: job.device,
    engine: job.segmentation?.engine ?? null,
    weightsVerified: job.segmentation?.remote?.weightsVerified ?? null,
    inference: inferenceView(job.segmentation),
    step: job.step,
    progress: job.progress,
    reasons: job.reasons.map(reasonView),
    queuedAt: job.createdAt.toISOString(),
    startedAt: job.startedAt?.toISOString() ?? null,
    finishedAt: job.finishedAt?.toISOString() ?? null,
    steps: job.steps.map((step) => ({
      step: step.step,
      attempt: step.attempt,
      state: step.state,
      startedAt: step.startedAt.toISOString(),
      seconds: step.seconds,
      host: step.host,
      error: step.error === null ? null : { ...step.error },
    })),
    results: job.results.map((result) => ({
      kind: result.kind,
      sopInstanceUid: result.sopInstanceUid,
      seriesInstanceUid: result.seriesInstanceUid,
      bytes: result.bytes,
      sha256: result.sha256,
      archive: result.archive,
      verified: result.verified,
      verification: result.verification,
      warning: result.warning,
      storedAt: result.at.toISOString(),
      withdrawn:
        result.withdrawn === null
          ? null
          : { ...result.withdrawn, at: result.withdrawn.at.toISOString() },
    })),
    unit: job.findings[0]?.unit ?? null,
    findings: job.findings.map((finding) => ({
      label: finding.label,
      structure: finding.structure,
      voxels: finding.voxels,
      volumeMl: finding.volumeMl,
      mean: finding.mean,
      sd: finding.sd,
      median: finding.median,
      minimum: finding.minimum,
      maximum: finding.maximum,
      truncated: finding.truncated,
    })),
    gate: job.gate.map((verdict) => ({ ...verdict })),
  };
}
