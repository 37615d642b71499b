import type { Tensor } from '../checkpoint/tensors.ts';
import { Message } from './protobuf.ts';

/** Field numbers and enum values are those of `onnx.proto` (ONNX 1.13, IR version 8, operator set 18). */
const IR_VERSION = 8;
const OPSET = 18;
export const ELEMENT = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
} as const;
export type ElementType = keyof typeof ELEMENT;
const ATTRIBUTE_FLOAT = 1;
const ATTRIBUTE_INT = 2;
const ATTRIBUTE_GRAPH = 5;
const ATTRIBUTE_INTS = 7;
const EXTERNAL = 1;

export type Attribute =
  | { readonly int: number }
  | { readonly float: number }
  | { readonly ints: readonly number[] }
  | { readonly graph: Message };

/** A dimension: a number, or a name where the caller may choose. */
export type Dimension = number | string;

/** An input or output of a graph. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly Dimension[];
}

/** Bytes of a tensor that stay in another file, whose name is relative to the model's folder. */
export interface ExternalBytes {
  readonly file: string;
  readonly offset: number;
  readonly length: number;
}

/**
 * Builds an ONNX model node by node; values are named by strings. A builder made with a parent builds the body of one of
 * the parent's nodes: it sees the parent's values by name, and constants go to the outermost graph.
 */
export class GraphBuilder {
  private readonly nodes: Message[] = [];
  private readonly initializers: Message[] = [];
  private readonly known = new Set<string>();
  private readonly root: GraphBuilder;
  private counter = 0;

  constructor(parent?: GraphBuilder) {
    this.root = parent?.root ?? this;
  }

  /** A name that no other value of the model has. */
  newName(): string {
    this.root.counter += 1;
    return `v${this.root.counter}`;
  }

  /** Adds a node with one output and returns the output's name. */
  node(
    operator: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string {
    const output = this.newName();
    this.namedNode(operator, inputs, output, attributes);
    return output;
  }

  /** Adds a node with several outputs and returns their names. */
  nodeWithOutputs(
    operator: string,
    inputs: readonly string[],
    count: number,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): string[] {
    const outputs = Array.from({ length: count }, () => this.newName());
    this.addNode(operator, inputs, outputs, Object.entries(attributes).map(toMessage));
    return outputs;
  }

  namedNode(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, Attribute>> = {},
  ): void {
    this.addNode(operator, inputs, [output], Object.entries(attributes).map(toMessage));
  }

  /** Adds a node whose attributes are written already, e.g. one that was read from another model. */
  addNode(
    operator: string,
    inputs: readonly string[],
    outputs: readonly string[],
    attributes: readonly (Message | Uint8Array)[],
  ): void {
    const node = new Message();
    for (const input of inputs) node.string(1, input);
    for (const output of outputs) node.string(2, output);
    node.string(3, `${operator}_${outputs[0] ?? ''}`).string(4, operator);
    for (const one of attributes) {
      if (one instanceof Message) node.message(5, one);
      else node.bytes(5, one);
    }
    this.nodes.push(node);
  }

  /** Adds weights under a name, once. */
  weights(name: string, tensor: Tensor, shape: readonly number[] = tensor.shape): string {
    return this.constant(name, 'float32', shape, tensor.values);
  }

  /** Adds a constant under a name, once; little-endian as typed arrays are. */
  constant(
    name: string,
    type: ElementType,
    shape: readonly number[],
    values: ArrayBufferView,
  ): string {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return this.initializer(name, () => tensor(name, type, shape).bytes(9, raw));
  }

  /** Adds a constant whose bytes stay where they are, once. */
  external(
    name: string,
    type: ElementType,
    shape: readonly number[],
    { file, offset, length }: ExternalBytes,
  ): string {
    const entry = (key: string, value: string): Message =>
      new Message().string(1, key).string(2, value);
    return this.initializer(name, () =>
      tensor(name, type, shape)
        .message(13, entry('location', file))
        .message(13, entry('offset', String(offset)))
        .message(13, entry('length', String(length)))
        .integer(14, EXTERNAL),
    );
  }

  /** A constant list of 64-bit integers, e.g. the axes of a reduction. */
  integers(values: readonly number[]): string {
    const list = BigInt64Array.from(values.map(BigInt));
    return this.constant(`i_${values.join('_')}`, 'int64', [values.length], list);
  }

  scalar(name: string, value: number): string {
    return this.weights(name, { shape: [], values: Float32Array.of(value) });
  }

  /** The finished model: one float input, one float output. */
  finish(
    name: string,
    input: Omit<ValueInfo, 'type'>,
    output: Omit<ValueInfo, 'type'>,
  ): Uint8Array<ArrayBuffer> {
    return this.model(name, [{ ...input, type: 'float32' }], [{ ...output, type: 'float32' }]);
  }

  /** The finished model. */
  model(
    name: string,
    inputs: readonly ValueInfo[],
    outputs: readonly ValueInfo[],
  ): Uint8Array<ArrayBuffer> {
    return new Message()
      .integer(1, IR_VERSION)
      .string(2, 'situs')
      .message(7, this.graph(name, inputs, outputs))
      .message(8, new Message().string(1, '').integer(2, OPSET))
      .concat();
  }

  /** The graph alone: the body of a node. */
  graph(name: string, inputs: readonly ValueInfo[], outputs: readonly ValueInfo[]): Message {
    const graph = new Message();
    for (const node of this.nodes) graph.message(1, node);
    graph.string(2, name);
    for (const initializer of this.initializers) graph.message(5, initializer);
    for (const input of inputs) graph.message(11, valueInfo(input));
    for (const output of outputs) graph.message(12, valueInfo(output));
    return graph;
  }

  private initializer(name: string, make: () => Message): string {
    const { root } = this;
    if (!root.known.has(name)) {
      root.known.add(name);
      root.initializers.push(make());
    }
    return name;
  }
}

function tensor(name: string, type: ElementType, shape: readonly number[]): Message {
  return new Message().packed(1, shape).integer(2, ELEMENT[type]).string(8, name);
}

function toMessage([name, value]: readonly [string, Attribute]): Message {
  const message = new Message().string(1, name);
  if ('int' in value) return message.integer(3, value.int).integer(20, ATTRIBUTE_INT);
  if ('float' in value) return message.float(2, value.float).integer(20, ATTRIBUTE_FLOAT);
  if ('graph' in value) return message.message(6, value.graph).integer(20, ATTRIBUTE_GRAPH);
  for (const item of value.ints) message.integer(8, item);
  return message.integer(20, ATTRIBUTE_INTS);
}

function valueInfo({ name, type, shape }: ValueInfo): Message {
  const dimensions = new Message();
  for (const size of shape) {
    const dimension = new Message();
    dimensions.message(
      1,
      typeof size === 'number' ? dimension.integer(1, size) : dimension.string(2, size),
    );
  }
  const tensorType = new Message().integer(1, ELEMENT[type]).message(2, dimensions);
  return new Message().string(1, name).message(2, new Message().message(1, tensorType));
}
