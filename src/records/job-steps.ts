import { fault } from '../contracts/index.ts';
import type { Db, Tx } from './client.ts';
import type { JobRecords } from './door.ts';
import { closeSteps, errorColumns, lockOwnJob } from './job-rows.ts';
import { refreshOutcome } from './outcome.ts';

/** Steps and their attempts. */
export function stepRecords(db: Db): Pick<JobRecords, 'startStep' | 'finishStep' | 'failStep'> {
  return {
    async startStep(actor, claim, step) {
      return db.write(actor, async (tx, trail) => {
        await lockOwnJob(tx, claim);
        await closeSteps(tx, claim.jobId, 'lost');
        const attempt = 1 + (await tx.jobStep.count({ where: { jobId: claim.jobId, step } }));
        await tx.jobStep.create({
          data: { jobId: claim.jobId, step, attempt, state: 'running', host: actor.host },
        });
        await tx.job.update({ where: { id: claim.jobId }, data: { step } });
        trail.add('step.started', 'job', claim.jobId, { step, attempt });
        return attempt;
      });
    },

    async finishStep(actor, claim, step, artifact) {
      await db.write(actor, async (tx, trail) => {
        await lockOwnJob(tx, claim);
        const { id, attempt, startedAt } = await runningAttempt(tx, claim.jobId, step);
        const finishedAt = new Date();
        const seconds = secondsBetween(startedAt, finishedAt);
        await tx.jobStep.update({
          where: { id },
          data: {
            state: 'done',
            finishedAt,
            seconds,
            artifactName: artifact?.name ?? null,
            artifactSha256: artifact?.sha256 ?? null,
            artifactBytes: artifact?.bytes ?? null,
          },
        });
        trail.add('step.done', 'job', claim.jobId, { step, attempt, seconds, artifact });
      });
    },

    async failStep(actor, claim, step, error, retryAt) {
      await db.write(actor, async (tx, trail) => {
        const { studyId } = await lockOwnJob(tx, claim);
        const { id, attempt, startedAt } = await runningAttempt(tx, claim.jobId, step);
        const finishedAt = new Date();
        const { errorClass, ...columns } = errorColumns(error);
        await tx.jobStep.update({
          where: { id },
          data: {
            state: 'failed',
            finishedAt,
            seconds: secondsBetween(startedAt, finishedAt),
            ...columns,
          },
        });
        await tx.job.update({
          where: { id: claim.jobId },
          data: {
            ...columns,
            errorClass,
            ...(retryAt === undefined
              ? {}
              : { state: 'queued', leaseOwner: null, leaseUntil: null, availableAt: retryAt }),
          },
        });
        await refreshOutcome(tx, studyId);
        trail.add('step.failed', 'job', claim.jobId, {
          step,
          attempt,
          error: error.toJSON(),
          retryAt: retryAt ?? null,
        });
      });
    },
  };
}

async function runningAttempt(tx: Tx, jobId: string, step: string) {
  const row = await tx.jobStep.findFirst({
    where: { jobId, step, state: 'running' },
    orderBy: { attempt: 'desc' },
  });
  if (row === null) {
    throw fault('STEP_NOT_RUNNING', `Step ${step} of job ${jobId} has no running attempt to end.`);
  }
  return row;
}

function secondsBetween(from: Date, to: Date): number {
  return Math.max(0, (to.getTime() - from.getTime()) / 1000);
}
