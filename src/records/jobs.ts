import { type Priority, SitusError, type Target } from '../contracts/index.ts';
import type { Trail } from './chain.ts';
import type { Db, Tx } from './client.ts';
import type { JobRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import { contentRecords } from './job-content.ts';
import {
  REF_COLUMNS,
  asRef,
  cancelRow,
  closeSteps,
  errorColumns,
  isJobId,
  lockOwnJob,
} from './job-rows.ts';
import { rerun } from './job-rerun.ts';
import { stepRecords } from './job-steps.ts';
import { toJson } from './json.ts';
import { refreshOutcome } from './outcome.ts';
import { latestResults, resultRow, stepRow } from './rows.ts';
import { lockJob, predecessorResults, prolongJob } from './sql.ts';
import type {
  Claim,
  ClaimAnswer,
  EncodingPlan,
  FinalState,
  JobState,
  JobWork,
  Json,
  Predecessor,
  Reason,
} from './types.ts';

const QUEUED_SECONDS = 3600;

const WORK_COLUMNS = {
  study: { select: { archive: true, studyInstanceUid: true } },
  decision: {
    select: {
      ruleSetVersion: true,
      sequencesVersion: true,
      revision: { select: { revision: true } },
    },
  },
  labels: { select: { jobId: true } },
  results: true,
  steps: { orderBy: { id: 'asc' } },
} as const satisfies Prisma.JobInclude;

export function jobRecords(db: Db): JobRecords {
  return {
    ...stepRecords(db),
    ...contentRecords(db),

    async jobForWork(id) {
      return db.read((prisma) => jobWork(prisma, id));
    },

    async claim(actor, claim, leaseSeconds) {
      if (!isJobId(claim.jobId)) return { kind: 'unknown' };
      const taken = await db.write(actor, (tx, trail) =>
        claimJob(tx, trail, actor.host, claim, leaseSeconds),
      );
      if (taken.kind !== 'taken') return taken;
      // Outside the transaction: Prisma reads relations side by side, and one connection cannot.
      const work = await db.read((prisma) => jobWork(prisma, claim.jobId));
      return work === null
        ? { kind: 'unknown' }
        : { kind: 'claimed', work, takenOver: taken.takenOver };
    },

    async heartbeat(claim, leaseSeconds, progress) {
      return db.operate((tx) =>
        prolongJob(tx, claim.jobId, claim.owner, leaseSeconds, progress ?? null),
      );
    },

    async predecessors(jobId, kind) {
      return db.read(async (prisma) => {
        const found = await predecessorResults(prisma, jobId, kind);
        const rows = await prisma.result.findMany({
          where: { id: { in: found.map((one) => one.resultId) } },
        });
        const byId = new Map(rows.map((row) => [row.id, row]));
        return found.flatMap(({ resultId, studyInstanceUid }): Predecessor[] => {
          const row = byId.get(resultId);
          return row === undefined
            ? []
            : [{ ...resultRow(row), jobId: row.jobId, studyInstanceUid }];
        });
      });
    },

    async finishJob(actor, claim, state, reasons, error) {
      await db.write(actor, async (tx, trail) => {
        const { studyId } = await lockOwnJob(tx, claim);
        if (state === 'stored') await requireStored(tx, claim.jobId);
        await finish(tx, trail, claim.jobId, studyId, state, reasons, error);
      });
    },

    async cancel(actor, jobId, reason) {
      return db.write(actor, async (tx, trail) => {
        const job = isJobId(jobId) ? await lockJob(tx, jobId) : null;
        if (job === null || (job.state !== 'queued' && job.state !== 'running')) return false;
        await cancelRow(tx, trail, jobId, reason);
        await refreshOutcome(tx, job.studyId);
        return true;
      });
    },

    rerun: (actor, what, enqueue) => rerun(db, actor, what, enqueue),

    async staleJobs(now, queuedSeconds = QUEUED_SECONDS) {
      return db.read(async (prisma) => {
        const waitingSince = new Date(now.getTime() - queuedSeconds * 1000);
        const rows = await prisma.job.findMany({
          where: {
            OR: [
              { state: 'running', leaseUntil: { lt: now } },
              { state: 'queued', availableAt: { lt: waitingSince } },
            ],
          },
          orderBy: { createdAt: 'asc' },
          include: { study: { select: { archive: true, studyInstanceUid: true } } },
        });
        return rows.map((row) => ({
          id: row.id,
          state: row.state as 'queued' | 'running',
          studyInstanceUid: row.study.studyInstanceUid,
          archive: row.study.archive,
          leaseOwner: row.leaseOwner,
          since: row.leaseUntil ?? row.availableAt,
        }));
      });
    },

    async live(model) {
      return db.read(async (prisma) => {
        const rows = await prisma.job.findMany({
          where: {
            state: { in: ['queued', 'running'] },
            ...(model === undefined ? {} : { model }),
          },
          orderBy: { createdAt: 'asc' },
          select: { ...REF_COLUMNS, state: true, availableAt: true },
        });
        return rows.map((row) => ({
          ...asRef(row),
          state: row.state as 'queued' | 'running',
          ...(row.state === 'queued' ? { notBefore: row.availableAt } : {}),
        }));
      });
    },

    async setWorkItem(actor, jobId, uids) {
      await db.write(actor, async (tx, trail) => {
        await tx.job.update({ where: { id: jobId }, data: { ...uids } });
        trail.add('job.work-item', 'job', jobId, uids);
      });
    },
  };
}

async function jobWork(tx: Tx, id: string): Promise<JobWork | null> {
  if (!isJobId(id)) return null;
  const row = await tx.job.findUnique({ where: { id }, include: WORK_COLUMNS });
  if (row === null) return null;
  return {
    id: row.id,
    run: row.run,
    state: row.state as JobState,
    archive: row.study.archive,
    studyInstanceUid: row.study.studyInstanceUid,
    revision: row.decision.revision.revision,
    decisionId: row.decisionId.toString(),
    ruleSetVersion: row.decision.ruleSetVersion,
    sequencesVersion: row.decision.sequencesVersion,
    target: row.target as unknown as Target,
    identity: row.identity,
    model: row.model,
    modelVersion: row.modelVersion,
    modelHash: row.modelHash,
    settings: row.settings as { readonly [key: string]: Json },
    priority: row.priority as Priority,
    attempts: row.attempts,
    encoding: row.encoding as unknown as EncodingPlan | null,
    hasLabels: row.labels !== null,
    results: latestResults(row.results),
    steps: row.steps.map(stepRow),
    workItemUid: row.workItemUid,
    transactionUid: row.transactionUid,
    createdAt: row.createdAt,
  };
}

async function claimJob(
  tx: Tx,
  trail: Trail,
  host: string,
  claim: Claim,
  leaseSeconds: number,
): Promise<
  | Exclude<ClaimAnswer, { kind: 'claimed' }>
  | { readonly kind: 'taken'; readonly takenOver: boolean }
> {
  const job = await lockJob(tx, claim.jobId);
  if (job === null) return { kind: 'unknown' };
  const running = job.state === 'running';
  if (!running && job.state !== 'queued') return { kind: 'over', state: job.state as FinalState };
  const { leaseOwner, leaseUntil, now } = job;
  if (running && leaseOwner !== null && leaseUntil !== null) {
    if (leaseOwner !== claim.owner && leaseUntil > now) {
      return { kind: 'busy', owner: leaseOwner, until: leaseUntil };
    }
  }
  const takenOver = running && leaseOwner !== claim.owner;
  if (takenOver) await closeSteps(tx, claim.jobId, 'lost');
  const before = await tx.job.update({
    where: { id: claim.jobId },
    data: {
      state: 'running',
      leaseOwner: claim.owner,
      leaseUntil: new Date(now.getTime() + leaseSeconds * 1000),
      heartbeatAt: now,
      attempts: { increment: 1 },
      host,
    },
    select: { startedAt: true },
  });
  if (before.startedAt === null) {
    await tx.job.update({ where: { id: claim.jobId }, data: { startedAt: now } });
  }
  await refreshOutcome(tx, job.studyId);
  trail.add(takenOver ? 'job.taken-over' : 'job.claimed', 'job', claim.jobId, {
    owner: claim.owner,
    ...(takenOver ? { from: leaseOwner, leaseEnded: leaseUntil } : {}),
  });
  return { kind: 'taken', takenOver };
}

/** A job may only be called stored when each object its rule asks for was read back (design §6). */
async function requireStored(tx: Tx, jobId: string): Promise<void> {
  const job = await tx.job.findUniqueOrThrow({
    where: { id: jobId },
    select: { target: true, results: true },
  });
  const { store } = job.target as unknown as Target;
  const verified = new Set(
    latestResults(job.results)
      .filter((result) => result.verified)
      .map((result) => result.kind),
  );
  const missing = [
    ...(store.seg !== 'none' && !verified.has('SEG') ? ['SEG'] : []),
    ...(store.sr && !verified.has('SR') ? ['SR'] : []),
    ...(store.pictures === true && !verified.has('SC') ? ['SC'] : []),
  ];
  if (missing.length === 0) return;
  throw new SitusError({
    code: 'NOT_VERIFIED',
    message: `Job ${jobId} cannot be called stored: no verified ${missing.join(' and ')} is recorded.`,
    next: 'This is a defect of Situs; please report it with the code, the version and the job.',
    errorClass: 'fault',
    origin: 'situs',
    details: { missing },
  });
}

async function finish(
  tx: Tx,
  trail: Trail,
  jobId: string,
  studyId: bigint,
  state: FinalState,
  reasons: readonly Reason[],
  error: SitusError | undefined,
): Promise<void> {
  await tx.job.update({
    where: { id: jobId },
    data: {
      state,
      reasons: reasons.map((reason) => toJson(reason)) as Prisma.InputJsonValue[],
      ...errorColumns(error),
      ...(state === 'stored' || state === 'held' ? { progress: 1 } : {}),
      step: null,
      leaseOwner: null,
      leaseUntil: null,
      finishedAt: new Date(),
    },
  });
  await closeSteps(tx, jobId, 'lost');
  await refreshOutcome(tx, studyId);
  trail.add(`job.${state}`, 'job', jobId, {
    reasons,
    ...(error === undefined ? {} : { error: error.toJSON() }),
  });
}
