import type { Tensor } from '../checkpoint/tensors.ts';
import { fault } from '../../contracts/index.ts';
import type { Architecture, Vec3 } from '../plans/plan.ts';
import type { NetworkContext } from './blocks.ts';
import { convBlock, residualBlock, transposedConv } from './blocks.ts';
import { GraphBuilder } from './graph.ts';
import { WeightBook } from './weights.ts';

export const NETWORK_INPUT = 'patch';
export const NETWORK_OUTPUT = 'logits';

/**
 * Writes nnU-Net's network as an ONNX model: input `patch` f32 [batch, channels, patch…], output `logits` f32
 * [batch, heads, patch…], raw numbers before any softmax. Deep-supervision heads are left out.
 * @param weights of one checkpoint, without aliases (nnunet-inference §5.3)
 * @throws SitusError `CHECKPOINT_WEIGHTS` when plans and weights do not belong together.
 */
export function writeNetwork(
  architecture: Architecture,
  patchSize: Vec3,
  weights: ReadonlyMap<string, Tensor>,
): Uint8Array<ArrayBuffer> {
  const graph = new GraphBuilder();
  const context: NetworkContext = {
    graph,
    weights: new WeightBook(weights, architecture.dimensions),
    architecture,
  };
  const skips = encoder(context);
  const last = decoder(context, skips);

  const stages = architecture.features.length;
  const head = `decoder.seg_layers.${stages - 2}.`;
  const channels = at(architecture.features, 0);
  const weight = context.weights.take(`${head}weight`, [architecture.heads, channels, 1, 1, 1]);
  const bias = context.weights.take(`${head}bias`, [architecture.heads]);
  graph.namedNode(
    'Conv',
    [last, graph.weights(`${head}weight`, weight), graph.weights(`${head}bias`, bias)],
    NETWORK_OUTPUT,
    { kernel_shape: { ints: [1, 1, 1] } },
  );
  context.weights.requireAllUsed(/^decoder\.seg_layers\.\d+\.(weight|bias)$/);
  return graph.finish(
    architecture.kind,
    { name: NETWORK_INPUT, shape: ['batch', architecture.inputChannels, ...patchSize] },
    { name: NETWORK_OUTPUT, shape: ['batch', architecture.heads, ...patchSize] },
  );
}

/** Output of every encoder stage, the finest first. */
function encoder(context: NetworkContext): string[] {
  const { architecture } = context;
  const residual = architecture.kind === 'ResidualEncoderUNet';
  let value = NETWORK_INPUT;
  let channels = architecture.inputChannels;
  if (residual) {
    const to = at(architecture.features, 0);
    value = convBlock(context, value, {
      prefix: 'encoder.stem.convs.0.',
      from: channels,
      to,
      kernel: at(architecture.kernels, 0),
      stride: [1, 1, 1],
      bias: architecture.convBias,
      activation: true,
    });
    channels = to;
  }
  return architecture.features.map((to, stage) => {
    const kernel = at(architecture.kernels, stage);
    for (let block = 0; block < at(architecture.encoderBlocks, stage); block += 1) {
      const stride: Vec3 = block === 0 ? at(architecture.strides, stage) : [1, 1, 1];
      const shape = { from: channels, to, kernel, stride };
      value = residual
        ? residualBlock(context, value, `encoder.stages.${stage}.blocks.${block}.`, shape)
        : convBlock(context, value, {
            prefix: `encoder.stages.${stage}.0.convs.${block}.`,
            ...shape,
            bias: architecture.convBias,
            activation: true,
          });
      channels = to;
    }
    return value;
  });
}

function decoder(context: NetworkContext, skips: readonly string[]): string {
  const { architecture, graph } = context;
  const stages = architecture.features.length;
  let value = at(skips, stages - 1);
  for (let stage = 0; stage < stages - 1; stage += 1) {
    const fine = stages - 2 - stage;
    const to = at(architecture.features, fine);
    const up = transposedConv(
      context,
      value,
      `decoder.transpconvs.${stage}.`,
      at(architecture.features, fine + 1),
      to,
      at(architecture.strides, fine + 1),
    );
    value = graph.node('Concat', [up, at(skips, fine)], { axis: { int: 1 } });
    for (let block = 0; block < at(architecture.decoderConvs, stage); block += 1) {
      value = convBlock(context, value, {
        prefix: `decoder.stages.${stage}.convs.${block}.`,
        from: block === 0 ? 2 * to : to,
        to,
        kernel: at(architecture.kernels, fine),
        stride: [1, 1, 1],
        bias: architecture.convBias,
        activation: true,
      });
    }
  }
  return value;
}

function at<T>(list: readonly T[], index: number): T {
  const value = list[index];
  if (value === undefined) throw fault('NETWORK_STAGE', `The network has no stage ${index}.`);
  return value;
}
