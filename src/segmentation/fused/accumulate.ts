import type { GraphBuilder } from '../onnx/graph.ts';

import { MARGIN, type VolumeGeometry } from './geometry.ts';
import { narrow, rounded, widen, zeros, type RingType } from './halves.ts';

/** Ends of slices that shall reach to the end of their axis. */
const TO_THE_END = 2 ** 31 - 1;

/** Names of one-element lists of whole numbers: the patch's place in the ring. */
export interface Place {
  readonly top: string;
  readonly bottom: string;
  readonly left: string;
  readonly right: string;
}

/** [start, end) along some axes. @returns name of the part */
export function part(
  graph: GraphBuilder,
  input: string,
  starts: string,
  ends: string,
  axes: readonly number[],
): string {
  return graph.node('Slice', [input, starts, ends, graph.integers(axes)]);
}

/**
 * Adds a patch to the ring as nnU-Net does on the CPU (nnunet-inference §3.5): product and sum in binary32, then rounded to
 * half. The sum of the weights is one channel more, added up by the same rule.
 * @param logits f32 [1, heads, patch…]
 * @param weights f32 [1, 1, patch…]
 * @returns name of the new ring
 */
export function addPatch(
  graph: GraphBuilder,
  ring: string,
  logits: string,
  weights: string,
  { top, bottom, left, right }: Place,
  type: RingType,
): string {
  const start = graph.integers([0]);
  const one = graph.integers([1]);
  const end = graph.integers([TO_THE_END]);
  const weighted = graph.node('Concat', [graph.node('Mul', [logits, weights]), weights], {
    axis: { int: 1 },
  });
  const band = part(graph, ring, top, bottom, [3]);
  const window = part(graph, band, left, right, [4]);
  const before = part(graph, window, one, end, [2]);
  const sum = graph.node('Add', [widen(graph, before, type), weighted]);
  const after = narrow(graph, sum, type);
  const added = graph.node('Concat', [part(graph, window, start, one, [2]), after], {
    axis: { int: 2 },
  });
  const newBand = graph.node(
    'Concat',
    [part(graph, band, start, left, [4]), added, part(graph, band, right, end, [4])],
    { axis: { int: 4 } },
  );
  return graph.node(
    'Concat',
    [part(graph, ring, start, top, [3]), newBand, part(graph, ring, bottom, end, [3])],
    { axis: { int: 3 } },
  );
}

/**
 * Moves the ring on: drops rows that are final but the last of them, and appends rows of zeros.
 * @param rows list of one number: how many rows are final
 * @param size list of five numbers: the shape of so many rows
 */
export function moveRing(
  graph: GraphBuilder,
  ring: string,
  rows: string,
  size: string,
  type: RingType,
): string {
  const kept = part(graph, ring, rows, graph.integers([TO_THE_END]), [2]);
  return graph.node('Concat', [kept, zeros(graph, size, type)], { axis: { int: 2 } });
}

/**
 * The logits of one row, all folds averaged: sums divided by the weights' sums and rounded to half, then added fold by fold
 * and divided, each step rounded to half (nnunet-inference §3.5). Padding is cut off.
 * @param from,to lists of three numbers: row and corner of the plane in the ring, see `rowCorners`
 * @returns f32 [1, heads, 1, y, x] whose values are halves
 */
export function rowLogits(
  graph: GraphBuilder,
  rings: readonly string[],
  from: string,
  to: string,
  heads: number,
  type: RingType,
): string {
  const [zero, channels, end] = [[0], [heads], [heads + 1]].map((list) => graph.integers(list));
  let sum = '';
  for (const [fold, ring] of rings.entries()) {
    const halves = part(graph, ring, from, to, [2, 3, 4]);
    const row = widen(graph, halves, type);
    const logits = part(graph, row, zero ?? '', channels ?? '', [1]);
    const total = part(graph, row, channels ?? '', end ?? '', [1]);
    const mean = rounded(graph, graph.node('Div', [logits, total]), type);
    sum = fold === 0 ? mean : rounded(graph, graph.node('Add', [sum, mean]), type);
  }
  if (rings.length === 1) return sum;
  const folds = graph.scalar(`folds_${rings.length}`, rings.length);
  return rounded(graph, graph.node('Div', [sum, folds]), type);
}

/** Where row `row` of the ring lies without margin and padding. */
export function rowCorners(
  row: number,
  { tiling }: VolumeGeometry,
): { readonly from: readonly number[]; readonly to: readonly number[] } {
  const { below, shape } = tiling;
  const from = [row, MARGIN + below[1], MARGIN + below[2]] as const;
  return { from, to: [row + 1, from[1] + shape[1], from[2] + shape[2]] };
}
