import type { Resampling, Vec3 } from '../plans/plan.ts';

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Voxels after resampling to the target spacing (nnunet-inference §2.5); transposed order throughout. */
export function targetShape(shape: Vec3, spacing: Vec3, target: Vec3): Vec3 {
  return [
    roundHalfEven((spacing[0] / target[0]) * shape[0]),
    roundHalfEven((spacing[1] / target[1]) * shape[1]),
    roundHalfEven((spacing[2] / target[2]) * shape[2]),
  ];
}

/**
 * The axis along which slices are resampled by copying, the planes by interpolation; null for interpolation in 3-D
 * (nnunet-inference §2.6).
 */
export function separateAxis(current: Vec3, next: Vec3, resampling: Resampling): 0 | 1 | 2 | null {
  const anisotropic = (spacing: Vec3): boolean =>
    Math.max(...spacing) / Math.min(...spacing) > resampling.anisotropyThreshold;
  if (resampling.forceSeparateZ === false) return null;
  if (resampling.forceSeparateZ === true || anisotropic(current)) return coarseAxis(current);
  return anisotropic(next) ? coarseAxis(next) : null;
}

/** The one axis with the largest spacing; null when several share it. */
function coarseAxis(spacing: Vec3): 0 | 1 | 2 | null {
  const largest = Math.max(...spacing);
  const axes = ([0, 1, 2] as const).filter((axis) => largest / spacing[axis] === 1);
  const [only, another] = axes;
  return another === undefined ? (only ?? null) : null;
}

/** Slice that is copied to each output slice: order 0, halves upwards (nnunet-inference §2.8). */
export function nearestSlices(n: number, m: number): Int32Array {
  return Int32Array.from({ length: m }, (_, k) => {
    if (n === m) return k;
    const coordinate = (k + 0.5) * (n / m) - 0.5;
    return Math.min(Math.max(Math.floor(coordinate + 0.5), 0), n - 1);
  });
}
