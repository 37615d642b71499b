import type { Vec3 } from '../plans/plan.ts';
import { roundHalfEven } from '../preprocess/target-shape.ts';

/** The padded array and the patches that cover it, in transposed order. */
export interface Tiling {
  /** Shape before padding. */
  readonly shape: Vec3;
  readonly padded: Vec3;
  /** Zeros in front of each axis. */
  readonly below: Vec3;
  readonly patch: Vec3;
  /** Start of the patches along each axis, in the padded array. */
  readonly starts: readonly [readonly number[], readonly number[], readonly number[]];
}

/**
 * Padding to at least a patch, and patches with steps of `stepSize` patches (nnunet-inference §3.1, §3.2).
 * @param dimensions 2: patches of one slice each, on every slice once
 */
export function tile(shape: Vec3, patch: Vec3, stepSize = 0.5, dimensions: 2 | 3 = 3): Tiling {
  const padded: Vec3 = [
    Math.max(shape[0], patch[0]),
    Math.max(shape[1], patch[1]),
    Math.max(shape[2], patch[2]),
  ];
  return {
    shape,
    padded,
    below: [
      Math.floor((padded[0] - shape[0]) / 2),
      Math.floor((padded[1] - shape[1]) / 2),
      Math.floor((padded[2] - shape[2]) / 2),
    ],
    patch,
    starts: [
      dimensions === 2 ? everySlice(shape[0]) : patchStarts(padded[0], patch[0], stepSize),
      patchStarts(padded[1], patch[1], stepSize),
      patchStarts(padded[2], patch[2], stepSize),
    ],
  };
}

/** Starts of the patches along one axis of `size` ≥ `patch` voxels. */
export function patchStarts(size: number, patch: number, stepSize = 0.5): number[] {
  const count = Math.ceil((size - patch) / (patch * stepSize)) + 1;
  if (count <= 1) return [0];
  const stride = (size - patch) / (count - 1);
  return Array.from({ length: count }, (_, i) => roundHalfEven(stride * i));
}

function everySlice(slices: number): number[] {
  return Array.from({ length: slices }, (_, slice) => slice);
}

export function patchCount(tiling: Tiling): number {
  return tiling.starts[0].length * tiling.starts[1].length * tiling.starts[2].length;
}

/**
 * Copies the patch at `start` (padded coordinates) into `target`; what lies in the padding is 0, the mean after
 * normalisation.
 */
export function extractPatch(
  values: Float32Array,
  tiling: Tiling,
  start: Vec3,
  target: Float32Array,
): void {
  const { shape, below, patch } = tiling;
  target.fill(0);
  const from = Math.max(0, start[2] - below[2]);
  const to = Math.min(shape[2], start[2] - below[2] + patch[2]);
  for (let a = 0; a < patch[0]; a += 1) {
    const z = start[0] + a - below[0];
    if (z < 0 || z >= shape[0]) continue;
    for (let b = 0; b < patch[1]; b += 1) {
      const y = start[1] + b - below[1];
      if (y < 0 || y >= shape[1]) continue;
      const line = (z * shape[1] + y) * shape[2];
      const at = (a * patch[1] + b) * patch[2] + from - (start[2] - below[2]);
      target.set(values.subarray(line + from, line + to), at);
    }
  }
}
