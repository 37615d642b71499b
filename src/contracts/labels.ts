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
  /** Bytes that the run was thought to need at most; absent in older records. */
  readonly estimatedBytes?: number;
  /** Most resident memory that the segmentation process had; absent in older records. */
  readonly peakBytes?: number;
  /**
   * How many runs of operators each execution provider had while the runtime was watched, by the provider's own name:
   * proof of `device`. Absent on the CPU, where there is no other, and in older records.
   */
  readonly placement?: Readonly<Record<string, number>>;
  /** Where the networks ran when it was not this host. */
  readonly remote?: RemoteRun;
}

/** An inference server and the networks that it ran. */
export interface RemoteRun {
  /** Address of the server, without credentials. */
  readonly url: string;
  /** Whether every network answered to a test patch as the local weights do. */
  readonly weightsVerified: boolean;
  readonly networks: readonly {
    readonly fold: number;
    /** Name and version on the server; null where the server does not say which version answers. */
    readonly name: string;
    readonly version: string | null;
    /** Hash of the network's file as the server's configuration names it; null where it does not. */
    readonly sha256: string | null;
    /** Relative root mean square difference of the test patch's logits to those of the local weights. */
    readonly deviation: number;
    readonly verified: boolean;
  }[];
}

/** Labels on the source grid: same order and shape as the `Volume` they were made from. */
export interface Labels {
  readonly voxels: Uint8Array;
  readonly shape: Shape;
  /** Label value → structure name, background left out. */
  readonly structures: Readonly<Record<number, string>>;
  readonly run: SegmentationRun;
}
