import type { Priority, SegmentOrder, StoreOrder } from './decision.ts';
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
] as const;
export type StudyField = (typeof STUDY_FIELDS)[number];

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
}

export interface RuleSet {
  readonly rules: readonly Rule[];
}
