import type { Structure } from '../contracts/index.ts';
import { bringTogether, compareLabels, type StructureMeasures } from '../evaluation/index.ts';
import type { LabelTable } from './label-tables.ts';
import { createNumbering } from './numbering.ts';
import type { CasePair } from './pairs.ts';
import { readLabels } from './read-labels.ts';

/** What is the same for every pair of an evaluation. */
export interface ComparePairOptions {
  /** Null for segmentation objects, which name their segments themselves. */
  readonly referenceTable: LabelTable | null;
  readonly predictionTable: LabelTable | null;
  readonly wanted: readonly string[] | null;
  readonly structures: readonly Structure[];
  readonly toleranceMm: number;
}

export interface ComparedPair {
  readonly measures: readonly StructureMeasures[];
  /** Structures that only one side knows. */
  readonly onlyReference: readonly string[];
  readonly onlyPrediction: readonly string[];
  readonly notes: readonly string[];
}

/**
 * Reads and compares one pair of label files; both are in memory at once, a byte a voxel.
 * @throws SitusError of class refuse for files that cannot be read or do not lie on one grid.
 */
export async function comparePair(
  pair: CasePair,
  options: ComparePairOptions,
): Promise<ComparedPair> {
  const { wanted, structures, toleranceMm } = options;
  const numbering = createNumbering();
  const side = { numbering, wanted, structures };
  const reference = await readLabels(pair.reference, { ...side, table: options.referenceTable });
  const prediction = await readLabels(pair.prediction, { ...side, table: options.predictionTable });
  const together = bringTogether(reference.labels, prediction.labels);
  const both = [...reference.known].filter((name) => prediction.known.has(name));
  const numbered = Object.fromEntries(both.map((name) => [numbering.numberOf(name), name]));
  return {
    measures: compareLabels(together, { structures: numbered, toleranceMm }),
    onlyReference: [...reference.known].filter((name) => !prediction.known.has(name)),
    onlyPrediction: [...prediction.known].filter((name) => !reference.known.has(name)),
    notes: [...reference.notes, ...prediction.notes],
  };
}
