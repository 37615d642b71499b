import { mirrorCombinations } from '../inference/mirroring.ts';
import type { GraphBuilder } from '../onnx/graph.ts';
import type { Vec3 } from '../plans/plan.ts';
import { closeBody, loopBody, wholeNumber } from './loop.ts';

/** A network's nodes in a graph: from the name of a patch to the name of its logits. */
export type NetworkNodes = (graph: GraphBuilder, patch: string) => string;

/**
 * The network's answer averaged over mirrored copies (nnunet-inference §3.4): one copy of the network in a loop over the
 * combinations of axes, which a list of indices turns.
 * @param patch name of the patch [1, channels, patch…]
 * @returns name of the logits [1, heads, patch…]
 */
export function mirroredInLoop(
  graph: GraphBuilder,
  patch: string,
  network: NetworkNodes,
  {
    size,
    heads,
    axes,
  }: { readonly size: Vec3; readonly heads: number; readonly axes: readonly number[] },
): string {
  if (axes.length === 0) return network(graph, patch);
  const combinations = [[], ...mirrorCombinations(axes)];
  const loop = loopBody(graph);
  const { graph: body, iteration } = loop;
  const sum = body.newName();
  const turn = (value: string): string =>
    axes.reduce((turned, axis) => {
      const table = indexTable(body, combinations, axis, size);
      const index = body.node('Gather', [table, iteration], { axis: { int: 0 } });
      return body.node('Gather', [turned, index], { axis: { int: axis + 2 } });
    }, value);
  const added = body.node('Add', [sum, turn(network(body, turn(patch)))]);
  const shape = [1, heads, ...size];
  const closed = closeBody(
    loop,
    'mirrored',
    [{ name: sum, type: 'float32', shape }],
    [{ name: added, type: 'float32', shape }],
  );
  const start = graph.node('Expand', [graph.scalar('zero', 0), graph.integers(shape)]);
  const count = combinations.length;
  const total = graph.node('Loop', [wholeNumber(graph, count), '', start], {
    body: { graph: closed },
  });
  return graph.node('Div', [total, graph.scalar(`mirrors_${count}`, count)]);
}

/** The same without a loop: as many copies of the nodes as there are combinations. */
export function mirroredUnrolled(
  graph: GraphBuilder,
  patch: string,
  network: NetworkNodes,
  { size, axes }: { readonly size: Vec3; readonly axes: readonly number[] },
): string {
  const plain = network(graph, patch);
  if (axes.length === 0) return plain;
  const combinations = mirrorCombinations(axes);
  const sum = combinations.reduce((total, combination) => {
    const turn = (value: string): string =>
      combination.reduce((turned, axis) => {
        const length = size[axis] ?? 0;
        const list = Int32Array.from({ length }, (_, i) => length - 1 - i);
        const index = graph.constant(`backwards_${length}`, 'int32', [length], list);
        return graph.node('Gather', [turned, index], { axis: { int: axis + 2 } });
      }, value);
    return graph.node('Add', [total, turn(network(graph, turn(patch)))]);
  }, plain);
  const count = combinations.length + 1;
  return graph.node('Div', [sum, graph.scalar(`mirrors_${count}`, count)]);
}

/** For each combination the indices along an axis: forwards, or backwards where it is mirrored. */
function indexTable(
  graph: GraphBuilder,
  combinations: readonly (readonly number[])[],
  axis: number,
  size: Vec3,
): string {
  const length = size[axis] ?? 0;
  const table = combinations.flatMap((combination) =>
    Array.from({ length }, (_, i) => BigInt(combination.includes(axis) ? length - 1 - i : i)),
  );
  const shape = [combinations.length, length];
  return graph.constant(`mirror_${axis}`, 'int64', shape, BigInt64Array.from(table));
}
