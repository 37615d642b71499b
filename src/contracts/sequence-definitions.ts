import type { MatchFact } from './sequence-match.ts';
import type { ValueTestText } from './value-test.ts';

/** Name of a word list of `config/sequences.yaml`. */
export type Concept = string;
type Concepts = Concept | readonly Concept[];

/**
 * What speaks for or against a sequence. Several keys must all hold. Every key is answered true,
 * false or not answerable (the attribute is missing); only what is true counts.
 */
export interface EvidenceCondition {
  /** The series' own words (description, else protocol) contain one of the concepts. */
  readonly words?: Concepts | undefined;
  readonly protocol?: Concepts | undefined;
  /** The study's or requested procedure's description contains one of the concepts. */
  readonly study?: Concepts | undefined;
  /** BodyPartExamined contains one of the concepts. */
  readonly bodyPart?: Concepts | undefined;
  /** Another series of the study has words of one of the concepts `says` and of none of `without`. */
  readonly sibling?:
    { readonly says: Concepts; readonly without?: Concepts | undefined } | undefined;
  /** None of these attributes is present; SeriesDescription counts the protocol's name too. */
  readonly missing?: string | readonly string[] | undefined;
  /** Tests of header attributes by DICOM keyword; those of the stack win over those of the series. */
  readonly attributes?: Readonly<Record<string, ValueTestText>> | undefined;
  /** Number of instances of the series. */
  readonly instances?: ValueTestText | undefined;
  /** Number of frames of the stack. */
  readonly slices?: ValueTestText | undefined;
  /** From the geometry, else from words. */
  readonly plane?: ValueTestText | undefined;
  /** Millimetres along the normal. */
  readonly coverage?: ValueTestText | undefined;
  readonly spacing?: ValueTestText | undefined;
  /** Where the echo time falls in the water-fat cycle (see `src/sequences/physics.ts`). */
  readonly echo?: 'in-phase' | 'opposed-phase' | undefined;
  /** Number of different echo times inside the series. */
  readonly echoes?: ValueTestText | undefined;
  /** Number in the name or value of the convolution kernel, e.g. 70 of `B70f`. */
  readonly kernel?: ValueTestText | undefined;
  readonly any?: readonly EvidenceCondition[] | undefined;
  readonly all?: readonly EvidenceCondition[] | undefined;
  readonly not?: EvidenceCondition | undefined;
}

/** The kinds of evidence that a definition can name; `src/sequences` has an evaluator for each. */
export const EVIDENCE_KINDS = [
  'words',
  'protocol',
  'study',
  'bodyPart',
  'sibling',
  'missing',
  'attributes',
  'instances',
  'slices',
  'plane',
  'coverage',
  'spacing',
  'echo',
  'echoes',
  'kernel',
  'any',
  'all',
  'not',
] as const;
export type EvidenceKind = (typeof EVIDENCE_KINDS)[number];

export interface EvidenceItem {
  readonly name: string;
  /** Log-odds: positive speaks for the sequence, negative against; 3 is about twenty to one. */
  readonly weight: number;
  readonly when: EvidenceCondition;
}

export interface SequenceDefinition {
  readonly name: string;
  /** What it is, for people. */
  readonly title: string;
  /** True for what models segment; false for named reasons to leave a series alone. */
  readonly target: boolean;
  readonly modality?: readonly string[] | undefined;
  readonly evidence: readonly EvidenceItem[];
}

/** A fact of the fine kind of the sequences `of`: the first value whose condition is true. */
export interface FactDefinition {
  readonly name: MatchFact['name'];
  readonly of: readonly string[];
  readonly values: readonly {
    readonly value: string | boolean;
    readonly when: EvidenceCondition;
  }[];
}

export interface SequenceDefinitions {
  /**
   * Concept → group (a language or a vendor, for the reader only) → words, phrases, `prefix*`,
   * `*part*` or `/pattern/`.
   */
  readonly words: Readonly<Record<Concept, Readonly<Record<string, readonly string[]>>>>;
  /** How much evidence is needed before a series is named at all. */
  readonly unknown: { readonly weight: number; readonly minimumConfidence: number };
  readonly sequences: readonly SequenceDefinition[];
  readonly facts?: readonly FactDefinition[] | undefined;
}
