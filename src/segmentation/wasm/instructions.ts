import type { I32, Kind, Statement, V128, Value } from './assembler.ts';
import { signed, unsigned } from './assembler.ts';

/**
 * The instructions that the kernels use, named as in the WebAssembly text format: `i16x8.add(a, b)` is its `i16x8.add`.
 */
const SIMD = 0xfd;

/** Alignment hints are not promises: every address may be odd. */
const NO_ALIGNMENT = 0;

function simd(opcode: number, ...operands: readonly Value<Kind>[]): V128 {
  const code = [...operands.flatMap((operand) => operand.code), SIMD, ...unsigned(opcode)];
  return { kind: 'v128', code };
}

const unary =
  (opcode: number) =>
  (a: V128): V128 =>
    simd(opcode, a);
const binary =
  (opcode: number) =>
  (a: V128, b: V128): V128 =>
    simd(opcode, a, b);
const shift =
  (opcode: number) =>
  (a: V128, count: number): V128 =>
    simd(opcode, a, i32.const(count));
const load =
  (opcode: number) =>
  (address: I32, offset = 0): V128 => ({
    kind: 'v128',
    code: [...address.code, SIMD, ...unsigned(opcode), NO_ALIGNMENT, ...unsigned(offset)],
  });
const lane =
  (opcode: number) =>
  (a: V128, index: number): I32 => ({
    kind: 'i32',
    code: [...a.code, SIMD, ...unsigned(opcode), index],
  });
const integer =
  (opcode: number) =>
  (a: I32, b: I32): I32 => ({ kind: 'i32', code: [...a.code, ...b.code, opcode] });

export const i32 = {
  const: (value: number): I32 => ({ kind: 'i32', code: [0x41, ...signed(value)] }),
  load: (address: I32, offset = 0): I32 => ({
    kind: 'i32',
    code: [...address.code, 0x28, NO_ALIGNMENT, ...unsigned(offset)],
  }),
  add: integer(0x6a),
  sub: integer(0x6b),
  mul: integer(0x6c),
  shl: integer(0x74),
  lt_u: integer(0x49),
  /** `a` where the condition is not zero, else `b`. */
  select: (a: I32, b: I32, condition: I32): I32 => ({
    kind: 'i32',
    code: [...a.code, ...b.code, ...condition.code, 0x1b],
  }),
  store16: (address: I32, value: I32, offset = 0): Statement => ({
    code: [...address.code, ...value.code, 0x3b, NO_ALIGNMENT, ...unsigned(offset)],
  }),
};

export const v128 = {
  load: load(0x00),
  /** The same binary64 twice. */
  load64_splat: load(0x0a),
  store: (address: I32, value: V128, offset = 0): Statement => ({
    code: [...address.code, ...value.code, SIMD, 0x0b, NO_ALIGNMENT, ...unsigned(offset)],
  }),
  /** Sixteen bytes, lowest first. */
  const: (bytes: Uint8Array): V128 => ({ kind: 'v128', code: [SIMD, 0x0c, ...bytes] }),
  and: binary(0x4e),
  or: binary(0x50),
  xor: binary(0x51),
  /** Bits of `a` where the mask is 1, of `b` where it is 0. */
  bitselect: (a: V128, b: V128, mask: V128): V128 => simd(0x52, a, b, mask),
  any_true: (a: V128): I32 => ({ kind: 'i32', code: [...a.code, SIMD, 0x53] }),
};

export const i8x16 = {
  const: (value: number): V128 => v128.const(new Uint8Array(16).fill(value)),
  /** Bytes of `a` (0 … 15) and `b` (16 … 31) by their numbers. */
  shuffle: (a: V128, b: V128, lanes: readonly number[]): V128 => ({
    kind: 'v128',
    code: [...a.code, ...b.code, SIMD, 0x0d, ...lanes],
  }),
  eq: binary(0x23),
  narrow_i16x8_u: binary(0x66),
  min_u: binary(0x77),
  max_u: binary(0x79),
};

export const i16x8 = {
  const: (value: number): V128 => v128.const(new Uint8Array(new Int16Array(8).fill(value).buffer)),
  splat: (value: I32): V128 => simd(0x10, value),
  extract_lane_s: lane(0x18),
  eq: binary(0x2d),
  gt_s: binary(0x31),
  abs: unary(0x80),
  narrow_i32x4_s: binary(0x85),
  shr_s: shift(0x8c),
  shr_u: shift(0x8d),
  add: binary(0x8e),
  sub: binary(0x91),
  min_s: binary(0x96),
  max_s: binary(0x98),
};

export const i32x4 = {
  const: (value: number): V128 => v128.const(new Uint8Array(new Int32Array(4).fill(value).buffer)),
  lt_s: binary(0x39),
  gt_s: binary(0x3b),
  abs: unary(0xa0),
  extend_low_i16x8_s: unary(0xa7),
  extend_high_i16x8_s: unary(0xa8),
  shl: shift(0xab),
  shr_s: shift(0xac),
  add: binary(0xae),
  sub: binary(0xb1),
  min_s: binary(0xb6),
};

export const f32x4 = {
  add: binary(0xe4),
  sub: binary(0xe5),
  mul: binary(0xe6),
  div: binary(0xe7),
};

export const f64x2 = {
  add: binary(0xf0),
  sub: binary(0xf1),
  mul: binary(0xf2),
  div: binary(0xf3),
  pmin: binary(0xf6),
  pmax: binary(0xf7),
};
