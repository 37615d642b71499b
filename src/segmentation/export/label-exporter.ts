import type { LabelRule, Vec3 } from '../plans/plan.ts';
import type { GridView } from '../preprocess/grid-view.ts';
import { ArgmaxCells } from './argmax-cells.ts';
import type { VolumeTaps } from './axis-taps.ts';
import { RegionLines } from './region-lines.ts';
import type { SliceLabeller } from './slice-labeller.ts';

export interface ExportPlan {
  /** The network's grid, transposed order. */
  readonly shape: Vec3;
  readonly heads: number;
  readonly rule: LabelRule;
  readonly taps: VolumeTaps;
  /** The cropped box in the source array, transposed order. */
  readonly view: GridView;
}

/** Takes rows of logits in order, each halves [channels, y, x], and writes labels. */
export interface RowExporter {
  push(z: number, logits: Float16Array<ArrayBuffer>): void;
}

/** @param labels the source array's labels, all 0 */
export function labelExporter(plan: ExportPlan, labels: Uint8Array): RowExporter {
  const { heads, rule, taps, shape } = plan;
  const plane = [shape[1], shape[2]] as const;
  return rule.kind === 'argmax'
    ? new StreamingExporter(plan, new ArgmaxCells(heads, plane, taps), labels)
    : new StreamingExporter(plan, new RegionLines(rule.classOrder, plane, taps), labels);
}

/**
 * Turns rows of logits into labels as they come, slice by slice, so that an array of channels × output voxels never
 * exists: an output slice needs at most two rows (nnunet-inference §7.2 items 1 and 3). Labels are written through the view
 * that preprocessing read through, which undoes crop, transpose and turn at once (§4 items 4 and 5).
 */
class StreamingExporter<Row> implements RowExporter {
  private readonly plan: ExportPlan;
  private readonly labeller: SliceLabeller<Row>;
  private readonly labels: Uint8Array;
  private readonly rows = new Map<number, Row>();
  private readonly spare: Row[] = [];
  /** Labels [y, x] of one slice. */
  private readonly slice: Uint8Array;
  private nextSlice = 0;
  /** The row whose copy `slice` is, where slices are copied; else −1. */
  private copied = -1;

  constructor(plan: ExportPlan, labeller: SliceLabeller<Row>, labels: Uint8Array) {
    this.plan = plan;
    this.labeller = labeller;
    this.labels = labels;
    this.slice = new Uint8Array(plan.view.shape[1] * plan.view.shape[2]);
  }

  push(z: number, logits: Float16Array<ArrayBuffer>): void {
    const [axis] = this.plan.taps;
    if (this.isNeeded(z)) {
      const row = this.spare.pop() ?? this.labeller.newRow();
      this.labeller.load(row, logits);
      this.rows.set(z, row);
    }
    const [slices] = this.plan.view.shape;
    while (this.nextSlice < slices && (axis.second[this.nextSlice] ?? 0) <= z) {
      this.writeSlice(this.nextSlice);
      this.nextSlice += 1;
      this.dropRowsBefore(axis.first[this.nextSlice] ?? Number.POSITIVE_INFINITY);
    }
  }

  /** Whether a slice that is still to come taps row z; taps rise with the slices. */
  private isNeeded(z: number): boolean {
    const [axis] = this.plan.taps;
    let k = this.nextSlice;
    while (k < axis.second.length && (axis.second[k] ?? 0) < z) k += 1;
    return axis.first[k] === z || axis.second[k] === z;
  }

  private dropRowsBefore(first: number): void {
    for (const [z, row] of this.rows) {
      if (z >= first) continue;
      this.rows.delete(z);
      this.spare.push(row);
    }
  }

  private writeSlice(k: number): void {
    const [axis] = this.plan.taps;
    const first = this.rows.get(axis.first[k] ?? 0);
    const second = this.rows.get(axis.second[k] ?? 0);
    if (first === undefined || second === undefined) return;
    const z = axis.first[k] ?? 0;
    if (axis.taps === 2 || z !== this.copied) this.labeller.label(first, second, k, this.slice);
    this.copied = z;
    this.paste(k);
  }

  private paste(k: number): void {
    const { base, stride, shape } = this.plan.view;
    const { slice, labels } = this;
    for (let j = 0; j < shape[1]; j += 1) {
      const line = j * shape[2];
      const start = base + k * stride[0] + j * stride[1];
      if (stride[2] === 1) {
        labels.set(slice.subarray(line, line + shape[2]), start);
        continue;
      }
      for (let i = 0; i < shape[2]; i += 1) labels[start + i * stride[2]] = slice[line + i] ?? 0;
    }
  }
}
