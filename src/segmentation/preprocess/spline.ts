/**
 * Resizing along one axis as scikit-image's `resize` with scipy's `zoom` does (nnunet-inference §2.7): order 1, or
 * order 3 with the B-spline prefilter on a line that is extended by its edge values. All in binary64.
 */

/** Samples by which order 3 extends a line on both sides. */
const PAD = 12;
const POLE = Math.sqrt(3) - 2;
/** Columns filtered together, so that the inner loops run over neighbouring numbers. */
const WIDTH = 256;

/** For each of m outputs the first of its taps and their weights. */
interface Taps {
  readonly count: 2 | 4;
  /** Index into the extended line of n + 2·pad samples. */
  readonly first: Int32Array;
  readonly weights: Float64Array;
  readonly pad: number;
}

function taps(n: number, m: number, order: 1 | 3): Taps {
  const count = order === 1 ? 2 : 4;
  const pad = order === 1 ? 1 : PAD;
  const first = new Int32Array(m);
  const weights = new Float64Array(m * count);
  const ratio = n / m;
  for (let k = 0; k < m; k += 1) {
    const coordinate = (k + 0.5) * ratio - 0.5 + pad;
    const floor = Math.floor(coordinate);
    const t = coordinate - floor;
    const u = 1 - t;
    if (order === 1) {
      first[k] = floor;
      weights.set([u, 1 - u], 2 * k);
    } else {
      const w0 = (u * u * u) / 6;
      const w1 = (t * t * (t - 2) * 3 + 4) / 6;
      const w2 = (u * u * (u - 2) * 3 + 4) / 6;
      first[k] = floor - 1;
      weights.set([w0, w1, w2, 1 - w0 - w1 - w2], 4 * k);
    }
  }
  return { count, first, weights, pad };
}

/** Numbers to read or write: binary32 or binary64, in memory. */
type Numbers = Float32Array | Float64Array;

export interface AxisResize {
  /** [outer, n, inner], row-major. */
  readonly source: Numbers;
  readonly sourceOffset: number;
  readonly outer: number;
  readonly inner: number;
  readonly n: number;
  readonly m: number;
  readonly order: 1 | 3;
  /** [outer, m, inner], row-major. */
  readonly target: Numbers;
  readonly targetOffset: number;
  /** Results are clipped to these. */
  readonly lowest: number;
  readonly highest: number;
}

/** Resizes every line along the middle axis from n to m samples. */
export function resizeAxis(task: AxisResize): void {
  const { source, target, inner, n, m } = task;
  const plan = taps(n, m, task.order);
  const length = n + 2 * plan.pad;
  const columns = task.outer * inner;
  const width = Math.min(WIDTH, columns);
  const block = new Float64Array(length * width);
  const starts = new Int32Array(width);
  for (let begin = 0; begin < columns; begin += width) {
    const used = Math.min(width, columns - begin);
    for (let w = 0; w < used; w += 1) {
      const column = begin + w;
      const outerIndex = Math.floor(column / inner);
      starts[w] = outerIndex * inner;
      const at = task.sourceOffset + outerIndex * n * inner + (column - outerIndex * inner);
      for (let i = 0; i < n; i += 1)
        block[(i + plan.pad) * width + w] = source[at + i * inner] ?? 0;
    }
    extendEdges(block, n, plan.pad, width);
    if (task.order === 3) prefilter(block, length, width);
    interpolate(task, plan, block, width, begin, used, starts, target, m);
  }
}

function extendEdges(block: Float64Array, n: number, pad: number, width: number): void {
  for (let i = 0; i < pad; i += 1) {
    block.copyWithin(i * width, pad * width, (pad + 1) * width);
    block.copyWithin((pad + n + i) * width, (pad + n - 1) * width, (pad + n) * width);
  }
}

/** Recursive cubic B-spline filter along the first axis of [length, width], half-sample reflection at the ends. */
function prefilter(block: Float64Array, length: number, width: number): void {
  for (let i = 0; i < block.length; i += 1) block[i] = (block[i] ?? 0) * 6;
  const poleToLength = POLE ** length;
  const last = (length - 1) * width;
  for (let w = 0; w < width; w += 1) {
    let power = 1;
    let sum = 0;
    for (let i = 0; i < length && power !== 0; i += 1) {
      const mirrored = block[last - i * width + w] ?? 0;
      sum += power * ((block[i * width + w] ?? 0) + poleToLength * mirrored);
      power *= POLE;
    }
    block[w] = (block[w] ?? 0) + (POLE / (1 - poleToLength * poleToLength)) * sum;
  }
  for (let i = width; i < length * width; i += 1) {
    block[i] = (block[i] ?? 0) + POLE * (block[i - width] ?? 0);
  }
  for (let i = last; i < length * width; i += 1) {
    block[i] = ((block[i] ?? 0) * POLE) / (POLE - 1);
  }
  for (let i = last - 1; i >= 0; i -= 1) {
    block[i] = POLE * ((block[i + width] ?? 0) - (block[i] ?? 0));
  }
}

function interpolate(
  task: AxisResize,
  plan: Taps,
  block: Float64Array,
  width: number,
  begin: number,
  used: number,
  starts: Int32Array,
  target: Numbers,
  m: number,
): void {
  const { inner, lowest, highest } = task;
  const { count, first, weights } = plan;
  for (let k = 0; k < m; k += 1) {
    const row = (first[k] ?? 0) * width;
    const w0 = weights[k * count] ?? 0;
    const w1 = weights[k * count + 1] ?? 0;
    const w2 = count === 4 ? (weights[k * count + 2] ?? 0) : 0;
    const w3 = count === 4 ? (weights[k * count + 3] ?? 0) : 0;
    for (let w = 0; w < used; w += 1) {
      const at = row + w;
      let value = (block[at] ?? 0) * w0 + (block[at + width] ?? 0) * w1;
      if (count === 4) {
        value += (block[at + 2 * width] ?? 0) * w2 + (block[at + 3 * width] ?? 0) * w3;
      }
      if (value < lowest) value = lowest;
      else if (value > highest) value = highest;
      const outerStart = starts[w] ?? 0;
      target[task.targetOffset + outerStart * m + k * inner + (begin + w - outerStart)] = value;
    }
  }
}
