import type { Priority, SegmentOrder, StoreOrder } from './decision.ts';
import type { GateOrder } from './findings.ts';
import { MATCH_FACTS } from './sequence-match.ts';
import type { ValueTestText } from './value-test.ts';

/** What a condition of a rule can ask of a series; `src/routing` reads each from the headers or the match. */
export const SERIES_FIELDS = [
  'modality',
  'sequence',
  'confidence',
  'description',
  'protocol',
  'bodyPart',
  'manufacturer',
  'model',
  'station',
  'institution',
  'fieldStrength',
  'plane',
  'sliceCount',
  'sliceSpacing',
  'sliceThickness',
  'coverage',
  'contrast',
  'kernel',
  'imageType',
  'patientPosition',
  ...MATCH_FACTS,
  'scanner',
  'time',
  'weekday',
  'age',
  'sex',
  'earlier',
] as const;
export type SeriesField = (typeof SERIES_FIELDS)[number];

/** What a condition can ask of the study. */
export const STUDY_FIELDS = [
  'description',
  'bodyPart',
  'modality',
  'institution',
  'station',
  'seriesCount',
  'sequences',
  'date',
  'time',
  'weekday',
  'age',
  'sex',
  'earlier',
] as const;
export type StudyField = (typeof STUDY_FIELDS)[number];

/** Fields that know only these words; another one is a mistake of the file, not a condition that never holds. */
export const FIELD_WORDS: { readonly [Field in SeriesField | StudyField]?: readonly string[] } = {
  plane: ['axial', 'coronal', 'sagittal', 'oblique'],
  weekday: ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'],
  sex: ['M', 'F', 'O'],
};

/** What `earlier` is for a series without a result of Situs. */
export const NO_EARLIER_RESULT = 'none';

/** How conditions are joined. */
export const CONDITION_KINDS = ['field', 'study', 'any', 'all', 'not'] as const;
export type ConditionKind = (typeof CONDITION_KINDS)[number];

/** Several keys in one condition must all hold. */
export type StudyCondition = { readonly [Field in StudyField]?: ValueTestText | undefined } & {
  readonly any?: readonly StudyCondition[] | undefined;
  readonly all?: readonly StudyCondition[] | undefined;
  readonly not?: StudyCondition | undefined;
};
export type SeriesCondition = { readonly [Field in SeriesField]?: ValueTestText | undefined } & {
  readonly study?: StudyCondition | undefined;
  readonly any?: readonly SeriesCondition[] | undefined;
  readonly all?: readonly SeriesCondition[] | undefined;
  readonly not?: SeriesCondition | undefined;
};

/** What makes one candidate of a rule better than another; the first that differs decides. */
export const PREFERENCES = [
  'axial',
  'most-coverage',
  'thinnest',
  'thickest',
  'most-slices',
  'highest-confidence',
  'original',
  'earliest',
  'latest',
] as const;
export type Preference = (typeof PREFERENCES)[number];

/** One routing rule; it either orders a segmentation or leaves the series alone, with the reason given. */
export interface Rule {
  readonly name: string;
  readonly when: SeriesCondition;
  readonly choose?: { readonly prefer: readonly Preference[]; readonly most: number } | undefined;
  readonly segment?: SegmentOrder | undefined;
  readonly store?: StoreOrder | undefined;
  readonly priority?: Priority | undefined;
  readonly leave?: string | undefined;
  /** Series that the rule takes may be taken by later rules too. */
  readonly continue?: boolean | undefined;
  /** Once the rule matches any series, no later rule is tried for the study. */
  readonly stop?: boolean | undefined;
  /** Hours of the day, e.g. `07:00-19:00`, in which no job of the rule is begun. */
  readonly quiet?: readonly string[] | undefined;
  readonly gate?: GateOrder | undefined;
}

/** Rules as they are evaluated: named lists stand where they were named. */
export interface RuleSet {
  readonly rules: readonly Rule[];
}
