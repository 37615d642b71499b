import { loadSequences } from '../../src/config/index.ts';
import type { HeaderAttributes, SequenceMatch } from '../../src/contracts/index.ts';
import { matchStudy } from '../../src/sequences/index.ts';
import { series, stack, type StackSketch, study } from './studies.ts';

/** The definitions as Situs ships them. */
export const definitions = (await loadSequences('config/sequences.yaml')).value;

/** The match of the only series of a study. */
export function matchOne(
  attributes: HeaderAttributes,
  sketches: StackSketch[] = [{}],
  description: string | null = 'MRI Abdomen',
): SequenceMatch {
  const [match] = matchStudy(
    study(description, [series(attributes, sketches.map(stack))]),
    definitions,
  );
  if (match === undefined) throw new Error('no match');
  return match;
}
