/**
 * Makes labels of output slices out of rows of logits; `Row` is what it keeps of a row. Two rows are kept at a time.
 */
export interface SliceLabeller<Row> {
  newRow(): Row;
  /** Takes over one row of halves [channels, y, x]. */
  load(row: Row, logits: Float16Array<ArrayBuffer>): void;
  /** Writes the labels [y, x] of output slice k, whose taps along axis 0 are `first` and `second`. */
  label(first: Row, second: Row, k: number, slice: Uint8Array): void;
}
