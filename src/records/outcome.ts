import type { Prisma } from './generated/client.ts';
import type { Outcome, Reason } from './types.ts';

export interface StudyState {
  /** Revisions saved so far; 0 while the study has only been observed. */
  readonly revision: number;
  /** Error of a study that could not be decided on. */
  readonly refusal: Reason | null;
  /** Null while the newest revision has no decision. */
  readonly decision: {
    /** Reasons of the series that were left alone. */
    readonly rejected: readonly Reason[];
    /** The newest run of every target. */
    readonly runs: readonly RunState[];
  } | null;
}

export interface RunState {
  readonly state: string;
  /** Why its results were withdrawn; empty when they were not. */
  readonly withdrawn?: readonly Reason[];
  readonly reasons: readonly Reason[];
}

/** The word for the whole study, and why (design §7). The worst run decides; all their reasons are kept. */
export function outcomeOf(study: StudyState): { outcome: Outcome; reasons: readonly Reason[] } {
  if (study.refusal !== null) return { outcome: 'failed', reasons: [study.refusal] };
  if (study.decision === null) return { outcome: 'running', reasons: [waiting(study.revision)] };
  const { runs, rejected } = study.decision;
  const inState = (...states: string[]): RunState[] =>
    runs.filter((run) => states.includes(run.state));
  const because = (some: readonly RunState[]): Reason[] => some.flatMap((run) => run.reasons);
  const live = inState('queued', 'running');
  if (live.length > 0) return { outcome: 'running', reasons: because(runs) };
  const failed = inState('failed');
  if (failed.length > 0) return { outcome: 'failed', reasons: because(runs) };
  const held = inState('held');
  if (held.length > 0) return { outcome: 'held', reasons: because(runs) };
  const stored = inState('stored');
  const notStored = inState('refused', 'cancelled');
  if (stored.length > 0) {
    const reasons = [...because(runs), ...stored.flatMap((run) => run.withdrawn ?? [])];
    return { outcome: notStored.length > 0 ? 'stored-with-refusals' : 'stored', reasons };
  }
  if (inState('refused').length > 0) return { outcome: 'failed', reasons: because(runs) };
  return { outcome: 'nothing-to-do', reasons: [...because(runs), ...rejected] };
}

function waiting(revision: number): Reason {
  return revision === 0
    ? {
        code: 'WAITING_FOR_IMAGES',
        message: 'Seen in the archive; waiting until no more images arrive.',
        next: null,
        seriesInstanceUid: null,
      }
    : {
        code: 'WAITING_FOR_DECISION',
        message: `Revision ${revision} is complete; waiting for the decision.`,
        next: null,
        seriesInstanceUid: null,
      };
}

/** Most reasons a row of the table keeps; the study's page has all of them. */
const MOST_REASONS = 20;

/** Recomputes a locked study's outcome from its rows and keeps it on the row. */
export async function refreshOutcome(tx: Prisma.TransactionClient, studyId: bigint): Promise<void> {
  const study = await tx.study.findUniqueOrThrow({ where: { id: studyId } });
  const decision = await tx.decision.findFirst({
    where: { studyId, revision: { revision: study.revision } },
    orderBy: { id: 'desc' },
    select: {
      identities: true,
      verdicts: {
        where: { taken: false },
        select: { seriesInstanceUid: true, sequence: true, reason: true },
        orderBy: { id: 'asc' },
        take: MOST_REASONS,
      },
    },
  });
  const { outcome, reasons } = outcomeOf({
    revision: study.revision,
    refusal: study.refusal as unknown as Reason | null,
    decision:
      decision === null
        ? null
        : {
            runs: await newestRuns(tx, studyId, decision.identities),
            rejected: decision.verdicts.map((verdict) => ({
              code: 'NOT_TAKEN',
              message: `${verdict.sequence}: ${verdict.reason}`,
              next: null,
              seriesInstanceUid: verdict.seriesInstanceUid,
            })),
          },
  });
  await tx.study.update({
    where: { id: studyId },
    data: {
      outcome,
      reasons: reasons.slice(0, MOST_REASONS) as unknown as Prisma.InputJsonValue,
      updatedAt: new Date(),
    },
  });
}

/** A run that waits for another attempt tells why the last one failed. */
async function newestRuns(
  tx: Prisma.TransactionClient,
  studyId: bigint,
  identities: readonly string[],
): Promise<RunState[]> {
  const jobs = await tx.job.findMany({
    where: { studyId, identity: { in: [...identities] } },
    orderBy: [{ identity: 'asc' }, { run: 'desc' }],
    distinct: ['identity'],
    select: {
      state: true,
      reasons: true,
      seriesInstanceUid: true,
      errorCode: true,
      errorMessage: true,
      errorNext: true,
      withdrawals: { orderBy: { id: 'asc' }, take: 1 },
    },
  });
  return jobs.map(({ state, reasons, seriesInstanceUid, withdrawals, ...error }) => ({
    state,
    withdrawn: withdrawals.map(({ text }) => ({
      code: 'RESULT_WITHDRAWN',
      message: `Results of this series were withdrawn: ${text}`,
      next: 'A new run (situs studies rerun) stores new results.',
      seriesInstanceUid,
    })),
    reasons:
      (state === 'queued' || state === 'running') && error.errorCode !== null
        ? [
            {
              code: error.errorCode,
              message: error.errorMessage ?? '',
              next: error.errorNext,
              seriesInstanceUid,
            },
          ]
        : (reasons as unknown as readonly Reason[]),
  }));
}
