import { randomUUID } from 'node:crypto';
import type { Target, Verdict } from '../contracts/index.ts';
import { fault } from '../contracts/index.ts';
import type { Trail } from './chain.ts';
import type { Db, Tx } from './client.ts';
import type { DecisionRecords } from './door.ts';
import { Prisma } from './generated/client.ts';
import { jobIdentity } from './identity.ts';
import { type JobRefRow, REF_COLUMNS, asRef, cancelRow, errorColumns } from './job-rows.ts';
import { canonicalJson, cleanText, sha256, toJson } from './json.ts';
import { refreshOutcome } from './outcome.ts';
import { countDecided, decidedRows } from './sql-replay.ts';
import { executorOf } from './sql.ts';
import { putRevision } from './studies.ts';
import type { DecisionToSave, Enqueue, JobRef, NewJob, SavedDecision } from './types.ts';

const REPLAY_PAGE = 50;

export function decisionRecords(db: Db): DecisionRecords {
  return {
    saveDecision: (actor, what, enqueue) =>
      db.write(actor, (tx, trail) => saveDecision(tx, trail, what, enqueue)),

    countDecided: (window) => db.read((prisma) => countDecided(prisma, window)),

    async *decided(window, pageSize = REPLAY_PAGE) {
      let after = 0n;
      for (;;) {
        const last = after;
        const rows = await db.read((prisma) => decidedRows(prisma, window, last, pageSize));
        const end = rows.at(-1);
        if (end === undefined) return;
        yield rows.map(({ headers, targets, verdicts, earlier }) => ({
          headers,
          targets,
          verdicts,
          earlier,
        }));
        after = end.id;
      }
    },
  };
}

async function saveDecision(
  tx: Tx,
  trail: Trail,
  what: DecisionToSave,
  enqueue: Enqueue,
): Promise<SavedDecision> {
  const { revision, decision } = what;
  const { archive, studyInstanceUid } = revision.listing;
  const { studyId, revisionId, newest } = await putRevision(tx, trail, revision, what.headers);
  const planned = what.jobs.map((job) => {
    requireTarget(decision.targets, job);
    return { job, identity: jobIdentity(archive, studyInstanceUid, job) };
  });
  const identities = planned.map((one) => one.identity);
  const content = sha256(canonicalJson(toJson({ ...decision, identities })));
  const known = await tx.decision.findUnique({
    where: { revisionId_sha256: { revisionId, sha256: content } },
    select: { id: true, jobs: { select: REF_COLUMNS } },
  });
  if (known !== null) {
    const kept = known.jobs.map(asRef);
    return { decisionId: known.id.toString(), created: false, jobs: [], kept, superseded: [] };
  }
  const decisionId = await insertDecision(
    tx,
    trail,
    { studyId, revisionId, content, identities },
    what,
  );
  // A newer revision came meanwhile: this decision stays on record, the newer one makes the jobs.
  const superseded = newest ? await supersede(tx, trail, studyId, identities) : [];
  const jobs: JobRef[] = [];
  const kept: JobRef[] = [];
  for (const { job, identity } of newest ? planned : []) {
    const before = await tx.job.findFirst({
      where: { identity },
      orderBy: { run: 'desc' },
      select: { ...REF_COLUMNS, state: true, errorCode: true },
    });
    if (before !== null && !mayRunAgain(before)) {
      kept.push(asRef(before));
      continue;
    }
    const row = await insertJob(
      tx,
      { studyId, decisionId, identity, run: (before?.run ?? 0) + 1 },
      job,
    );
    const { wait } = job;
    const ref: JobRef = { ...asRef(row), ...(wait === undefined ? {} : { notBefore: wait.until }) };
    await enqueue(executorOf(tx), ref);
    jobs.push(ref);
  }
  if (newest) {
    const sequences = [...new Set(decision.verdicts.map((one) => cleanText(one.sequence)))].sort();
    await tx.study.update({
      where: { id: studyId },
      data: { sequences, decidedAt: new Date(), refusal: Prisma.DbNull },
    });
    await refreshOutcome(tx, studyId);
  }
  const ids = (refs: readonly JobRef[]): string[] => refs.map((ref) => ref.id);
  trail.add('jobs.planned', 'study', studyInstanceUid, {
    archive,
    decision: decisionId,
    queued: ids(jobs),
    kept: ids(kept),
    superseded: ids(superseded),
    ...waitingUntil(jobs),
  });
  return { decisionId: decisionId.toString(), created: true, jobs, kept, superseded };
}

/** For the audit: until when the quiet hours of their rules let jobs wait. */
function waitingUntil(jobs: readonly JobRef[]): { readonly waitingUntil?: Record<string, string> } {
  const waiting = jobs.flatMap(({ id, notBefore }) =>
    notBefore === undefined ? [] : [[id, notBefore.toISOString()] as const],
  );
  return waiting.length === 0 ? {} : { waitingUntil: Object.fromEntries(waiting) };
}

function requireTarget(targets: readonly Target[], job: NewJob): void {
  const isSame = (one: Target): boolean =>
    one.seriesInstanceUid === job.target.seriesInstanceUid &&
    one.stackId === job.target.stackId &&
    one.rule === job.target.rule;
  if (targets.some(isSame)) return;
  throw fault(
    'JOB_WITHOUT_TARGET',
    `A job for series ${job.target.seriesInstanceUid}, stack ${job.target.stackId}, is not among the decision's targets.`,
  );
}

/** What ended for its own sake stays ended; a failure, or a run that a decision took away, does not. */
function mayRunAgain(run: { readonly state: string; readonly errorCode: string | null }): boolean {
  return run.state === 'failed' || (run.state === 'cancelled' && run.errorCode === 'SUPERSEDED');
}

async function insertDecision(
  tx: Tx,
  trail: Trail,
  keys: { studyId: bigint; revisionId: bigint; content: string; identities: string[] },
  what: DecisionToSave,
): Promise<bigint> {
  const { decision } = what;
  const { id } = await tx.decision.create({
    data: {
      studyId: keys.studyId,
      revisionId: keys.revisionId,
      ruleSetVersion: decision.ruleSetVersion,
      sequencesVersion: decision.sequencesVersion,
      targets: toJson(decision.targets) as Prisma.InputJsonValue,
      identities: keys.identities,
      sha256: keys.content,
    },
    select: { id: true },
  });
  const matches = new Map(what.matches.map((match) => [match.seriesInstanceUid, match]));
  const verdicts = await tx.verdict.createManyAndReturn({
    data: decision.verdicts.map((verdict) => {
      const match = matches.get(verdict.seriesInstanceUid);
      return {
        ...verdictColumns(verdict),
        decisionId: id,
        match:
          match === undefined
            ? Prisma.DbNull
            : (toJson({
                stackId: match.stackId,
                reason: match.reason,
                evidence: match.evidence,
                stacks: match.stacks,
              }) as Prisma.InputJsonValue),
      };
    }),
    select: { id: true },
  });
  trail.add(
    'decision.saved',
    'study',
    decision.studyInstanceUid,
    {
      archive: what.revision.listing.archive,
      decision: id,
      revision: what.revision.revision,
      ruleSetVersion: decision.ruleSetVersion,
      sequencesVersion: decision.sequencesVersion,
      targets: decision.targets.length,
      verdicts: decision.verdicts.length,
    },
    { decision: [id], verdict: verdicts.map((row) => row.id) },
  );
  return id;
}

function verdictColumns(verdict: Verdict) {
  return {
    seriesInstanceUid: verdict.seriesInstanceUid,
    sequence: cleanText(verdict.sequence),
    confidence: verdict.confidence,
    taken: verdict.taken,
    rule: verdict.rule === null ? null : cleanText(verdict.rule),
    reason: cleanText(verdict.reason),
    rules: toJson(verdict.rules) as Prisma.InputJsonValue,
  };
}

/** Cancels the study's live runs whose work the newest decision no longer asks for. */
async function supersede(
  tx: Tx,
  trail: Trail,
  studyId: bigint,
  identities: string[],
): Promise<JobRef[]> {
  const rows = await tx.job.findMany({
    where: { studyId, state: { in: ['queued', 'running'] }, identity: { notIn: identities } },
    select: REF_COLUMNS,
  });
  for (const row of rows) {
    await cancelRow(tx, trail, row.id, {
      code: 'SUPERSEDED',
      message: 'The study changed: the newest decision has other content for this target, or none.',
      next: null,
      seriesInstanceUid: row.seriesInstanceUid,
    });
  }
  return rows.map(asRef);
}

export async function insertJob(
  tx: Tx,
  keys: { studyId: bigint; decisionId: bigint; identity: string; run: number },
  job: NewJob,
): Promise<JobRefRow> {
  const { target } = job;
  const settings = toJson(job.settings);
  return tx.job.create({
    data: {
      id: randomUUID(),
      ...keys,
      seriesInstanceUid: target.seriesInstanceUid,
      stackId: target.stackId,
      sequence: target.sequence,
      target: toJson(target) as Prisma.InputJsonValue,
      state: 'queued',
      model: target.segment.model,
      modelVersion: job.modelVersion,
      modelHash: job.modelHash,
      settings: settings as Prisma.InputJsonValue,
      settingsSha256: sha256(canonicalJson(settings)),
      priority: target.priority,
      reasons: [],
      ...(job.wait === undefined
        ? {}
        : { availableAt: job.wait.until, ...errorColumns(job.wait.because) }),
    },
    select: REF_COLUMNS,
  });
}
