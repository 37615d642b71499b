import { type Priority, SitusError, type Target } from '../contracts/index.ts';
import type { Db, Tx } from './client.ts';
import type { QueryRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import { isJobId } from './job-rows.ts';
import {
  decisionDetail,
  errorOf,
  findingRow,
  gateRow,
  latestResults,
  segmentationOf,
  stepRow,
} from './rows.ts';
import { pageIds } from './sql-table.ts';
import { searchText } from './studies.ts';
import {
  type JobDetail,
  type JobState,
  OUTCOMES,
  type Outcome,
  type Reason,
  type StudiesPage,
  type StudiesQuery,
  type StudyDetail,
  type StudyRow,
} from './types.ts';
import { latestWithdrawals, withdrawalKey } from './withdrawals.ts';

const DEFAULT_LIMIT = 50;
const MAX_LIMIT = 500;
const MAX_TEXT = 200;

const JOB_COLUMNS = {
  steps: { orderBy: { id: 'asc' } },
  results: { orderBy: { id: 'asc' } },
  findings: { orderBy: { label: 'asc' } },
  gate: { orderBy: { id: 'asc' } },
  withdrawals: true,
  labels: { select: { run: true } },
} as const satisfies Prisma.JobInclude;

type JobWithContent = Prisma.JobGetPayload<{ include: typeof JOB_COLUMNS }>;

export function queryRecords(db: Db): QueryRecords {
  return {
    studiesPage: (query) => db.read((prisma) => studiesPage(prisma, query)),

    studyDetail: (studyInstanceUid, archive) =>
      db.read((prisma) => studyDetail(prisma, studyInstanceUid, archive)),

    async jobDetail(jobId) {
      if (!isJobId(jobId)) return null;
      return db.read(async (prisma) => {
        const row = await prisma.job.findUnique({
          where: { id: jobId },
          include: { ...JOB_COLUMNS, study: { select: { studyInstanceUid: true } } },
        });
        return row === null
          ? null
          : { ...jobDetail(row), studyInstanceUid: row.study.studyInstanceUid };
      });
    },

    async steps(jobId) {
      if (!isJobId(jobId)) return [];
      return db.read(async (prisma) =>
        (await prisma.jobStep.findMany({ where: { jobId }, orderBy: { id: 'asc' } })).map(stepRow),
      );
    },

    async counts() {
      return db.read(async (prisma) => {
        const [studies, jobs] = await Promise.all([
          prisma.study.groupBy({ by: ['outcome'], _count: true }),
          prisma.job.groupBy({ by: ['state'], _count: true }),
        ]);
        const none = Object.fromEntries(OUTCOMES.map((outcome) => [outcome, 0]));
        const byOutcome = Object.fromEntries(studies.map((row) => [row.outcome, row._count]));
        return {
          studies: { ...none, ...byOutcome } as Record<Outcome, number>,
          jobs: Object.fromEntries(jobs.map((row) => [row.state, row._count])),
        };
      });
    },
  };
}

async function studiesPage(tx: Tx, query: StudiesQuery): Promise<StudiesPage> {
  const limit = query.limit ?? DEFAULT_LIMIT;
  if (!Number.isInteger(limit) || limit < 1 || limit > MAX_LIMIT) {
    throw badQuery('limit', `must be a whole number from 1 to ${MAX_LIMIT}, not ${limit}`);
  }
  const text = searchText([query.text?.slice(0, MAX_TEXT) ?? null]);
  const ids = await pageIds(tx, {
    outcomes: typeof query.state === 'string' ? [query.state] : (query.state ?? []),
    sequence: query.sequence ?? null,
    from: query.from ?? null,
    to: query.to ?? null,
    text: text === '' ? null : text,
    textIn: query.textIn ?? 'everything',
    archive: query.archive ?? null,
    after: query.cursor === undefined ? null : readCursor(query.cursor),
    // One more than asked for tells whether there is a next page.
    limit: limit + 1,
  });
  const page = ids.slice(0, limit);
  const rows = await tx.study.findMany({
    where: { id: { in: page } },
    orderBy: [{ observedAt: 'desc' }, { id: 'desc' }],
  });
  const last = rows.at(-1);
  return {
    rows: rows.map(studyRow),
    next: ids.length > limit && last !== undefined ? writeCursor(last) : null,
  };
}

function writeCursor(row: { readonly observedAt: Date; readonly id: bigint }): string {
  return Buffer.from(`${row.observedAt.getTime()}.${row.id}`).toString('base64url');
}

function readCursor(cursor: string): { observedAt: Date; id: bigint } {
  const parts = /^(\d{1,15})\.(\d{1,18})$/.exec(Buffer.from(cursor, 'base64url').toString());
  const [, time, id] = parts ?? [];
  if (time === undefined || id === undefined)
    throw badQuery('cursor', 'is not one of a page before');
  return { observedAt: new Date(Number(time)), id: BigInt(id) };
}

function badQuery(name: string, problem: string): SitusError {
  return new SitusError({
    code: 'BAD_QUERY',
    message: `The parameter ${name} ${problem}.`,
    next: 'Correct the parameter; cursors come from "next" of the page before.',
    errorClass: 'usage',
    origin: 'input',
    details: { parameter: name },
  });
}

function studyRow(row: Prisma.StudyGetPayload<object>): StudyRow {
  return {
    archive: row.archive,
    studyInstanceUid: row.studyInstanceUid,
    patientName: row.patientName,
    patientId: row.patientId,
    accessionNumber: row.accessionNumber,
    studyDate: row.studyDate,
    description: row.description,
    modalities: row.modalities,
    seriesCount: row.seriesCount,
    instanceCount: row.instanceCount,
    outcome: row.outcome as Outcome,
    reasons: row.reasons as unknown as readonly Reason[],
    sequences: row.sequences,
    revision: row.revision,
    observedAt: row.observedAt,
    updatedAt: row.updatedAt,
    decidedAt: row.decidedAt,
  };
}

async function studyDetail(
  tx: Tx,
  studyInstanceUid: string,
  archive: string | undefined,
): Promise<StudyDetail | null> {
  const study = await tx.study.findFirst({
    where: { studyInstanceUid, ...(archive === undefined ? {} : { archive }) },
    orderBy: [{ updatedAt: 'desc' }, { id: 'desc' }],
    include: {
      series: { orderBy: { id: 'asc' } },
      revisions: {
        orderBy: { revision: 'asc' },
        select: { revision: true, fingerprint: true, createdAt: true },
      },
      decisions: {
        orderBy: { id: 'desc' },
        include: {
          verdicts: { orderBy: { id: 'asc' } },
          revision: { select: { revision: true } },
        },
      },
      jobs: { orderBy: [{ createdAt: 'desc' }, { id: 'asc' }], include: JOB_COLUMNS },
    },
  });
  if (study === null) return null;
  const own = await tx.ownUid.findMany({
    where: { uid: { in: study.series.map((one) => one.seriesInstanceUid) } },
    select: { uid: true },
  });
  const ownUids = new Set(own.map((one) => one.uid));
  return {
    ...studyRow(study),
    series: study.series.map((one) => ({
      seriesInstanceUid: one.seriesInstanceUid,
      modality: one.modality,
      number: one.number,
      description: one.description,
      instanceCount: one.instanceCount,
      present: one.present,
      own: ownUids.has(one.seriesInstanceUid),
    })),
    revisions: study.revisions.map(({ revision, fingerprint, createdAt }) => ({
      revision,
      fingerprint,
      at: createdAt,
    })),
    decisions: study.decisions.map(decisionDetail),
    jobs: study.jobs.map(jobDetail),
  };
}

function jobDetail(row: JobWithContent): JobDetail {
  const target = row.target as unknown as Target;
  const withdrawn = latestWithdrawals(row.withdrawals);
  return {
    id: row.id,
    run: row.run,
    state: row.state as JobState,
    decisionId: row.decisionId.toString(),
    seriesInstanceUid: row.seriesInstanceUid,
    stackId: row.stackId,
    sequence: row.sequence,
    rule: target.rule,
    identity: row.identity,
    model: row.model,
    modelVersion: row.modelVersion,
    modelHash: row.modelHash,
    priority: row.priority as Priority,
    progress: row.progress,
    step: row.step,
    reasons: row.reasons as unknown as readonly Reason[],
    error: errorOf(row),
    host: row.host,
    device: row.device,
    attempts: row.attempts,
    createdAt: row.createdAt,
    startedAt: row.startedAt,
    finishedAt: row.finishedAt,
    hasLabels: row.labels !== null,
    segmentation: segmentationOf(row.labels),
    steps: row.steps.map(stepRow),
    results: latestResults(row.results).map((result) => ({
      ...result,
      withdrawn: withdrawn.get(withdrawalKey(result)) ?? null,
    })),
    findings: row.findings.map(findingRow),
    gate: row.gate.map(gateRow),
  };
}
