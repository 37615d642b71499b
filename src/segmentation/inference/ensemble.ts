import type { RowSink } from './blend.ts';

const r32 = Math.fround;

/**
 * The mean of several folds' logits in nnU-Net's half arithmetic (nnunet-inference §3.5): folds are added in order,
 * then divided. Folds run one after the other, so the running sum of all rows is kept in halves; with one fold nothing
 * is kept.
 */
export class FoldEnsemble {
  private readonly folds: number;
  private readonly sink: RowSink;
  private readonly sums: Float16Array<ArrayBuffer>;
  private readonly rowLength: number;

  /** @param rowLength numbers of one row: channels · y · x */
  constructor(folds: number, rows: number, rowLength: number, sink: RowSink) {
    this.folds = folds;
    this.sink = sink;
    this.rowLength = rowLength;
    this.sums = new Float16Array(folds > 1 ? rows * rowLength : 0);
  }

  /** The sink for the rows of fold number `index` (0, 1, …; in this order). */
  sinkFor(index: number): RowSink {
    if (this.folds === 1) return this.sink;
    return (z, logits) => {
      const sum = this.sums.subarray(z * this.rowLength, (z + 1) * this.rowLength);
      if (index === 0) {
        sum.set(logits);
        return;
      }
      for (let i = 0; i < sum.length; i += 1) sum[i] = r32((sum[i] ?? 0) + (logits[i] ?? 0));
      if (index !== this.folds - 1) return;
      for (let i = 0; i < sum.length; i += 1) sum[i] = r32((sum[i] ?? 0) / this.folds);
      this.sink(z, sum);
    };
  }
}
