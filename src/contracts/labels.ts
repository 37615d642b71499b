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
