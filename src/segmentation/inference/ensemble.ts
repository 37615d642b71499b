import { KernelMemory, spaceFor } from '../wasm/kernels.ts';
import type { RowSink } from './blend.ts';
import { RowFile } from './row-file.ts';

/** Halves that pass through the kernels' memory at a time, as lines of `COLUMNS`. */
const ROWS = 8;
const COLUMNS = 2048;
const CHUNK = ROWS * COLUMNS;
const HALF_BYTES = 2;

/**
 * The mean of several folds' logits in nnU-Net's half arithmetic (nnunet-inference §3.5): folds are added in order,
 * then divided. Folds run one after the other, so the running sum of all rows is kept in halves, in a file; with one fold
 * nothing is kept.
 */
export class FoldEnsemble {
  private readonly folds: number;
  private readonly sink: RowSink;
  private readonly kept: KeptSums | null;

  /**
   * @param rowLength numbers of one row: channels · y · x
   * @param scratch folder for the sums
   */
  constructor(folds: number, rowLength: number, scratch: string, sink: RowSink) {
    this.folds = folds;
    this.sink = sink;
    this.kept =
      folds === 1
        ? null
        : {
            file: new RowFile(scratch, rowLength),
            row: new Float16Array(rowLength),
            adder: new HalfAdder(folds),
          };
  }

  /** The sink for the rows of fold number `index` (0, 1, …; in this order). */
  sinkFor(index: number): RowSink {
    const { kept } = this;
    if (kept === null) return this.sink;
    const { file, row, adder } = kept;
    const isLast = index === this.folds - 1;
    return (z, logits) => {
      if (index === 0) {
        file.write(z, logits);
        return;
      }
      file.read(z, row);
      adder.add(row, logits, isLast);
      if (isLast) this.sink(z, row);
      else file.write(z, row);
    };
  }

  close(): void {
    this.kept?.file.close();
  }
}

interface KeptSums {
  readonly file: RowFile;
  /** The row in work. */
  readonly row: Float16Array<ArrayBuffer>;
  readonly adder: HalfAdder;
}

/** Adds arrays of halves, and divides them by a constant, a chunk at a time. */
class HalfAdder {
  private readonly memory = new KernelMemory(3 * spaceFor(CHUNK * HALF_BYTES));
  private readonly sums = this.memory.place(CHUNK * HALF_BYTES);
  private readonly others = this.memory.place(CHUNK * HALF_BYTES);
  private readonly divisors = this.memory.place(CHUNK * HALF_BYTES);
  private readonly sumsView = this.memory.halves(this.sums, CHUNK);
  private readonly othersView = this.memory.halves(this.others, CHUNK);

  constructor(divisor: number) {
    this.memory.halves(this.divisors, CHUNK).fill(divisor);
  }

  /** sum ← r16(r32(sum + other)), and, if it is the last, sum ← r16(r32(sum / divisor)). */
  add(sum: Float16Array, other: Float16Array, isLast: boolean): void {
    const { addHalves, divide } = this.memory.kernels;
    for (let start = 0; start < sum.length; start += CHUNK) {
      const part = sum.subarray(start, start + CHUNK);
      this.sumsView.set(part);
      this.othersView.set(other.subarray(start, start + CHUNK));
      addHalves(this.sums, this.others, part.length);
      if (isLast) {
        divide(this.sums, this.divisors, this.sums, ROWS, COLUMNS, COLUMNS * HALF_BYTES);
      }
      part.set(this.sumsView.subarray(0, part.length));
    }
  }
}
