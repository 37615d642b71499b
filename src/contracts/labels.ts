import type { Shape } from './volume.ts';

/** What identifies the networks and the run that made labels. */
export interface SegmentationRun {
  readonly model: string;
  readonly modelVersion: string;
  /** SHA-256 over the sorted hashes of the model's files. */
  readonly modelHash: string;
  readonly folds: readonly number[];
  readonly engine: string;
  /** Execution provider that really ran, e.g. `cpu`. */
  readonly device: string;
  readonly threads: number;
  readonly spacingMode: 'true' | 'v1.2.3';
  /** Distance of patches as a share of the patch; absent in records made before it could be chosen: 0.5. */
  readonly stepSize?: number;
  /** Whether mirrored copies were averaged; absent in older records: as the checkpoint allows. */
  readonly mirroring?: boolean;
  /** The volume was cut into 2^splitLevel pieces that ran alone; absent in older records: 0. */
  readonly splitLevel?: number;
  /** Patches of one fold, of all pieces. */
  readonly patches: number;
  /** Seconds a phase took: preprocess, network, export, total. */
  readonly seconds: Readonly<Record<string, number>>;
}

/** Labels on the source grid: same order and shape as the `Volume` they were made from. */
export interface Labels {
  readonly voxels: Uint8Array;
  readonly shape: Shape;
  /** Label value → structure name, background left out. */
  readonly structures: Readonly<Record<number, string>>;
  readonly run: SegmentationRun;
}
