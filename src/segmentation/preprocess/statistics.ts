/**
 * Mean and standard deviation as numpy 1.26 computes them on binary32 arrays, bit for bit (nnunet-inference §2.4).
 * Every addition is rounded to binary32, in numpy's order.
 */

/** Elements that numpy hands to its inner loop at once. */
const BLOCK = 8192;
const r32 = Math.fround;

/** μ and population σ, both binary32. */
export function meanAndStd(values: Float32Array): { readonly mean: number; readonly std: number } {
  const count = values.length;
  const mean = r32(blockedSum(values) / count);
  const squares = new Float32Array(Math.min(BLOCK, count));
  let sum = 0;
  for (let start = 0; start < count; start += BLOCK) {
    const length = Math.min(BLOCK, count - start);
    for (let i = 0; i < length; i += 1) {
      const difference = r32((values[start + i] ?? 0) - mean);
      squares[i] = difference * difference;
    }
    sum = r32(sum + pairwise(squares, 0, length));
  }
  return { mean, std: r32(Math.sqrt(r32(sum / count))) };
}

/** numpy's sum over a contiguous binary32 array: blocks of 8192 in turn, each by pairwise summation. */
export function blockedSum(values: Float32Array): number {
  let sum = 0;
  for (let start = 0; start < values.length; start += BLOCK) {
    sum = r32(sum + pairwise(values, start, Math.min(BLOCK, values.length - start)));
  }
  return sum;
}

function pairwise(a: Float32Array, start: number, n: number): number {
  if (n > 128) {
    const left = Math.floor(n / 2) - (Math.floor(n / 2) % 8);
    return r32(pairwise(a, start, left) + pairwise(a, start + left, n - left));
  }
  if (n < 8) {
    let sum = 0;
    for (let i = 0; i < n; i += 1) sum = r32(sum + (a[start + i] ?? 0));
    return sum;
  }
  const whole = start + n - (n % 8);
  let l0 = a[start] ?? 0;
  let l1 = a[start + 1] ?? 0;
  let l2 = a[start + 2] ?? 0;
  let l3 = a[start + 3] ?? 0;
  let l4 = a[start + 4] ?? 0;
  let l5 = a[start + 5] ?? 0;
  let l6 = a[start + 6] ?? 0;
  let l7 = a[start + 7] ?? 0;
  for (let i = start + 8; i < whole; i += 8) {
    l0 = r32(l0 + (a[i] ?? 0));
    l1 = r32(l1 + (a[i + 1] ?? 0));
    l2 = r32(l2 + (a[i + 2] ?? 0));
    l3 = r32(l3 + (a[i + 3] ?? 0));
    l4 = r32(l4 + (a[i + 4] ?? 0));
    l5 = r32(l5 + (a[i + 5] ?? 0));
    l6 = r32(l6 + (a[i + 6] ?? 0));
    l7 = r32(l7 + (a[i + 7] ?? 0));
  }
  let sum = r32(r32(r32(l0 + l1) + r32(l2 + l3)) + r32(r32(l4 + l5) + r32(l6 + l7)));
  for (let i = whole; i < start + n; i += 1) sum = r32(sum + (a[i] ?? 0));
  return sum;
}
