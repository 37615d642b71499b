import type { EarlierResult, RuleSet, StudyListing } from '../contracts/index.ts';
import type { Records } from '../records/index.ts';
import { asksFor } from '../routing/index.ts';

/**
 * The results that Situs has stored for the series of a study and that were not withdrawn; null where no
 * rule asks for them, which spares the question.
 */
export async function earlierResults(
  records: Pick<Records, 'queries'>,
  { studyInstanceUid, archive }: Pick<StudyListing, 'studyInstanceUid' | 'archive'>,
  rules: RuleSet,
): Promise<readonly EarlierResult[] | null> {
  if (!asksFor(rules, 'earlier')) return null;
  const study = await records.queries.studyDetail(studyInstanceUid, archive);
  return (study?.jobs ?? [])
    .filter(
      ({ state, results }) =>
        state === 'stored' && results.some(({ withdrawn }) => withdrawn === null),
    )
    .map(({ seriesInstanceUid, model }) => ({ seriesInstanceUid, model }));
}
