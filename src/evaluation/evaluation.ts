import type { InventedCounts, Summary } from './summary.ts';
import type { CaseMeasures } from './types.ts';

/** Everything an evaluation found, with what it was made from. */
export interface Evaluation {
  readonly situs: string;
  /** ISO 8601. */
  readonly madeAt: string;
  readonly parameters: EvaluationParameters;
  readonly cases: readonly CaseMeasures[];
  readonly summary: Summary;
  /** Label files without a partner. */
  readonly unpaired: readonly { readonly side: string; readonly path: string }[];
  /** Pairs that could not be compared. */
  readonly refused: readonly {
    readonly case: string;
    readonly code: string;
    readonly message: string;
  }[];
  /** Structures that only one side knows. */
  readonly leftOut: readonly { readonly structure: string; readonly side: string }[];
  /** What was seen in files and should be known. */
  readonly notes: readonly string[];
}

export interface EvaluationParameters {
  readonly reference: string;
  readonly prediction: string;
  readonly referenceLabels: string;
  readonly predictionLabels: string;
  readonly toleranceMm: number;
  readonly invented: InventedCounts;
  /** Structures asked for; null for all. */
  readonly structures: readonly string[] | null;
}
