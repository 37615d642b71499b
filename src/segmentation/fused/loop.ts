import { GraphBuilder } from '../onnx/graph.ts';
import type { ValueInfo } from '../onnx/graph.ts';

/** What the bodies of loops begin and end with. */
export interface LoopBody {
  readonly graph: GraphBuilder;
  readonly iteration: string;
  readonly condition: string;
}

export function loopBody(parent: GraphBuilder): LoopBody {
  const graph = new GraphBuilder(parent);
  return { graph, iteration: graph.newName(), condition: graph.newName() };
}

/** Inputs and outputs of a body, without the iteration and the condition, which all have. */
export function closeBody(
  { graph, iteration, condition }: LoopBody,
  name: string,
  inputs: readonly ValueInfo[],
  outputs: readonly ValueInfo[],
): ReturnType<GraphBuilder['graph']> {
  const goOn = graph.node('Identity', [condition]);
  return graph.graph(
    name,
    [
      { name: iteration, type: 'int64', shape: [] },
      { name: condition, type: 'bool', shape: [] },
      ...inputs,
    ],
    [{ name: goOn, type: 'bool', shape: [] }, ...outputs],
  );
}

/** A single whole number, e.g. how often a loop runs. */
export function wholeNumber(graph: GraphBuilder, value: number): string {
  return graph.constant(`n_${value}`, 'int64', [], BigInt64Array.of(BigInt(value)));
}
