/** One observation that speaks for or against a sequence. */
export interface Evidence {
  /** The sequence it speaks about. */
  readonly sequence: string;
  /** Positive speaks for, negative against. */
  readonly weight: number;
  /** DICOM keyword, or a derived quantity such as `coverage`. */
  readonly attribute: string;
  readonly value: string;
  /** Name of the definition's item in `config/sequences.yaml`. */
  readonly rule: string;
  /** A plain sentence. */
  readonly text: string;
}

/** What a fine kind is made of; `config/sequences.yaml` says when each has which value. */
export const MATCH_FACTS = ['fatSaturated', 'postContrast', 'kernelClass', 'sliceClass'] as const;

/** One fact of a match's fine kind, beside the plane, which is the stack's. */
export interface MatchFact {
  readonly name: (typeof MATCH_FACTS)[number];
  readonly value: string | boolean;
  /** What it was seen on, e.g. `ScanOptions: FS`. */
  readonly because: string;
}

/** What a stack of a series is taken to be. */
export interface StackMatch {
  readonly stackId: string;
  readonly sequence: string;
  /** 0..1 */
  readonly confidence: number;
  readonly evidence: readonly Evidence[];
}

/** What a series is: its best stack's sequence, and the matches of all stacks. */
export interface SequenceMatch {
  readonly seriesInstanceUid: string;
  /** The stack that carries the sequence; null when the series has no stacks (no images). */
  readonly stackId: string | null;
  /** `t1_in_phase`, `haste`, `ct_abdomen`, or a named reason to leave it alone; `unknown` when unsure. */
  readonly sequence: string;
  readonly confidence: number;
  readonly reason: string;
  readonly evidence: readonly Evidence[];
  readonly stacks: readonly StackMatch[];
  /** The fine kind, as far as the headers tell it; absent in matches recorded before there was one. */
  readonly facts?: readonly MatchFact[] | undefined;
}
