import type { GraphBuilder } from '../onnx/graph.ts';
import { ELEMENT } from '../onnx/graph.ts';

/**
 * How the ring's halves are kept. `float16`: as such. `float32`: in binary32, for devices without halves and for runtimes that
 * can't be given any; rounding is then done by arithmetic. The numbers are the same.
 */
export type RingType = 'float16' | 'float32';

/** Veltkamp's factor that leaves 11 of binary32's 24 bits. */
const SPLITTER = 2 ** 13 + 1;
/** Below this, halves are multiples of 2^-24, and so are the numbers around 0.75 in binary32. */
const SMALLEST_NORMAL = 2 ** -14;
const SUBNORMAL_SHIFT = 0.75;
/** What is this large or larger becomes infinite in binary16. */
const OVERFLOW = 65520;

export function widen(graph: GraphBuilder, halves: string, type: RingType): string {
  return type === 'float32'
    ? halves
    : graph.node('Cast', [halves], { to: { int: ELEMENT.float32 } });
}

/** From binary32 to the ring's type, to nearest, ties to even. */
export function narrow(graph: GraphBuilder, floats: string, type: RingType): string {
  return type === 'float32'
    ? roundByArithmetic(graph, floats)
    : graph.node('Cast', [floats], { to: { int: ELEMENT.float16 } });
}

/** Rounds binary32 to what binary16 can hold. */
export function rounded(graph: GraphBuilder, floats: string, type: RingType): string {
  return widen(graph, narrow(graph, floats, type), type);
}

/** Zeros in a given shape. */
export function zeros(graph: GraphBuilder, shape: string, type: RingType): string {
  const bits = type === 'float16' ? new Uint16Array(1) : new Float32Array(1);
  return graph.node('Expand', [graph.constant(`zero_${type}`, type, [], bits), shape]);
}

/** How many numbers are infinite, not a number, or would be in binary16; f32 []. */
export function countBeyond(graph: GraphBuilder, floats: string): string {
  const isHalf = graph.node('Less', [
    graph.node('Abs', [floats]),
    graph.scalar('overflow', OVERFLOW),
  ]);
  const beyond = graph.node('Where', [isHalf, graph.scalar('zero', 0), graph.scalar('one', 1)]);
  return graph.node('ReduceSum', [beyond], { keepdims: { int: 0 } });
}

/**
 * Each operator is one rounding to binary32, so Veltkamp's splitting rounds to 11 bits; it took the even neighbour in
 * each of a million ties.
 */
function roundByArithmetic(graph: GraphBuilder, floats: string): string {
  const scaled = graph.node('Mul', [floats, graph.scalar('splitter', SPLITTER)]);
  const normal = graph.node('Sub', [scaled, graph.node('Sub', [scaled, floats])]);
  const shift = graph.scalar('subnormal_shift', SUBNORMAL_SHIFT);
  const subnormal = graph.node('Sub', [graph.node('Add', [floats, shift]), shift]);
  const isSmall = graph.node('Less', [
    graph.node('Abs', [floats]),
    graph.scalar('smallest_normal', SMALLEST_NORMAL),
  ]);
  return graph.node('Where', [isSmall, subnormal, normal]);
}
