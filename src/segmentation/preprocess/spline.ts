import { COLUMN_GROUP, PREFILTER_TABLE } from '../wasm/spline-kernels.ts';
import type { KernelMemory } from '../wasm/kernels.ts';
import { spaceFor } from '../wasm/kernels.ts';

/**
 * Resizing along one axis as scikit-image's `resize` with scipy's `zoom` does (nnunet-inference §2.7): order 1, or
 * order 3 with the B-spline prefilter on a line that is extended by its edge values. All in binary64.
 */

/** Samples by which order 3 extends a line on both sides; order 1 needs one for its second tap. */
const PAD = { 1: 1, 3: 12 } as const;
const POLE = Math.sqrt(3) - 2;
/** POLE to this power is nothing beside 1, even after rounding to the smallest binary32. */
const TERMS = 100;
const DOUBLE_BYTES = 8;
const LINE_BYTES = COLUMN_GROUP * DOUBLE_BYTES;

/** Results are clipped to these. */
export interface Range {
  readonly lowest: number;
  readonly highest: number;
}

const UNCLIPPED: Range = {
  lowest: Number.NEGATIVE_INFINITY,
  highest: Number.POSITIVE_INFINITY,
};

/** Bytes from a row of so many columns to the next: an odd number of cache lines, so that columns don't share places. */
export function rowStride(columns: number): number {
  const lines = Math.ceil(columns / COLUMN_GROUP) + 1;
  return (lines % 2 === 0 ? lines + 1 : lines) * LINE_BYTES;
}

/** Resizes columns from n to m samples in the kernels' memory. */
export class AxisResizer {
  /** Address of the first samples; sample i of all columns lies `stride` bytes after sample i − 1. */
  readonly source: number;
  /** Address of the first results, as far apart. */
  readonly target: number;
  readonly stride: number;
  private readonly memory: KernelMemory;
  private readonly n: number;
  private readonly m: number;
  private readonly order: 1 | 3;
  private readonly block: number;
  private readonly taps: number;
  private readonly table: number;
  private readonly range: number;

  /** @param columns most columns that are resized at a time */
  constructor(memory: KernelMemory, n: number, m: number, order: 1 | 3, columns: number) {
    this.memory = memory;
    this.n = n;
    this.m = m;
    this.order = order;
    this.stride = rowStride(columns);
    this.block = memory.place(paddedLength(n, order) * this.stride);
    this.source = this.block + PAD[order] * this.stride;
    this.target = memory.place((m + 1) * this.stride);
    const taps = tapNumbers(n, m, order, this.stride);
    this.taps = memory.place(taps.byteLength);
    memory.bytes(this.taps, taps.byteLength).set(new Uint8Array(taps.buffer));
    const constants = prefilterNumbers(paddedLength(n, order));
    this.table = memory.place(constants.byteLength);
    memory.doubles(this.table, constants.length).set(constants);
    this.range = memory.place(2 * DOUBLE_BYTES);
  }

  /** Bytes of memory that a resizer places. */
  static bytes(n: number, m: number, order: 1 | 3, columns: number): number {
    const stride = rowStride(columns);
    return (
      spaceFor(paddedLength(n, order) * stride) +
      spaceFor((m + 1) * stride) +
      spaceFor(m * 5 * DOUBLE_BYTES) +
      spaceFor((TERMS + PREFILTER_TABLE.powers) * DOUBLE_BYTES) +
      spaceFor(2 * DOUBLE_BYTES)
    );
  }

  /** Resizes the first so many columns of the source, which is used up. */
  run(columns: number, { lowest, highest }: Range = UNCLIPPED): void {
    const { memory, stride, m } = this;
    const length = paddedLength(this.n, this.order);
    this.extendEdges();
    memory.doubles(this.range, 2).set([lowest, highest]);
    if (this.order === 3) {
      const terms = Math.min(length, TERMS);
      memory.kernels.prefilter(this.block, length, columns, stride, this.table, terms);
    }
    const interpolate =
      this.order === 3 ? memory.kernels.interpolate4 : memory.kernels.interpolate2;
    interpolate(this.block, stride, this.taps, m, columns, this.target, stride, this.range);
  }

  /** The samples i of so many columns. */
  sourceRow(i: number, columns: number): Float64Array {
    return this.memory.doubles(this.source + i * this.stride, columns);
  }

  /** The results k of so many columns. */
  targetRow(k: number, columns: number): Float64Array {
    return this.memory.doubles(this.target + k * this.stride, columns);
  }

  private extendEdges(): void {
    const pad = PAD[this.order];
    const { n, stride } = this;
    const rows = this.memory.bytes(this.block, paddedLength(n, this.order) * stride);
    for (let i = 0; i < pad; i += 1) {
      rows.copyWithin(i * stride, pad * stride, (pad + 1) * stride);
      rows.copyWithin((pad + n + i) * stride, (pad + n - 1) * stride, (pad + n) * stride);
    }
  }
}

function paddedLength(n: number, order: 1 | 3): number {
  return n + 2 * PAD[order];
}

/** The taps as the kernels `interpolate2` and `interpolate4` read them. */
function tapNumbers(n: number, m: number, order: 1 | 3, stride: number): Float64Array<ArrayBuffer> {
  const size = order === 1 ? 3 : 5;
  const numbers = new Float64Array(m * size);
  const offsets = new Int32Array(numbers.buffer);
  const ratio = n / m;
  for (let k = 0; k < m; k += 1) {
    const coordinate = (k + 0.5) * ratio - 0.5 + PAD[order];
    const floor = Math.floor(coordinate);
    const t = coordinate - floor;
    const u = 1 - t;
    if (order === 1) {
      numbers.set([u, 1 - u], size * k);
    } else {
      const w0 = (u * u * u) / 6;
      const w1 = (t * t * (t - 2) * 3 + 4) / 6;
      const w2 = (u * u * (u - 2) * 3 + 4) / 6;
      numbers.set([w0, w1, w2, 1 - w0 - w1 - w2], size * k);
    }
    offsets[2 * (size * (k + 1) - 1)] = (order === 1 ? floor : floor - 1) * stride;
  }
  return numbers;
}

/** The constants as the kernel `prefilter` reads them. */
function prefilterNumbers(length: number): Float64Array {
  const numbers = new Float64Array(PREFILTER_TABLE.powers + TERMS);
  const mirror = POLE ** length;
  numbers[PREFILTER_TABLE.gain] = 6;
  numbers[PREFILTER_TABLE.pole] = POLE;
  numbers[PREFILTER_TABLE.mirror] = mirror;
  numbers[PREFILTER_TABLE.first] = POLE / (1 - mirror * mirror);
  numbers[PREFILTER_TABLE.last] = POLE - 1;
  let power = 1;
  for (let i = 0; i < TERMS; i += 1) {
    numbers[PREFILTER_TABLE.powers + i] = power;
    power *= POLE;
  }
  return numbers;
}
