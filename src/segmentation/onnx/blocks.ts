import type { Architecture, Vec3 } from '../plans/plan.ts';
import type { GraphBuilder } from './graph.ts';
import type { WeightBook } from './weights.ts';

/** What the blocks of one network share while its graph is built. */
export interface NetworkContext {
  readonly graph: GraphBuilder;
  readonly weights: WeightBook;
  readonly architecture: Architecture;
}

export interface ConvBlock {
  /** Name of the block in the checkpoint, with the final dot. */
  readonly prefix: string;
  readonly from: number;
  readonly to: number;
  readonly kernel: Vec3;
  readonly stride: Vec3;
  readonly bias: boolean;
  readonly activation: boolean;
}

/** Conv → InstanceNorm → LeakyReLU (nnunet-inference §5.5); returns the name of the output. */
export function convBlock(context: NetworkContext, input: string, block: ConvBlock): string {
  const { graph, weights } = context;
  const { prefix, kernel } = block;
  const inputs = [
    input,
    graph.weights(
      `${prefix}conv.weight`,
      weights.take(`${prefix}conv.weight`, [block.to, block.from, ...kernel]),
    ),
  ];
  if (block.bias) {
    const bias = weights.take(`${prefix}conv.bias`, [block.to]);
    inputs.push(graph.weights(`${prefix}conv.bias`, bias));
  }
  const pads = kernel.map((size) => (size - 1) / 2);
  const convolved = graph.node('Conv', inputs, {
    kernel_shape: { ints: kernel },
    strides: { ints: block.stride },
    pads: { ints: [...pads, ...pads] },
  });
  const normalised = instanceNorm(context, convolved, `${prefix}norm.`, block.to);
  return block.activation ? leakyRelu(context, normalised) : normalised;
}

/**
 * Instance normalisation with means taken one axis at a time. ONNX Runtime's own operator adds a whole patch up
 * in binary32, which is the largest rounding error of the network (nnunet-inference §5.7).
 */
export function instanceNorm(
  context: NetworkContext,
  input: string,
  prefix: string,
  channels: number,
): string {
  const { graph, weights } = context;
  const perChannel = [1, channels, 1, 1, 1];
  const scale = weights.take(`${prefix}weight`, [channels]);
  const shift = weights.take(`${prefix}bias`, [channels]);
  const epsilon = graph.scalar('norm_epsilon', context.architecture.normEpsilon);
  const centred = graph.node('Sub', [input, spatialMean(graph, input)]);
  const variance = spatialMean(graph, graph.node('Mul', [centred, centred]));
  const deviation = graph.node('Sqrt', [graph.node('Add', [variance, epsilon])]);
  const factor = graph.node('Div', [
    graph.weights(`${prefix}weight`, scale, perChannel),
    deviation,
  ]);
  return graph.node('Add', [
    graph.node('Mul', [centred, factor]),
    graph.weights(`${prefix}bias`, shift, perChannel),
  ]);
}

/** Mean over width, then height, then depth of [N, C, D, H, W]; the axes stay with size 1. */
function spatialMean(graph: GraphBuilder, input: string): string {
  return [4, 3, 2].reduce(
    (value, axis) =>
      graph.node('ReduceMean', [value, graph.integers([axis])], { keepdims: { int: 1 } }),
    input,
  );
}

export function leakyRelu(context: NetworkContext, input: string): string {
  return context.graph.node('LeakyRelu', [input], {
    alpha: { float: context.architecture.leakySlope },
  });
}

/** Transposed convolution whose kernel is its stride: the upsampling of the decoder. */
export function transposedConv(
  context: NetworkContext,
  input: string,
  prefix: string,
  from: number,
  to: number,
  stride: Vec3,
): string {
  const { graph, weights, architecture } = context;
  const inputs = [
    input,
    graph.weights(`${prefix}weight`, weights.take(`${prefix}weight`, [from, to, ...stride])),
  ];
  if (architecture.convBias) {
    inputs.push(graph.weights(`${prefix}bias`, weights.take(`${prefix}bias`, [to])));
  }
  return graph.node('ConvTranspose', inputs, {
    kernel_shape: { ints: stride },
    strides: { ints: stride },
  });
}

/** BasicBlockD of the residual encoder (nnunet-inference §5.5, "ResEnc"). */
export function residualBlock(
  context: NetworkContext,
  input: string,
  prefix: string,
  block: {
    readonly from: number;
    readonly to: number;
    readonly kernel: Vec3;
    readonly stride: Vec3;
  },
): string {
  const { graph, architecture } = context;
  const { from, to, kernel, stride } = block;
  const bias = architecture.convBias;
  const first = convBlock(context, input, {
    prefix: `${prefix}conv1.`,
    from,
    to,
    kernel,
    stride,
    bias,
    activation: true,
  });
  const second = convBlock(context, first, {
    prefix: `${prefix}conv2.`,
    from: to,
    to,
    kernel,
    stride: [1, 1, 1],
    bias,
    activation: false,
  });
  const strided = stride.some((step) => step !== 1);
  let skip = input;
  if (strided) {
    skip = graph.node('AveragePool', [skip], {
      kernel_shape: { ints: stride },
      strides: { ints: stride },
    });
  }
  if (from !== to) {
    skip = convBlock(context, skip, {
      prefix: `${prefix}skip.${strided ? 1 : 0}.`,
      from,
      to,
      kernel: [1, 1, 1],
      stride: [1, 1, 1],
      bias: false,
      activation: false,
    });
  }
  return leakyRelu(context, graph.node('Add', [second, skip]));
}
