import type { RemoteRun } from '../../contracts/index.ts';
import type { Vec3 } from '../plans/plan.ts';

/**
 * Where networks run. `cpu` is always there; the others as the runtime and the machine offer them, `kserve` on a
 * server that the configuration names.
 */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu', 'kserve'] as const;
export type Device = (typeof DEVICES)[number];
/** Devices of this host. */
export type LocalDevice = Exclude<Device, 'kserve'>;

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
}

/** Runs networks; an engine that can't run on the chosen device refuses instead of choosing another. */
export interface Engine {
  /** Name and version, e.g. `onnxruntime 1.30.0`. */
  readonly name: string;
  readonly device: Device;
  open(file: string, inputChannels: number, patch: Vec3): Promise<PatchNetwork>;
  /** Of an engine on another machine. */
  readonly remote?: RemoteRun;
}
