import { KernelMemory, spaceFor } from '../wasm/kernels.ts';
import type { Range } from './spline.ts';
import { AxisResizer, rowStride } from './spline.ts';

const DOUBLE_BYTES = 8;

/** Resizes planes of one shape: columns first, then rows; an axis that keeps its length is left alone. */
export class PlaneResizer {
  private readonly shape: readonly [number, number];
  private readonly target: readonly [number, number];
  private readonly memory: KernelMemory;
  private readonly columns: AxisResizer | null;
  private readonly rows: AxisResizer | null;
  /** [rows, columns] of the plane in binary64, dense. */
  private readonly staging: number;
  /** [rows, new columns], where rows keep their number. */
  private readonly turned: number;

  constructor(shape: readonly [number, number], target: readonly [number, number], order: 1 | 3) {
    const [rows, columns] = shape;
    const [rowsOut, columnsOut] = target;
    const stagingBytes = (rows + 1) * columns * DOUBLE_BYTES;
    const turnedBytes = (rows + 1) * rowStride(columnsOut);
    this.shape = shape;
    this.target = target;
    this.memory = new KernelMemory(
      spaceFor(stagingBytes) +
        spaceFor(turnedBytes) +
        AxisResizer.bytes(columns, columnsOut, order, rows) +
        AxisResizer.bytes(rows, rowsOut, order, columnsOut),
    );
    const { memory } = this;
    this.staging = memory.place(stagingBytes);
    this.turned = memory.place(turnedBytes);
    this.columns =
      columns === columnsOut ? null : new AxisResizer(memory, columns, columnsOut, order, rows);
    this.rows = rows === rowsOut ? null : new AxisResizer(memory, rows, rowsOut, order, columnsOut);
  }

  /** Resizes the plane that starts at `offset`; its lines are then at `line`. */
  run(values: Float32Array, offset: number, range?: Range): void {
    const [rows, columns] = this.shape;
    const [, columnsOut] = this.target;
    const { transpose } = this.memory.kernels;
    const size = rows * columns;
    if (this.columns !== null) {
      this.memory.doubles(this.staging, size).set(values.subarray(offset, offset + size));
      const { source, target, stride } = this.columns;
      transpose(this.staging, columns * DOUBLE_BYTES, rows, columns, source, stride);
      this.columns.run(rows, this.rows === null ? range : undefined);
      const next = this.rows?.source ?? this.turned;
      transpose(target, stride, columnsOut, rows, next, this.rows?.stride ?? rowStride(columnsOut));
    } else if (this.rows !== null) {
      for (let y = 0; y < rows; y += 1) {
        const start = offset + y * columns;
        this.rows.sourceRow(y, columns).set(values.subarray(start, start + columns));
      }
    } else {
      this.memory.doubles(this.staging, size).set(values.subarray(offset, offset + size));
    }
    this.rows?.run(columnsOut, range);
  }

  /** The resized line y. */
  line(y: number): Float64Array {
    const [, columnsOut] = this.target;
    if (this.rows !== null) return this.rows.targetRow(y, columnsOut);
    const [start, stride] =
      this.columns === null
        ? [this.staging, columnsOut * DOUBLE_BYTES]
        : [this.turned, rowStride(columnsOut)];
    return this.memory.doubles(start + y * stride, columnsOut);
  }
}
