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
