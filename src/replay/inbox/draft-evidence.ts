import type {
  EvidenceItem,
  SequenceDefinition,
  SequenceDefinitions,
  ValueTestText,
} from '../../contracts/index.ts';
import { descriptionTest, exactTest } from './draft-tests.ts';
import type { InboxGroup } from './groups.ts';

/** An item of evidence that names an unsure group, for `sequences.yaml`. */
export interface EvidenceDraft {
  readonly kind: 'evidence';
  readonly group: string;
  /** The target that it speaks for: the likeliest, or the only one of the modality. */
  readonly sequence: string;
  readonly item: EvidenceItem;
}

/** What the shipped definitions give to a name that says what a series is. */
const WEIGHT = 9;

/** Null where the group has no description, or nothing says which target it may be. */
export function evidenceDraft(
  group: InboxGroup,
  name: string,
  definitions: SequenceDefinitions,
): EvidenceDraft | null {
  const sequence = likeliest(group, definitions);
  const description = descriptionTest(group);
  if (sequence === null || description === null) return null;
  const { model, station } = group.key;
  const attributes: readonly (readonly [string, ValueTestText | null])[] = [
    ['SeriesDescription', description],
    ['ManufacturerModelName', exactTest([model])],
    ['StationName', exactTest([station])],
  ];
  const scanner = [model, station].filter((one) => one !== null).join(' ');
  return {
    kind: 'evidence',
    group: name,
    sequence,
    item: {
      name: `named ${group.descriptions[0]?.text ?? ''}${scanner === '' ? '' : ` on ${scanner}`}`,
      weight: WEIGHT,
      when: { attributes: Object.fromEntries(attributes.filter(hasTest)) },
    },
  };
}

/** The definitions with one more item for one of their sequences. */
export function withEvidence(
  definitions: SequenceDefinitions,
  { sequence, item }: EvidenceDraft,
): SequenceDefinitions {
  return {
    ...definitions,
    sequences: definitions.sequences.map((one) =>
      one.name === sequence ? { ...one, evidence: [...one.evidence, item] } : one,
    ),
  };
}

function likeliest({ key }: InboxGroup, { sequences }: SequenceDefinitions): string | null {
  const isOfModality = ({ modality }: SequenceDefinition): boolean =>
    modality === undefined || (key.modality !== null && modality.includes(key.modality));
  const targets = sequences.filter((one) => one.target && isOfModality(one)).map((one) => one.name);
  const named = key.between.find((name) => targets.includes(name));
  if (named !== undefined) return named;
  return targets.length === 1 ? (targets[0] ?? null) : null;
}

function hasTest(entry: readonly [string, ValueTestText | null]): entry is [string, ValueTestText] {
  return entry[1] !== null;
}
