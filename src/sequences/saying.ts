import type { Concept, SequenceDefinitions, StudyHeaders } from '../contracts/index.ts';
import { studyFacts } from './facts.ts';
import { compiledOf } from './match.ts';

/**
 * The series of which a word of a concept is said by the study's description, their own words, their
 * protocol or the body part; by Series Instance UID. Empty when the definitions have no such concept.
 */
export function seriesSaying(
  study: StudyHeaders,
  definitions: SequenceDefinitions,
  concept: Concept,
): ReadonlySet<string> {
  const facts = studyFacts(study, compiledOf(definitions).vocabulary);
  const saying = facts.series.filter((one) =>
    [facts.said, one.said, one.saidByProtocol, one.saidByBodyPart].some((said) =>
      said?.has(concept),
    ),
  );
  return new Set(saying.map(({ headers }) => headers.seriesInstanceUid));
}
