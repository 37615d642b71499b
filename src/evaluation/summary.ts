import { statisticsOf, type Statistics } from './statistics.ts';
import { MEASURES, type CaseMeasures, type Measure, type StructureMeasures } from './types.ts';

/** What a structure that the prediction invented counts: Dice 0 as in nnU-Net, or nothing. */
export type InventedCounts = 'zero' | 'nothing';

/** Stands for every scan type or group. */
export const ALL = 'all';

/** One structure in one scan type and group (or all of them). */
export interface StructureSummary {
  readonly scanType: string;
  readonly group: string;
  readonly structure: string;
  readonly cases: number;
  /** Cases by what reference and prediction hold. */
  readonly both: number;
  readonly missed: number;
  readonly invented: number;
  readonly absent: number;
  readonly measures: Readonly<Record<Measure, Statistics>>;
}

/** Means over the structures of one scan type and group, every structure counting once. */
export interface OverallSummary {
  readonly scanType: string;
  readonly group: string;
  readonly cases: number;
  readonly structures: number;
  readonly missed: number;
  readonly invented: number;
  /** Mean over structures of their mean; null when no structure has a value. */
  readonly mean: Readonly<Record<Measure, number | null>>;
  /** Mean over structures of their median. */
  readonly meanOfMedians: Readonly<Record<Measure, number | null>>;
}

export interface Summary {
  readonly structures: readonly StructureSummary[];
  readonly overall: readonly OverallSummary[];
}

/**
 * Statistics over cases for every structure, scan type and group: for all scan types together, for each
 * one, and for each of its groups when there are several.
 */
export function summarise(cases: readonly CaseMeasures[], invented: InventedCounts): Summary {
  const names = [...new Set(cases.flatMap((one) => one.structures.map((s) => s.structure)))];
  const sections = sectionsOf(cases);
  const structures = sections.flatMap(({ scanType, group, members }) =>
    names.map((name) => summaryOf(name, scanType, group, members, invented)),
  );
  return {
    structures,
    overall: sections.map(({ scanType, group, members }) => {
      const own = structures.filter((one) => one.scanType === scanType && one.group === group);
      const over = (statistic: 'mean' | 'median'): Record<Measure, number | null> =>
        eachMeasure((measure) => {
          const values = own.flatMap((one) => one.measures[measure][statistic] ?? []);
          return statisticsOf(values).mean;
        });
      return {
        scanType,
        group,
        cases: members.length,
        structures: own.filter((one) => one.cases > one.absent).length,
        missed: own.reduce((sum, one) => sum + one.missed, 0),
        invented: own.reduce((sum, one) => sum + one.invented, 0),
        mean: over('mean'),
        meanOfMedians: over('median'),
      };
    }),
  };
}

/** The value of a measure that counts in statistics; null when it has none. */
export function counted(
  one: StructureMeasures,
  measure: Measure,
  invented: InventedCounts,
): number | null {
  if (one.presence === 'absent') return null;
  if (one.presence === 'invented' && invented === 'nothing') return null;
  return one[measure];
}

interface Section {
  readonly scanType: string;
  readonly group: string;
  readonly members: readonly CaseMeasures[];
}

function sectionsOf(cases: readonly CaseMeasures[]): Section[] {
  const types = [...new Set(cases.map((one) => one.scanType))].sort();
  const sections: Section[] = [];
  if (types.length !== 1) sections.push({ scanType: ALL, group: ALL, members: cases });
  for (const scanType of types) {
    const members = cases.filter((one) => one.scanType === scanType);
    sections.push({ scanType, group: ALL, members });
    const groups = [...new Set(members.map((one) => one.group))].sort();
    if (groups.length === 1) continue;
    for (const group of groups) {
      sections.push({ scanType, group, members: members.filter((one) => one.group === group) });
    }
  }
  return sections;
}

function summaryOf(
  structure: string,
  scanType: string,
  group: string,
  members: readonly CaseMeasures[],
  invented: InventedCounts,
): StructureSummary {
  const own = members.flatMap((one) => one.structures.filter((s) => s.structure === structure));
  const count = (presence: StructureMeasures['presence']): number =>
    own.filter((one) => one.presence === presence).length;
  return {
    scanType,
    group,
    structure,
    cases: own.length,
    both: count('both'),
    missed: count('missed'),
    invented: count('invented'),
    absent: count('absent'),
    measures: eachMeasure((measure) =>
      statisticsOf(own.flatMap((one) => counted(one, measure, invented) ?? [])),
    ),
  };
}

function eachMeasure<Value>(value: (measure: Measure) => Value): Record<Measure, Value> {
  return Object.fromEntries(MEASURES.map((measure) => [measure, value(measure)])) as Record<
    Measure,
    Value
  >;
}
