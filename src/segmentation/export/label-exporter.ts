import type { LabelRule, Vec3 } from '../plans/plan.ts';
import type { GridView } from '../preprocess/grid-view.ts';
import type { VolumeTaps } from './axis-taps.ts';
import type { LogitRow } from './label-lines.ts';
import { LineLabeller } from './label-lines.ts';

/**
 * Turns rows of logits into labels as they come, slice by slice, so that an array of channels × output voxels never
 * exists: an output slice needs at most two rows (nnunet-inference §7.2 items 1 and 3). Labels are written through the view
 * that preprocessing read through, which undoes crop, transpose and turn at once (§4 items 4 and 5).
 */
export class LabelExporter {
  private readonly taps: VolumeTaps;
  private readonly rows = new Map<number, LogitRow>();
  private readonly spare: LogitRow[] = [];
  private readonly labeller: LineLabeller;
  private readonly view: GridView;
  private readonly labels: Uint8Array;
  private readonly shape: Vec3;
  private readonly line: Uint8Array;
  private nextSlice = 0;

  /**
   * @param shape of the network's grid, transposed order
   * @param view of the cropped box in the source array, transposed order
   * @param labels the source array's labels, all 0
   */
  constructor(
    shape: Vec3,
    heads: number,
    rule: LabelRule,
    taps: VolumeTaps,
    view: GridView,
    labels: Uint8Array,
  ) {
    this.shape = shape;
    this.taps = taps;
    this.view = view;
    this.labels = labels;
    this.labeller = new LineLabeller(heads, [shape[1], shape[2]], rule, taps);
    this.line = new Uint8Array(view.shape[2]);
  }

  /** Takes row z of the logits; rows come in order. */
  push(z: number, logits: Float16Array<ArrayBuffer>): void {
    if (this.isNeeded(z)) {
      const row = this.spare.pop() ?? this.labeller.newRow();
      this.labeller.load(row, logits);
      this.rows.set(z, row);
    }
    const [axis] = this.taps;
    const last = z === this.shape[0] - 1;
    while (this.nextSlice < this.view.shape[0]) {
      const second = axis.second[this.nextSlice] ?? 0;
      if (second > z && !last) break;
      this.writeSlice(this.nextSlice);
      this.nextSlice += 1;
      this.dropRowsBefore(axis.first[this.nextSlice] ?? Number.POSITIVE_INFINITY);
    }
  }

  private isNeeded(z: number): boolean {
    const [axis] = this.taps;
    for (let k = this.nextSlice; k < this.view.shape[0]; k += 1) {
      if (axis.first[k] === z || axis.second[k] === z) return true;
      if ((axis.first[k] ?? 0) > z) return false;
    }
    return false;
  }

  private dropRowsBefore(first: number): void {
    for (const [z, row] of this.rows) {
      if (z >= first) continue;
      this.rows.delete(z);
      this.spare.push(row);
    }
  }

  private writeSlice(k: number): void {
    const [axis] = this.taps;
    const first = this.rows.get(axis.first[k] ?? 0);
    const second = this.rows.get(axis.second[k] ?? 0);
    if (first === undefined || second === undefined) return;
    const { base, stride, shape } = this.view;
    for (let j = 0; j < shape[1]; j += 1) {
      this.labeller.label(first, second, k, j, this.line);
      let at = base + k * stride[0] + j * stride[1];
      for (let i = 0; i < shape[2]; i += 1, at += stride[2]) this.labels[at] = this.line[i] ?? 0;
    }
  }
}
