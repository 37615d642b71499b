import type { Tensor } from '../checkpoint/tensors.ts';
import { Message } from './protobuf.ts';

/** Field numbers and enum values are those of `onnx.proto` (ONNX 1.13, IR version 8, operator set 18). */
const IR_VERSION = 8;
const OPSET = 18;
const FLOAT = 1;
const INT64 = 7;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_INTS = 7;

export type Attribute =
  { readonly int: number } | { readonly float: number } | { readonly ints: readonly number[] };

/** A dimension: a number, or a name where the caller may choose. */
export type Dimension = number | string;

/** Builds an ONNX model node by node; values are named by strings. */
export class GraphBuilder {
  private readonly nodes: Message[] = [];
  private readonly initializers: Message[] = [];
  private readonly known = new Set<string>();
  private counter = 0;

  /** Adds a node with one output and returns the output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    this.counter += 1;
    const output = `v${this.counter}`;
    this.namedNode(operator, inputs, output, attributes);
    return output;
  }

  namedNode(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    const node = new Message();
    for (const input of inputs) node.string(1, input);
    node.string(2, output).string(3, `${operator}_${output}`).string(4, operator);
    for (const [name, value] of Object.entries(attributes)) node.message(5, attribute(name, value));
    this.nodes.push(node);
  }

  /** Adds weights under a name, once. */
  weights(name: string, tensor: Tensor, shape: readonly number[] = tensor.shape): string {
    if (!this.known.has(name)) {
      this.known.add(name);
      const { values } = tensor;
      const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
      this.initializers.push(
        new Message().packed(1, shape).integer(2, FLOAT).string(8, name).bytes(9, raw),
      );
    }
    return name;
  }

  /** A constant list of 64-bit integers, e.g. the axes of a reduction. */
  integers(values: readonly number[]): string {
    const name = `i_${values.join('_')}`;
    if (!this.known.has(name)) {
      this.known.add(name);
      const raw = new Uint8Array(BigInt64Array.from(values.map(BigInt)).buffer);
      this.initializers.push(
        new Message().packed(1, [values.length]).integer(2, INT64).string(8, name).bytes(9, raw),
      );
    }
    return name;
  }

  scalar(name: string, value: number): string {
    return this.weights(name, { shape: [], values: Float32Array.of(value) });
  }

  /** The finished model: one float input, one float output. */
  finish(
    name: string,
    input: { readonly name: string; readonly shape: readonly Dimension[] },
    output: { readonly name: string; readonly shape: readonly Dimension[] },
  ): Uint8Array<ArrayBuffer> {
    const graph = new Message();
    for (const node of this.nodes) graph.message(1, node);
    graph.string(2, name);
    for (const initializer of this.initializers) graph.message(5, initializer);
    graph.message(11, valueInfo(input.name, input.shape));
    graph.message(12, valueInfo(output.name, output.shape));
    return new Message()
      .integer(1, IR_VERSION)
      .string(2, 'situs')
      .message(7, graph)
      .message(8, new Message().string(1, '').integer(2, OPSET))
      .concat();
  }
}

function attribute(name: string, value: Attribute): Message {
  const message = new Message().string(1, name);
  if ('int' in value) return message.integer(3, value.int).integer(20, ATTRIBUTE_INT);
  if ('float' in value) return message.float(2, value.float).integer(20, ATTRIBUTE_FLOAT);
  for (const item of value.ints) message.integer(8, item);
  return message.integer(20, ATTRIBUTE_INTS);
}

function valueInfo(name: string, shape: readonly Dimension[]): Message {
  const dimensions = new Message();
  for (const size of shape) {
    const dimension = new Message();
    dimensions.message(
      1,
      typeof size === 'number' ? dimension.integer(1, size) : dimension.string(2, size),
    );
  }
  const tensor = new Message().integer(1, FLOAT).message(2, dimensions);
  return new Message().string(1, name).message(2, new Message().message(1, tensor));
}
