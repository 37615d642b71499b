import type { RemoteRun } from '../../contracts/index.ts';
import type { VolumeGeometry } from '../fused/geometry.ts';
import type { Vec3 } from '../plans/plan.ts';

/**
 * Where networks run. `cpu` is always there; the others as the runtime and the machine offer them, `kserve` on a
 * server that the configuration names.
 */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'kserve'] as const;
export type Device = (typeof DEVICES)[number];
/** Devices of this host. */
export type LocalDevice = Exclude<Device, 'kserve'>;

/** How many runs of nodes each execution provider of the runtime had, by the provider's own name. */
export type Placement = Readonly<Record<string, number>>;

/** A network that is ready to run. */
export interface PatchNetwork {
  /**
   * Logits [heads, patch…] of one patch [channels, patch…], both row-major. The answer may be the same array next time.
   */
  run(patch: Float32Array<ArrayBuffer>): Promise<Float32Array>;
  /**
   * How many runs may be under way at the same time; each then answers with an array of its own. Absent: one.
   */
  readonly parallel?: number;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly device: LocalDevice;
  /** Threads inside one operator. */
  readonly threads: number;
  /** Which graphics card, for CUDA and TensorRT; default 0. */
  readonly deviceId?: number;
  /** Bytes that a graphics card may be asked for; null or absent: as many as it has. */
  readonly memoryLimit?: number | null;
  /** How whole volumes are worked on; default as it is best for the device. */
  readonly volumes?: VolumeMode;
}

/**
 * `host`: patch by patch, added up on the host. `fused`: in one graph. `resident`: patch by patch, with sums that stay on the
 * device.
 */
export type VolumeMode = 'host' | 'fused' | 'resident';

/** A preprocessed volume whose labels are wanted. */
export interface VolumeWork {
  /** Without padding, transposed order. */
  readonly values: Float32Array;
  readonly geometry: VolumeGeometry;
  /** Files of the folds, in one folder. */
  readonly networks: readonly string[];
  /** Called between parts of the work; may throw to stop. */
  readonly tick: (done: number, total: number) => void;
  /** For clocks. */
  readonly time: <T>(phase: 'load' | 'network', work: () => Promise<T>) => Promise<T>;
}

/** Runs networks; an engine that can't run on the chosen device refuses instead of choosing another. */
export interface Engine {
  /** Name and version, e.g. `onnxruntime 1.30.0`. */
  readonly name: string;
  readonly device: Device;
  open(file: string, inputChannels: number, patch: Vec3): Promise<PatchNetwork>;
  /**
   * Labels of a whole volume, made on the device: the cropped box in transposed order. Null where this volume has to go patch
   * by patch. Absent: all have to.
   */
  readonly labelVolume?: (work: VolumeWork) => Promise<Uint8Array | null>;
  /** What ran where so far, as the runtime tells it; null before the first run and where there is only one place. */
  readonly placement?: () => Placement | null;
  /** Of an engine on another machine. */
  readonly remote?: RemoteRun;
}
