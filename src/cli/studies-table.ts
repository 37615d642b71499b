import type { StudyRow } from '../records/index.ts';
import { table } from './output.ts';

/** The processed-study table for a terminal; no patient data. */
export function studiesTable(rows: readonly StudyRow[]): string[] {
  return table(
    ['outcome', 'date', 'description', 'modalities', 'sequences', 'updated', 'study', 'reasons'],
    rows.map((row) => [
      row.outcome,
      row.studyDate ?? '-',
      (row.description ?? '-').slice(0, 40),
      row.modalities.join(' '),
      row.sequences.join(', ') || '-',
      row.updatedAt.toISOString().slice(0, 19).replace('T', ' '),
      row.studyInstanceUid,
      row.reasons.map((reason) => `${reason.code}: ${reason.message}`).join(' '),
    ]),
  );
}
