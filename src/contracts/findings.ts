/** Measures of one structure on the source grid, padding left out of the statistics. */
export interface StructureFindings {
  /** Label value in the label volume. */
  readonly label: number;
  readonly structure: string;
  readonly voxels: number;
  readonly volumeMl: number;
  /** Null when no voxel could be measured (all padding). SD is the population SD. */
  readonly intensity: {
    readonly mean: number;
    readonly sd: number;
    readonly median: number;
    readonly minimum: number;
    readonly maximum: number;
  } | null;
  /** Touches the first or last slice, a border row or column, or padding. */
  readonly truncated: boolean;
  /** In millimetres, patient LPS. */
  readonly centroid: readonly [number, number, number];
}

export type GateLevel = 'pass' | 'warn' | 'hold';

/** The checks of the gate, in the order of their verdicts. */
export const GATE_CHECKS = ['not-empty', 'field-of-view', 'laterality', 'volume-range'] as const;
export type GateCheck = (typeof GATE_CHECKS)[number];
/** What a failed check means, where a rule orders it otherwise than the gate does by itself. */
export type GateOrder = { readonly [Check in GateCheck]?: 'warn' | 'hold' | undefined };

export interface GateVerdict {
  readonly check: string;
  readonly level: GateLevel;
  readonly structure: string | null;
  readonly message: string;
}

export interface Findings {
  readonly unit: 'HU' | 'arbitrary';
  readonly structures: readonly StructureFindings[];
  readonly gate: readonly GateVerdict[];
  /** The worst level of the gate. */
  readonly level: GateLevel;
}
