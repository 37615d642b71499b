import type { Kernel, Local, V128, Variables } from './assembler.ts';
import { kernel, loop } from './assembler.ts';
import { floatsOfHalves, halvesOfFloats } from './half-arithmetic.ts';
import { f32x4, i16x8, i32, i32x4, v128 } from './instructions.ts';

/** Halves worked on at a time. Every kernel may read, and `divide` write, so many beyond the end of its arrays. */
const LANES = 8;
const HALF_BYTES = 2;
const FLOAT_BYTES = 4;
const LANE_NUMBERS = v128.const(new Uint8Array(Int16Array.of(0, 1, 2, 3, 4, 5, 6, 7).buffer));

/** All ones in the lanes whose column, counted from `column`, comes before `columns`. */
function lanesWithin(column: Local<'i32'>, columns: Local<'i32'>, variables: Variables): V128 {
  return i16x8.gt_s(i16x8.splat(i32.sub(columns, column)), variables.constant(LANE_NUMBERS));
}

const bytesOf = (count: Local<'i32'>, size: number): ReturnType<typeof i32.mul> =>
  i32.mul(count, i32.const(size));

/**
 * `accumulate(sums, logits, weights, rows, columns, stride)`: sum ← r16(r32(sum + r32(logit · weight))) on a rectangle;
 * sums are halves in lines `stride` bytes apart, logits and weights dense binary32 (nnunet-inference §3.5).
 */
const accumulate: Kernel = kernel(
  'accumulate',
  ['sums', 'logits', 'weights', 'rows', 'columns', 'stride'],
  ({ sums, logits, weights, rows, columns, stride }, variables) => {
    const [row, column, at] = [variables.i32(), variables.i32(), variables.i32()];
    const [halves, low, high] = [variables.v128(), variables.v128(), variables.v128()];
    const floats = floatsOfHalves(variables);
    const rounded = halvesOfFloats(variables);
    const product = (offset: number): V128 =>
      f32x4.mul(v128.load(i32.add(logits, at), offset), v128.load(i32.add(weights, at), offset));
    const target = i32.add(sums, bytesOf(column, HALF_BYTES));
    const line = [
      at.set(bytesOf(column, FLOAT_BYTES)),
      halves.set(v128.load(target)),
      low.set(f32x4.add(floats(i32x4.extend_low_i16x8_s(halves)), product(0))),
      high.set(f32x4.add(floats(i32x4.extend_high_i16x8_s(halves)), product(16))),
      low.set(rounded(low)),
      high.set(rounded(high)),
      v128.store(
        target,
        v128.bitselect(
          i16x8.narrow_i32x4_s(low, high),
          halves,
          lanesWithin(column, columns, variables),
        ),
      ),
    ];
    return {
      body: [
        loop(row, i32.const(0), rows, i32.const(1), [
          loop(column, i32.const(0), columns, i32.const(LANES), line),
          sums.set(i32.add(sums, stride)),
          logits.set(i32.add(logits, bytesOf(columns, FLOAT_BYTES))),
          weights.set(i32.add(weights, bytesOf(columns, FLOAT_BYTES))),
        ]),
      ],
    };
  },
);

/**
 * `divide(sums, totals, quotients, rows, columns, stride)`: r16(r32(sum / total)) of a rectangle, sums and totals in
 * lines `stride` bytes apart, quotients dense (nnunet-inference §3.5). Not 0 when a quotient is not finite.
 */
const divide: Kernel = kernel(
  'divide',
  ['sums', 'totals', 'quotients', 'rows', 'columns', 'stride'],
  ({ sums, totals, quotients, rows, columns, stride }, variables) => {
    const [row, column, at] = [variables.i32(), variables.i32(), variables.i32()];
    const [numerators, denominators, result, infinite] = [
      variables.v128(),
      variables.v128(),
      variables.v128(),
      variables.v128(),
    ];
    const floats = floatsOfHalves(variables);
    const rounded = halvesOfFloats(variables);
    const quotient = (extend: (halves: V128) => V128): V128 =>
      rounded(f32x4.div(floats(extend(numerators)), floats(extend(denominators))));
    const isInfinite = i16x8.eq(
      v128.and(result, variables.constant(i16x8.const(0x7c00))),
      variables.constant(i16x8.const(0x7c00)),
    );
    const line = [
      at.set(bytesOf(column, HALF_BYTES)),
      numerators.set(v128.load(i32.add(sums, at))),
      denominators.set(v128.load(i32.add(totals, at))),
      result.set(
        i16x8.narrow_i32x4_s(
          quotient(i32x4.extend_low_i16x8_s),
          quotient(i32x4.extend_high_i16x8_s),
        ),
      ),
      infinite.set(
        v128.or(infinite, v128.and(isInfinite, lanesWithin(column, columns, variables))),
      ),
      v128.store(i32.add(quotients, at), result),
    ];
    return {
      body: [
        loop(row, i32.const(0), rows, i32.const(1), [
          loop(column, i32.const(0), columns, i32.const(LANES), line),
          sums.set(i32.add(sums, stride)),
          totals.set(i32.add(totals, stride)),
          quotients.set(i32.add(quotients, bytesOf(columns, HALF_BYTES))),
        ]),
      ],
      result: v128.any_true(infinite),
    };
  },
);

/** `addHalves(sums, halves, count)`: sum ← r16(r32(sum + half)). */
const addHalves: Kernel = kernel(
  'addHalves',
  ['sums', 'halves', 'count'],
  ({ sums, halves, count }, variables) => {
    const [index, at] = [variables.i32(), variables.i32()];
    const [first, second] = [variables.v128(), variables.v128()];
    const floats = floatsOfHalves(variables);
    const rounded = halvesOfFloats(variables);
    const sum = (extend: (halves: V128) => V128): V128 =>
      rounded(f32x4.add(floats(extend(first)), floats(extend(second))));
    return {
      body: [
        loop(index, i32.const(0), count, i32.const(LANES), [
          at.set(bytesOf(index, HALF_BYTES)),
          first.set(v128.load(i32.add(sums, at))),
          second.set(v128.load(i32.add(halves, at))),
          v128.store(
            i32.add(sums, at),
            i16x8.narrow_i32x4_s(sum(i32x4.extend_low_i16x8_s), sum(i32x4.extend_high_i16x8_s)),
          ),
        ]),
      ],
    };
  },
);

export const BLEND_KERNELS: readonly Kernel[] = [accumulate, divide, addHalves];
