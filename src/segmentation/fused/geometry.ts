import type { VolumeTaps } from '../export/axis-taps.ts';
import type { Tiling } from '../inference/tiles.ts';
import type { LabelRule, Vec3 } from '../plans/plan.ts';
import { product } from '../product.ts';

/** Everything about a volume and a model that the graphs are written for. */
export interface VolumeGeometry {
  readonly tiling: Tiling;
  readonly inputChannels: number;
  readonly heads: number;
  readonly folds: number;
  readonly rule: LabelRule;
  readonly taps: VolumeTaps;
  /** Axes whose mirrored copies are averaged; none: the plain patch only. */
  readonly mirrorAxes: readonly number[];
}

/** Voxels around the plane of the ring, so that what lies beside a patch is never empty. */
export const MARGIN = 1;

/**
 * Shape of the ring: [1, heads + 1, patch rows + 1, y, x] halves. The last channel adds up the weights; row 0 is the last row
 * that was finished before.
 */
export function ringShape({ tiling, heads }: VolumeGeometry): readonly number[] {
  const { patch, padded } = tiling;
  return [1, heads + 1, patch[0] + 1, padded[1] + 2 * MARGIN, padded[2] + 2 * MARGIN];
}

/** Shape of the labels: the cropped box, transposed order. */
export function labelShape({ taps }: VolumeGeometry): Vec3 {
  return [taps[0].first.length, taps[1].first.length, taps[2].first.length];
}

/** Largest number of elements that all kernels can count. */
const INDEX_LIMIT = 2 ** 31;

/**
 * Whether the graphs can take a volume: every tensor stays below 2^31 elements (nnunet-inference §9.2), and no two groups of
 * patches start at the same row, as very small steps over very small patches would have it.
 */
export function suitsGraphs(geometry: VolumeGeometry): boolean {
  const [, height, width] = labelShape(geometry);
  const { tiling, inputChannels, heads } = geometry;
  const widest = Math.max(tiling.padded[1], height) * Math.max(tiling.padded[2], width);
  const fits = [
    product(ringShape(geometry)),
    product(tiling.padded) * inputChannels,
    product(labelShape(geometry)),
    heads * widest,
  ].every((size) => size < INDEX_LIMIT);
  return fits && new Set(tiling.starts[0]).size === tiling.starts[0].length;
}
