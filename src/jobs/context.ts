import type { Archive } from '../archive/index.ts';
import type { Actor, EncodedResult, Structure, Volume } from '../contracts/index.ts';
import type { Artifact, Claim, FinalState, JobWork, Reason, Records } from '../records/index.ts';
import type { Device, KserveSettings, LoadedModel, SpacingMode } from '../segmentation/index.ts';
import type { Logger } from '../telemetry/index.ts';
import type { Compute } from './compute.ts';
import type { Mutex } from './mutex.ts';
import type { WorkFolder } from './work-folder.ts';

export interface SegmentationSettings {
  readonly device: Device;
  /** Which graphics card, for CUDA and TensorRT. */
  readonly deviceId: number;
  /** Bytes that a graphics card may be asked for; null: as many as it has. */
  readonly deviceMemoryLimit: number | null;
  /** The server of the device `kserve`. */
  readonly kserve: KserveSettings | null;
  readonly threads: number;
  readonly spacingMode: SpacingMode;
  /** Bytes; a job that needs more is refused with both figures. */
  readonly memoryLimit: number | null;
}

/** What a worker works with: the parts of the node that its steps use. */
export interface WorkerParts {
  readonly node: string;
  readonly version: string;
  readonly actor: Actor;
  readonly records: Records;
  readonly archive: (name: string) => Archive;
  readonly model: (name: string) => Promise<LoadedModel>;
  readonly structures: readonly Structure[];
  readonly folder: WorkFolder;
  readonly compute: Compute;
  readonly device: Mutex;
  readonly segmentation: SegmentationSettings;
  readonly log: Logger;
}

/** An instance in the work folder. */
export interface FetchedInstance {
  readonly sopInstanceUid: string;
  readonly file: string;
  readonly bytes: number;
}

/** What the fetch step leaves: the instances of a target, in the order of their UIDs. */
export interface Manifest {
  readonly seriesInstanceUid: string;
  readonly instances: readonly FetchedInstance[];
}

/** What an attempt has at hand, so that its steps need not read it again. */
export interface Attempt {
  manifest: Manifest | null;
  volume: Volume | null;
  results: readonly EncodedResult[] | null;
}

/** One attempt at one job. */
export interface JobContext extends WorkerParts {
  readonly attempt: Attempt;
  readonly work: JobWork;
  readonly claim: Claim;
  readonly signal: AbortSignal;
  /** Share of the job that is done, 0..1. */
  readonly progress: (fraction: number) => void;
}

/** How a step ended well: `next` goes on with the following step, `end` finishes the job. */
export type StepOutcome =
  | { readonly kind: 'next'; readonly artifact: Artifact | null }
  | {
      readonly kind: 'end';
      readonly artifact: Artifact | null;
      readonly state: FinalState;
      readonly reasons: readonly Reason[];
    };

/** The work of one step. Throws SitusError; the worker decides by its class what happens next. */
export type StepWork = (context: JobContext) => Promise<StepOutcome>;
