import type { Prisma } from './generated/client.ts';
import type { DecidedWindow } from './types.ts';

/* What replays read: the newest decision of each study, with what it was made from, as JSON text. */

type Tx = Prisma.TransactionClient;

export interface DecidedRow {
  readonly id: bigint;
  /** StudyHeaders; null when the revision was saved without them. */
  readonly headers: string | null;
  readonly targets: string;
  readonly verdicts: string;
  readonly earlier: string;
}

/**
 * A keyset page in the order of the decisions. Text, so that whoever decides again parses it on its
 * own thread. Frames of targets and the evidence of verdicts stay behind: they are most of the bytes
 * and no part of what a rule set decides. `earlier` holds the results as they stood when the decision
 * was made: a job that was stored, or an object that was withdrawn, only later does not count; a job
 * that has ended keeps its state, so its time tells.
 */
export async function decidedRows(
  tx: Tx,
  window: DecidedWindow,
  after: bigint,
  limit: number,
): Promise<DecidedRow[]> {
  return tx.$queryRaw`
    SELECT d.id, h.headers::text AS headers,
      (SELECT coalesce(jsonb_agg(t.one - 'frames'), '[]'::jsonb)
        FROM jsonb_array_elements(d.targets) AS t(one))::text AS targets,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('seriesInstanceUid', v.series_instance_uid,
          'sequence', v.sequence, 'taken', v.taken, 'rule', v.rule, 'reason', v.reason)), '[]'::jsonb)
        FROM verdict v WHERE v.decision_id = d.id)::text AS verdicts,
      (SELECT coalesce(jsonb_agg(jsonb_build_object('seriesInstanceUid', j.series_instance_uid,
          'model', j.model)), '[]'::jsonb)
        FROM job j WHERE j.study_id = d.study_id AND j.state = 'stored'
          AND j.finished_at < d.created_at
          AND EXISTS (SELECT 1 FROM result r WHERE r.job_id = j.id
            AND NOT EXISTS (SELECT 1 FROM withdrawal w WHERE w.job_id = r.job_id
              AND w.sop_instance_uid = r.sop_instance_uid AND w.archive = r.archive
              AND w.created_at < d.created_at)))::text AS earlier
    FROM decision d LEFT JOIN revision_headers h ON h.revision_id = d.revision_id
    WHERE d.id > ${after} AND d.created_at >= ${window.from} AND d.created_at < ${window.until}
      AND NOT EXISTS (SELECT 1 FROM decision n
        WHERE n.study_id = d.study_id AND n.id > d.id AND n.created_at < ${window.until})
    ORDER BY d.id LIMIT ${limit}`;
}

export async function countDecided(tx: Tx, window: DecidedWindow): Promise<number> {
  const rows = await tx.$queryRaw<{ n: bigint }[]>`
    SELECT count(DISTINCT study_id) AS n FROM decision
    WHERE created_at >= ${window.from} AND created_at < ${window.until}`;
  return Number(rows[0]?.n ?? 0);
}
