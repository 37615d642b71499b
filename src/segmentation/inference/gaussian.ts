import type { Vec3 } from '../plans/plan.ts';

/** nnU-Net 2.2.1 scales the largest weight to this. */
const SCALE = 10;

/**
 * Weights of a patch's voxels when patches are blended (nnunet-inference §3.3): halves, held in binary32 for speed;
 * row-major as the patch.
 */
export function gaussianMap(patch: Vec3): Float32Array<ArrayBuffer> {
  const [k0, k1, k2] = [kernel(patch[0]), kernel(patch[1]), kernel(patch[2])];
  const weights = new Float64Array(patch[0] * patch[1] * patch[2]);
  let largest = 0;
  let at = 0;
  for (const a of k0) {
    for (const b of k1) {
      for (const c of k2) {
        const weight = a * b * c;
        weights[at] = weight;
        if (weight > largest) largest = weight;
        at += 1;
      }
    }
  }
  const map = new Float32Array(weights.length);
  let smallest = Number.POSITIVE_INFINITY;
  for (let i = 0; i < map.length; i += 1) {
    const half = Math.f16round(Math.fround(((weights[i] ?? 0) / largest) * SCALE));
    map[i] = half;
    if (half > 0 && half < smallest) smallest = half;
  }
  for (let i = 0; i < map.length; i += 1) if (map[i] === 0) map[i] = smallest;
  return map;
}

/**
 * scipy's `gaussian_filter` of a single one in the middle: σ = n/8, cut off at 4σ. A single voxel is the axis that a 2-D
 * map does not have.
 */
function kernel(n: number): Float64Array {
  if (n === 1) return Float64Array.of(1);
  const sigma = n / 8;
  const radius = Math.floor(4 * sigma + 0.5);
  const centre = Math.floor(n / 2);
  const value = (distance: number): number =>
    Math.exp((-0.5 / (sigma * sigma)) * distance * distance);
  let sum = 0;
  for (let d = -radius; d <= radius; d += 1) sum += value(d);
  return Float64Array.from({ length: n }, (_, i) =>
    Math.abs(i - centre) <= radius ? value(i - centre) / sum : 0,
  );
}
