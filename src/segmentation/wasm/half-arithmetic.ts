import type { V128, Variables } from './assembler.ts';
import { f32x4, i16x8, i32x4, v128 } from './instructions.ts';

/**
 * binary16 ↔ binary32, four lanes at a time, in integer arithmetic: WebAssembly has no instruction for it. Every half
 * converts exactly, subnormal or not; back, the nearest half is taken, on a tie the even one. What lies beyond the halves
 * becomes infinite, and so does what is not a number.
 */
const SIGN = 0x80000000;
/** binary32 has 13 bits of fraction more, and its exponents are 112 larger. */
const FRACTION_SHIFT = 13;
const EXPONENT_SHIFT = 112 << 23;
const SMALLEST_NORMAL_HALF = 0x0400;
const INFINITE_HALF = 0x7c00;
/** 2⁻¹⁴ as binary32. */
const SMALLEST_NORMAL = 113 << 23;
/** 1/2 as binary32: numbers just above it are 2⁻²⁴ apart, like subnormal halves. */
const ONE_HALF = 126 << 23;

const words =
  (variables: Variables) =>
  (value: number): V128 =>
    variables.constant(i32x4.const(value));

function decoder(variables: Variables, magnitudeOf: (lanes: V128) => V128): (lanes: V128) => V128 {
  const [input, magnitude, subnormal] = [variables.v128(), variables.v128(), variables.v128()];
  const word = words(variables);
  return (lanes) => {
    const shifted = i32x4.shl(magnitude.tee(magnitudeOf(input.tee(lanes))), FRACTION_SHIFT);
    const infinite = i32x4.gt_s(magnitude, word(INFINITE_HALF - 1));
    const raised = i32x4.add(
      i32x4.add(shifted, word(EXPONENT_SHIFT)),
      v128.and(infinite, word(EXPONENT_SHIFT)),
    );
    const isSubnormal = i32x4.lt_s(magnitude, word(SMALLEST_NORMAL_HALF));
    const lifted = i32x4.add(raised, v128.and(subnormal.tee(isSubnormal), word(1 << 23)));
    const value = f32x4.sub(lifted, v128.and(subnormal, word(SMALLEST_NORMAL)));
    return v128.or(value, v128.and(input, word(SIGN)));
  };
}

/** binary32 of the bits of halves, which were extended to 32 bits with their sign. */
export function floatsOfHalves(variables: Variables): (lanes: V128) => V128 {
  const magnitude = words(variables)(0x7fff);
  return decoder(variables, (lanes) => v128.and(lanes, magnitude));
}

/** binary32 of ordered integers (`orderedOfHalves`), which were extended to 32 bits with their sign. */
export function floatsOfOrdered(variables: Variables): (lanes: V128) => V128 {
  return decoder(variables, i32x4.abs);
}

/** Bits of the nearest halves, in lanes of 32 bits with the half's sign as theirs, so that narrowing keeps them. */
export function halvesOfFloats(variables: Variables): (floats: V128) => V128 {
  const [input, size] = [variables.v128(), variables.v128()];
  const word = words(variables);
  return (floats) => {
    const magnitude = size.tee(v128.and(input.tee(floats), word(~SIGN)));
    const subnormal = i32x4.sub(f32x4.add(magnitude, word(ONE_HALF)), word(ONE_HALF));
    const odd = v128.and(i32x4.shr_s(size, FRACTION_SHIFT), word(1));
    const belowHalf = word((1 << (FRACTION_SHIFT - 1)) - 1 - EXPONENT_SHIFT);
    const normal = i32x4.shr_s(i32x4.add(i32x4.add(size, belowHalf), odd), FRACTION_SHIFT);
    const half = v128.bitselect(
      subnormal,
      i32x4.min_s(normal, word(INFINITE_HALF)),
      i32x4.lt_s(size, word(SMALLEST_NORMAL)),
    );
    return v128.or(half, i32x4.shr_s(v128.and(input, word(SIGN)), 16));
  };
}

/**
 * Integers of 16 bits in the order of the halves whose bits are given; both zeros become 0, and the magnitude is that of
 * the half's bits.
 */
export function orderedOfHalves(variables: Variables): (lanes: V128) => V128 {
  const [input, sign] = [variables.v128(), variables.v128()];
  return (lanes) => {
    const magnitude = v128.and(input.tee(lanes), variables.constant(i16x8.const(0x7fff)));
    return i16x8.sub(v128.xor(magnitude, sign.tee(i16x8.shr_s(input, 15))), sign);
  };
}
