import { SitusError, type ResultKind, type Target } from '../contracts/index.ts';
import type { Db, Tx } from './client.ts';
import type { WithdrawalRecords } from './door.ts';
import type { Prisma } from './generated/client.ts';
import { cleanText } from './json.ts';
import { refreshOutcome } from './outcome.ts';
import { latestResults } from './rows.ts';
import { lockJob } from './sql.ts';
import type { Recallable, RecallFilter, Withdrawal } from './result-types.ts';

/** Results that were taken back, and which could be. */
export function withdrawalRecords(db: Db): WithdrawalRecords {
  return {
    recallable: (filter) => db.read((prisma) => recallable(prisma, filter)),

    async record(actor, results, { reason, text }) {
      await db.write(actor, async (tx, trail) => {
        for (const { jobId, sopInstanceUid, archive } of results) {
          const row = { jobId, sopInstanceUid, archive, reason, text: cleanText(text) };
          const { id } = await tx.withdrawal.create({ data: row, select: { id: true } });
          trail.add('result.withdrawn', 'job', jobId, row, { withdrawal: [id] });
        }
        for (const jobId of new Set(results.map((result) => result.jobId))) {
          const job = await lockJob(tx, jobId);
          if (job !== null) await refreshOutcome(tx, job.studyId);
        }
      });
    },

    async planNote(actor, jobId, uids) {
      await db.write(actor, async (tx, trail) => {
        await tx.ownUid.createMany({
          data: [
            { uid: uids.seriesInstanceUid, level: 'series', jobId },
            { uid: uids.sopInstanceUid, level: 'instance', jobId },
          ],
          skipDuplicates: true,
        });
        trail.add('rejection.planned', 'job', jobId, uids);
      });
    },

    async told(actor, results) {
      await db.write(actor, async (tx, trail) => {
        for (const { jobId, sopInstanceUid, archive, noteUid, stillShown } of results) {
          const before = await tx.withdrawal.findFirst({
            where: { jobId, sopInstanceUid, archive },
            orderBy: { id: 'desc' },
          });
          if (before === null) throw notRecorded(sopInstanceUid);
          const { reason, text } = before;
          const row = { jobId, sopInstanceUid, archive, reason, text, noteUid, stillShown };
          const { id } = await tx.withdrawal.create({ data: row, select: { id: true } });
          trail.add('rejection.stored', 'job', jobId, row, { withdrawal: [id] });
        }
      });
    },
  };
}

/** The last word on each withdrawn object, by its SOP Instance UID and archive. */
export function latestWithdrawals(
  rows: readonly Prisma.WithdrawalGetPayload<object>[],
): Map<string, Withdrawal> {
  const latest = new Map<string, Withdrawal>();
  const ordered = [...rows].sort((a, b) => (a.id < b.id ? -1 : 1));
  for (const row of ordered) {
    const key = withdrawalKey(row);
    const first = latest.get(key)?.at ?? row.createdAt;
    latest.set(key, {
      at: row.stillShown === null ? row.createdAt : first,
      reason: row.reason as Withdrawal['reason'],
      text: row.text,
      noteUid: row.noteUid,
      stillShown: row.stillShown,
    });
  }
  return latest;
}

export function withdrawalKey(row: {
  readonly sopInstanceUid: string;
  readonly archive: string;
}): string {
  return `${row.sopInstanceUid} ${row.archive}`;
}

/** Stored results that the filter names and whose archive was not yet told that they are withdrawn. */
async function recallable(tx: Tx, filter: RecallFilter): Promise<Recallable[]> {
  const stored =
    filter.from === undefined && filter.to === undefined
      ? {}
      : {
          results: {
            some: {
              createdAt: {
                ...(filter.from === undefined ? {} : { gte: filter.from }),
                ...(filter.to === undefined ? {} : { lt: filter.to }),
              },
            },
          },
        };
  const jobs = await tx.job.findMany({
    where: {
      results: { some: {} },
      ...(filter.model === undefined ? {} : { model: filter.model }),
      ...(filter.modelVersion === undefined ? {} : { modelVersion: filter.modelVersion }),
      ...(filter.rule === undefined ? {} : { target: { path: ['rule'], equals: filter.rule } }),
      ...(filter.studies === undefined
        ? {}
        : { study: { studyInstanceUid: { in: [...filter.studies] } } }),
      ...stored,
    },
    orderBy: [{ studyId: 'asc' }, { createdAt: 'asc' }],
    include: {
      results: true,
      withdrawals: true,
      study: { select: { studyInstanceUid: true } },
    },
  });
  return jobs.flatMap((job) => {
    const known = latestWithdrawals(job.withdrawals);
    return latestResults(job.results)
      .filter((result) => (known.get(withdrawalKey(result))?.stillShown ?? null) === null)
      .map((result) => ({
        jobId: job.id,
        studyInstanceUid: job.study.studyInstanceUid,
        archive: result.archive,
        kind: result.kind satisfies ResultKind,
        sopClassUid: result.sopClassUid,
        sopInstanceUid: result.sopInstanceUid,
        seriesInstanceUid: result.seriesInstanceUid,
        model: job.model,
        modelVersion: job.modelVersion,
        rule: (job.target as unknown as Target).rule,
        storedAt: result.at,
      }));
  });
}

function notRecorded(sopInstanceUid: string): SitusError {
  return new SitusError({
    code: 'WITHDRAWAL_NOT_RECORDED',
    message: `The archive was told that ${sopInstanceUid} is withdrawn, but the record does not say so.`,
    next: 'This is a defect of Situs; please report it with the code and the version.',
    errorClass: 'fault',
    origin: 'situs',
    details: { sopInstanceUid },
  });
}
