/**
 * Makes labels of output slices out of rows of logits; `Row` is what it keeps of a row.
 */
export interface SliceLabeller<Row> {
  newRow(): Row;
  /** Takes over one row of halves [channels, y, x]. */
  load(row: Row, logits: Float16Array<ArrayBuffer>): void;
  /** Makes ready for output slice k, whose taps along axis 0 are `first` and `second`. */
  startSlice(first: Row, second: Row, k: number): void;
  /** Writes the labels of output line j of the slice. */
  label(j: number, line: Uint8Array): void;
}
