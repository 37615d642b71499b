import { labelShape, type VolumeGeometry } from '../fused/geometry.ts';
import type { Group } from '../fused/schedule.ts';
import { notFinite } from '../inference/blend.ts';
import { extractPatch, type Tiling } from '../inference/tiles.ts';
import type { GridView } from '../preprocess/grid-view.ts';
import { product } from '../product.ts';

/** The volume with its padding of zeros. */
export function padVolume(values: Float32Array, tiling: Tiling): Float32Array<ArrayBuffer> {
  const volume = new Float32Array(product(tiling.padded));
  extractPatch(values, { ...tiling, patch: tiling.padded }, [0, 0, 0], volume);
  return volume;
}

/** Writes labels of the cropped box, dense and row-major, where preprocessing read its voxels. */
export function placeBox(box: Uint8Array, labels: Uint8Array, view: GridView): void {
  const [n0, n1, n2] = view.shape;
  const [s0, s1, s2] = view.stride;
  let from = 0;
  for (let a = 0; a < n0; a += 1) {
    for (let b = 0; b < n1; b += 1) {
      let at = view.base + a * s0 + b * s1;
      for (let c = 0; c < n2; c += 1, at += s2) {
        labels[at] = box[from] ?? 0;
        from += 1;
      }
    }
  }
}

/** Puts slices in their places along axis 0, in the order in which they are made. */
export class SliceCollector {
  readonly labels: Uint8Array<ArrayBuffer>;
  private readonly outputs: readonly (number | null)[];
  private readonly size: number;
  private made = 0;

  constructor(geometry: VolumeGeometry, groups: readonly Group[]) {
    const [depth, height, width] = labelShape(geometry);
    this.size = height * width;
    this.labels = new Uint8Array(depth * this.size);
    this.outputs = groups.flatMap(({ slices }) => slices.map(({ output }) => output));
  }

  add(slice: ArrayLike<number>): void {
    const output = this.outputs[this.made] ?? null;
    this.made += 1;
    if (output !== null) this.labels.set(slice, output * this.size);
  }

  /** Takes slices that lie one after the other. */
  addAll(slices: Uint8Array): void {
    for (let at = 0; at < slices.length; at += this.size) {
      this.add(slices.subarray(at, at + this.size));
    }
  }
}

/** @throws SitusError `LOGITS_NOT_FINITE` when the device found logits that are not. */
export function requireFinite(unusable: number | undefined): void {
  if (unusable === 0) return;
  throw notFinite();
}
