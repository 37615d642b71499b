import type { GateOrder } from './findings.ts';
import type { SourceFrame } from './headers.ts';

export type Priority = 'low' | 'normal' | 'high';

/** What a rule asks for: written into the job so that it never depends on later rule files. */
export interface SegmentOrder {
  readonly model: string;
  /** Networks to average; `first` is the lowest that the model has. */
  readonly folds: 'all' | 'first' | readonly number[];
  /** MRSegmentator's `--fast`: the first fold alone, no mirroring, patches further apart. */
  readonly fast?: boolean;
  /** Distance of neighbouring patches as a share of the patch; nnU-Net's own 0.5 when left out. */
  readonly stepSize?: number;
  /** False: never average over mirrored copies, even where the checkpoint allows it. */
  readonly mirroring?: boolean;
  /** The volume is cut into 2^splitLevel pieces along body height that are segmented alone. */
  readonly splitLevel?: number;
}

/** Which structures are stored, and in what shape. */
export interface LabelOrder {
  /** Names of structures or merged groups; all when left out. */
  readonly structures?: readonly string[] | undefined;
  /** Name of a group → structures that become one. */
  readonly merge?: Readonly<Record<string, readonly string[]>> | undefined;
  /** Passes of a majority filter over the edges; none when left out. */
  readonly smooth?: number | undefined;
}

export interface StoreOrder extends LabelOrder {
  readonly seg: 'binary' | 'labelmap' | 'none';
  /** Pixels of a label map in RLE Lossless. */
  readonly compress?: boolean | undefined;
  readonly sr: boolean;
  /** Pictures beside the SEG, for viewers that cannot show one; none when left out. */
  readonly pictures?: boolean | undefined;
  /** Name of an archive in `config/situs.yaml`. */
  readonly to: string;
}

/** One volume to segment. */
export interface Target {
  readonly seriesInstanceUid: string;
  readonly stackId: string;
  readonly frames: readonly SourceFrame[];
  readonly sequence: string;
  readonly confidence: number;
  readonly rule: string;
  readonly segment: SegmentOrder;
  readonly store: StoreOrder;
  readonly priority: Priority;
  /** The gate's levels where the rule orders them; not part of what makes two jobs the same work. */
  readonly gate?: GateOrder;
  /** Hours of the day, e.g. `07:00-19:00`, in which the job is not begun. */
  readonly quiet?: readonly string[];
}

/** A series that already has results of Situs in an archive, and the models that made them. */
export interface EarlierResult {
  readonly seriesInstanceUid: string;
  readonly model: string;
}

export type Ternary = 'true' | 'false' | 'not-answerable';

/** Why a rule did or did not take a series: the first condition that failed or could not be answered. */
export interface RuleVerdict {
  readonly rule: string;
  readonly matched: boolean;
  readonly outcome: Ternary;
  readonly text: string;
}

/** One per series of the study, always. */
export interface Verdict {
  readonly seriesInstanceUid: string;
  readonly sequence: string;
  readonly confidence: number;
  readonly taken: boolean;
  /** The rule that took the series, or would have taken it had another not been preferred. */
  readonly rule: string | null;
  readonly reason: string;
  readonly rules: readonly RuleVerdict[];
}

export interface Decision {
  readonly studyInstanceUid: string;
  /** SHA-256 of the rule set and of the sequence definitions that were used. */
  readonly ruleSetVersion: string;
  readonly sequencesVersion: string;
  readonly targets: readonly Target[];
  readonly verdicts: readonly Verdict[];
}
