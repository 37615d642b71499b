import type { Vec3 } from '../plans/plan.ts';

/** Where networks run. `cpu` is always there; the others as the runtime and the machine offer them. */
export const DEVICES = ['cpu', 'cuda', 'tensorrt', 'webgpu'] as const;
export type Device = (typeof DEVICES)[number];

/** A network that is ready to run. */
export interface PatchNetwork {
  /**
   * Logits [heads, patch…] of one patch [channels, patch…], both row-major. The answer may be the same array next time.
   */
  run(patch: Float32Array<ArrayBuffer>): Promise<Float32Array>;
  close(): Promise<void>;
}

export interface EngineOptions {
  readonly device: Device;
  /** Threads inside one operator. */
  readonly threads: number;
}

/** Runs networks; an engine that can't run on the chosen device refuses instead of choosing another. */
export interface Engine {
  /** Name and version, e.g. `onnxruntime 1.30.0`. */
  readonly name: string;
  readonly device: Device;
  open(file: string, inputChannels: number, patch: Vec3): Promise<PatchNetwork>;
}
