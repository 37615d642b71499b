import type { Structure } from '../contracts/index.ts';
import type { PlacedLabels } from '../evaluation/index.ts';
import type { LabelTable } from './label-tables.ts';
import type { Numbering } from './numbering.ts';

/** A label file in the numbers of its pair's numbering. */
export interface ReadLabels {
  readonly labels: PlacedLabels;
  /** Structures that this side knows, whether the file has any of them or not. */
  readonly known: ReadonlySet<string>;
  /** What a reader of the report should know about the file. */
  readonly notes: readonly string[];
}

export interface ReadLabelsOptions {
  readonly numbering: Numbering;
  /** What the file's numbers mean; null for segmentation objects, which say it themselves. */
  readonly table: LabelTable | null;
  /** Structures to keep; null for all. */
  readonly wanted: readonly string[] | null;
  readonly structures: readonly Structure[];
}
