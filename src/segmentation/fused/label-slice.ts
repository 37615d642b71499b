import type { AxisTaps } from '../export/axis-taps.ts';
import { ABOVE_HALF } from '../export/region-lines.ts';
import type { ElementType, GraphBuilder } from '../onnx/graph.ts';
import { ELEMENT } from '../onnx/graph.ts';
import type { LabelRule } from '../plans/plan.ts';
import { labelShape, type VolumeGeometry } from './geometry.ts';
import { countBeyond, rounded, type RingType } from './halves.ts';

/** Two rows of logits and their weights; the second is absent where rows are copied. */
export interface RowPair {
  /** f32 [1, heads, 1, y, x] */
  readonly first: string;
  readonly second: string | null;
  /** f32 with one element */
  readonly w0: string;
  readonly w1: string;
}

/**
 * One slice of labels out of rows of logits: linear along axis 0, then in the plane with indices and weights made by the
 * host, rounded to half, then the model's rule (nnunet-inference §4, §9.1).
 * @returns name of the slice [1, height, width]
 */
export function labelSlice(
  graph: GraphBuilder,
  rows: RowPair,
  geometry: VolumeGeometry,
  types: { readonly labels: ElementType; readonly ring: RingType },
): string {
  const { taps, heads, rule } = geometry;
  const [, height, width] = labelShape(geometry);
  let value = rows.first;
  if (rows.second !== null) value = weighted(graph, [value, rows.w0], [rows.second, rows.w1]);
  value = alongAxis(graph, value, 3, taps[1], geometry.tiling.shape[1]);
  value = alongAxis(graph, value, 4, taps[2], geometry.tiling.shape[2]);
  const logits = graph.node('Reshape', [value, graph.integers([heads, height, width])]);
  const label = applyRule(
    graph,
    isCopy(taps) ? logits : rounded(graph, logits, types.ring),
    heads,
    rule,
  );
  return graph.node('Cast', [label], { to: { int: ELEMENT[types.labels] } });
}

/** How many logits of the rows are not finite; f32 []. */
export function countUnusable(graph: GraphBuilder, { first, second }: RowPair): string {
  const count = countBeyond(graph, first);
  return second === null ? count : graph.node('Add', [count, countBeyond(graph, second)]);
}

function isCopy(taps: VolumeGeometry['taps']): boolean {
  return taps.every((axis) => axis.taps === 1);
}

function alongAxis(
  graph: GraphBuilder,
  input: string,
  axis: number,
  taps: AxisTaps,
  size: number,
): string {
  const same = taps.first.length === size && taps.first.every((index, i) => index === i);
  if (taps.taps === 1 && same) return input;
  const name = `taps_${axis}`;
  const count = taps.first.length;
  const shape = [1, 1, 1, axis === 3 ? count : 1, axis === 4 ? count : 1];
  const take = (which: string, index: Int32Array): string =>
    graph.node('Gather', [input, graph.constant(`${name}_${which}`, 'int32', [count], index)], {
      axis: { int: axis },
    });
  const near = take('first', taps.first);
  if (taps.taps === 1) return near;
  const weights = (which: string, values: Float64Array): string =>
    graph.constant(`${name}_${which}`, 'float32', shape, Float32Array.from(values));
  return weighted(
    graph,
    [near, weights('w0', taps.w0)],
    [take('second', taps.second), weights('w1', taps.w1)],
  );
}

function weighted(
  graph: GraphBuilder,
  near: readonly [string, string],
  far: readonly [string, string],
): string {
  return graph.node('Add', [graph.node('Mul', near), graph.node('Mul', far)]);
}

/**
 * Labels of [heads, height, width] as numbers in binary32, [1, height, width]. The lowest of equal channels wins by arithmetic;
 * which one an ArgMax operator takes is up to the device's library.
 */
function applyRule(graph: GraphBuilder, logits: string, heads: number, rule: LabelRule): string {
  const first = graph.integers([0]);
  const perChannel = (name: string, values: readonly number[]): string =>
    graph.constant(name, 'float32', [heads, 1, 1], Float32Array.from(values));
  const numbers = Array.from({ length: heads }, (_, channel) => channel);
  if (rule.kind === 'argmax') {
    const best = graph.node('ReduceMax', [logits, first], { keepdims: { int: 1 } });
    const candidates = graph.node('Where', [
      graph.node('Equal', [logits, best]),
      perChannel('channels', numbers),
      graph.scalar('no_channel', heads),
    ]);
    return graph.node('ReduceMin', [candidates, first], { keepdims: { int: 1 } });
  }
  const present = graph.node('Where', [
    graph.node('Greater', [logits, graph.scalar('above_half', ABOVE_HALF)]),
    perChannel(
      'regions',
      numbers.map((channel) => channel + 1),
    ),
    graph.scalar('zero', 0),
  ]);
  const last = graph.node('ReduceMax', [present, first], { keepdims: { int: 1 } });
  const labels = graph.constant(
    'region_labels',
    'float32',
    [heads + 1],
    Float32Array.of(0, ...rule.classOrder),
  );
  return graph.node('Gather', [labels, graph.node('Cast', [last], { to: { int: ELEMENT.int32 } })]);
}
