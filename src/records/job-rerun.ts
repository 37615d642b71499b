import { type Actor, SitusError, type Target, refuse } from '../contracts/index.ts';
import type { Trail } from './chain.ts';
import type { Db, Tx } from './client.ts';
import { insertJob } from './decisions.ts';
import { asRef, isJobId } from './job-rows.ts';
import { refreshOutcome } from './outcome.ts';
import { executorOf, lockJob, lockStudy } from './sql.ts';
import { clearRefusal } from './studies.ts';
import type { Enqueue, JobRef, Json } from './types.ts';

type What =
  { readonly jobId: string } | { readonly studyInstanceUid: string; readonly archive?: string };

/** New numbered runs; the old ones stay as they are (design §7). */
export async function rerun(db: Db, actor: Actor, what: What, enqueue: Enqueue): Promise<JobRef[]> {
  if ('jobId' in what) {
    return db.write(actor, (tx, trail) => rerunJob(tx, trail, what.jobId, enqueue));
  }
  const { studyInstanceUid } = what;
  const study = await db.read((prisma) =>
    prisma.study.findFirst({
      where: { studyInstanceUid, ...(what.archive === undefined ? {} : { archive: what.archive }) },
      orderBy: { updatedAt: 'desc' },
    }),
  );
  if (study === null) {
    throw refuse(
      'UNKNOWN_STUDY',
      `There is no study ${studyInstanceUid} on record.`,
      'Check the UID, or wait until the archive reports the study.',
    );
  }
  if (study.refusal !== null) {
    await clearRefusal(db, actor, studyInstanceUid, study.archive);
    return [];
  }
  return db.write(actor, (tx, trail) =>
    rerunStudy(tx, trail, study.archive, studyInstanceUid, enqueue),
  );
}

async function rerunJob(tx: Tx, trail: Trail, jobId: string, enqueue: Enqueue): Promise<JobRef[]> {
  const locked = isJobId(jobId) ? await lockJob(tx, jobId) : null;
  if (locked === null) {
    throw refuse('UNKNOWN_JOB', `There is no job ${jobId}.`, 'Check the id.');
  }
  const { identity } = await tx.job.findUniqueOrThrow({ where: { id: jobId } });
  const again = await runAgain(tx, trail, identity, enqueue);
  if (again === null) {
    throw new SitusError({
      code: 'RUN_IS_LIVE',
      message: `Job ${jobId} has a run that is queued or running.`,
      next: 'Wait until it has ended, or cancel it first.',
      errorClass: 'usage',
      origin: 'input',
    });
  }
  await refreshOutcome(tx, locked.studyId);
  return [again];
}

async function rerunStudy(
  tx: Tx,
  trail: Trail,
  archive: string,
  studyInstanceUid: string,
  enqueue: Enqueue,
): Promise<JobRef[]> {
  const studyId = await lockStudy(tx, archive, studyInstanceUid);
  if (studyId === null) return [];
  const decision = await tx.decision.findFirst({
    where: { studyId },
    orderBy: { id: 'desc' },
    select: { identities: true },
  });
  const runs: JobRef[] = [];
  for (const identity of decision?.identities ?? []) {
    const run = await runAgain(tx, trail, identity, enqueue);
    if (run !== null) runs.push(run);
  }
  await refreshOutcome(tx, studyId);
  return runs;
}

/** The next run of a target whose study is locked; null when one is live. */
async function runAgain(
  tx: Tx,
  trail: Trail,
  identity: string,
  enqueue: Enqueue,
): Promise<JobRef | null> {
  const last = await tx.job.findFirst({ where: { identity }, orderBy: { run: 'desc' } });
  if (last === null || last.state === 'queued' || last.state === 'running') return null;
  const row = await insertJob(
    tx,
    { studyId: last.studyId, decisionId: last.decisionId, identity, run: last.run + 1 },
    {
      target: last.target as unknown as Target,
      modelVersion: last.modelVersion,
      modelHash: last.modelHash,
      settings: last.settings as { readonly [key: string]: Json },
    },
  );
  await enqueue(executorOf(tx), asRef(row));
  trail.add('job.rerun', 'job', row.id, { run: row.run, before: last.id });
  return asRef(row);
}
