import { type Priority, SitusError, fault } from '../contracts/index.ts';
import type { Trail } from './chain.ts';
import type { Tx } from './client.ts';
import type { Prisma } from './generated/client.ts';
import { cleanText, toJson } from './json.ts';
import { type LockedJob, lockJob } from './sql.ts';
import type { Claim, JobRef, Reason } from './types.ts';

/* What several of the job files need of job rows. */

export const REF_COLUMNS = {
  id: true,
  run: true,
  priority: true,
  seriesInstanceUid: true,
  stackId: true,
} as const;

export type JobRefRow = Prisma.JobGetPayload<{ select: typeof REF_COLUMNS }>;

export function asRef(row: JobRefRow): JobRef {
  return {
    id: row.id,
    run: row.run,
    priority: row.priority as Priority,
    seriesInstanceUid: row.seriesInstanceUid,
    stackId: row.stackId,
  };
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Ids come from outside too (queue messages, URLs): anything else would be an error of the database. */
export function isJobId(id: string): boolean {
  return UUID.test(id);
}

/**
 * Locks a job that the claim's owner still runs. Throws CLAIM_LOST when it was taken over, cancelled
 * or ended: the worker then leaves it alone.
 */
export async function lockOwnJob(tx: Tx, claim: Claim): Promise<LockedJob> {
  const job = isJobId(claim.jobId) ? await lockJob(tx, claim.jobId) : null;
  if (job === null) throw fault('UNKNOWN_JOB', `There is no job ${claim.jobId}.`);
  if (job.state === 'running' && job.leaseOwner === claim.owner) return job;
  throw new SitusError({
    code: 'CLAIM_LOST',
    message: `Job ${claim.jobId} is no longer ${claim.owner}'s: it is ${job.state}${job.leaseOwner === null ? '' : `, held by ${job.leaseOwner}`}.`,
    next: 'Nothing: the job goes on elsewhere or has ended. This worker leaves it alone.',
    errorClass: 'retry',
    origin: 'situs',
    details: { state: job.state, owner: job.leaseOwner },
  });
}

/** Ends a live job whose study is locked. */
export async function cancelRow(
  tx: Tx,
  trail: Trail,
  jobId: string,
  reason: Reason,
): Promise<void> {
  await tx.job.update({
    where: { id: jobId },
    data: {
      state: 'cancelled',
      reasons: [toJson(reason)] as Prisma.InputJsonValue[],
      errorCode: reason.code,
      errorMessage: reason.message,
      errorNext: reason.next,
      errorClass: null,
      leaseOwner: null,
      leaseUntil: null,
      finishedAt: new Date(),
    },
  });
  await closeSteps(tx, jobId, 'lost');
  trail.add('job.cancelled', 'job', jobId, { reason });
}

/** Marks attempts that were left running. */
export async function closeSteps(tx: Tx, jobId: string, state: 'lost'): Promise<void> {
  await tx.jobStep.updateMany({
    where: { jobId, state: 'running' },
    data: { state, finishedAt: new Date() },
  });
}

/** An error as the columns that jobs and steps have for one. */
export function errorColumns(error: SitusError | undefined) {
  return {
    errorCode: error?.code ?? null,
    errorMessage: error === undefined ? null : cleanText(error.message),
    errorNext: error === undefined ? null : cleanText(error.next),
    errorClass: error?.errorClass ?? null,
  };
}
