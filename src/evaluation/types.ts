/**
 * What reference and prediction hold of a structure: `both` do; the prediction `missed` it; the
 * prediction `invented` it; it is `absent` in both.
 */
export type Presence = 'both' | 'missed' | 'invented' | 'absent';

/** How one structure of one case agrees; measures without a value are null. */
export interface StructureMeasures {
  readonly structure: string;
  readonly presence: Presence;
  readonly referenceMl: number;
  readonly predictionMl: number;
  /** 2·|A∩B| / (|A|+|B|); 0 when missed or invented, null when absent. */
  readonly dice: number | null;
  /** Share of both surfaces within the tolerance of the other; 0 when missed or invented, null when absent. */
  readonly surfaceDice: number | null;
  /** Hausdorff distance, mm; null unless both have the structure. */
  readonly hd: number | null;
  /** The larger of both directions' 95th percentile of surface area, mm; null unless both have it. */
  readonly hd95: number | null;
  /** Prediction minus reference, mL. */
  readonly volumeErrorMl: number;
  /** The same in percent of the reference; null when the reference has none. */
  readonly volumeErrorPercent: number | null;
}

/** Names of the measures that are summarised. */
export const MEASURES = [
  'dice',
  'surfaceDice',
  'hd95',
  'hd',
  'volumeErrorMl',
  'volumeErrorPercent',
] as const;
export type Measure = (typeof MEASURES)[number];

/** A case with the groups it is counted in. */
export interface CaseMeasures {
  readonly case: string;
  readonly scanType: string;
  readonly group: string;
  readonly structures: readonly StructureMeasures[];
}
