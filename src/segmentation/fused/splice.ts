import type { GraphBuilder } from '../onnx/graph.ts';
import { NETWORK_INPUT, NETWORK_OUTPUT } from '../onnx/unet.ts';
import type { NetworkFile, NetworkTensor } from './network-file.ts';
import { readTensorBytes } from './network-file.ts';
import { upsampleByConv, upsampledSizes, type UpsampleStyle } from './upsample.ts';

export interface SpliceOptions {
  /** Put before every name, so that several networks fit into one graph. */
  readonly prefix: string;
  readonly upsample: UpsampleStyle;
}

/** Constants up to this size are copied; the runtime must see axes and the like while it plans. */
const SMALL = 1024;

/**
 * Copies a network's nodes into a graph. Weights stay in the network's file: the graph names place and length, so that
 * neither they nor five folds of them ever pass through this process.
 * @returns the name of the logits
 */
export function spliceNetwork(
  graph: GraphBuilder,
  network: NetworkFile,
  input: string,
  options: SpliceOptions,
): string {
  const { prefix, upsample } = options;
  const names = new Map<string, string>([[NETWORK_INPUT, input]]);
  const smallTensors = [...network.tensors.values()].filter(({ length }) => length <= SMALL);
  const bytes = new Map(
    readTensorBytes(network, smallTensors).map((raw, i) => [smallTensors[i]?.name ?? '', raw]),
  );
  const sizes = upsample === 'operator' ? null : upsampledSizes(network, upsample.patch);
  const resolve = (name: string): string => {
    const known = names.get(name);
    if (known !== undefined) return known;
    const tensor = network.tensors.get(name);
    if (tensor === undefined) return name;
    const added = addTensor(graph, `${prefix}${name}`, tensor, network.file, bytes.get(name));
    names.set(name, added);
    return added;
  };
  for (const node of network.nodes) {
    if (node.operator === 'ConvTranspose' && sizes !== null) {
      names.set(
        node.outputs[0] ?? '',
        upsampleByConv(graph, network, node, {
          prefix,
          sizes,
          input: resolve(node.inputs[0] ?? ''),
        }),
      );
      continue;
    }
    const inputs = node.inputs.map(resolve);
    const outputs = node.outputs.map((name) => {
      const renamed = graph.newName();
      names.set(name, renamed);
      return renamed;
    });
    graph.addNode(node.operator, inputs, outputs, node.attributes);
  }
  return resolve(NETWORK_OUTPUT);
}

function addTensor(
  graph: GraphBuilder,
  name: string,
  tensor: NetworkTensor,
  file: string,
  raw: Uint8Array | undefined,
): string {
  const { type, shape, offset, length } = tensor;
  return raw === undefined
    ? graph.external(name, type, shape, { file, offset, length })
    : graph.constant(name, type, shape, raw);
}
