import { fault } from '../../contracts/index.ts';
import type { GraphBuilder } from '../onnx/graph.ts';
import type { Vec3 } from '../plans/plan.ts';
import { voxelCount } from '../preprocess/grid-view.ts';
import type { NetworkFile, NetworkNode } from './network-file.ts';
import { readTensorBytes } from './network-file.ts';

/** `operator` leaves transposed convolutions as they are; a patch size replaces them for patches of that size. */
export type UpsampleStyle = 'operator' | { readonly patch: Vec3 };

/** Sizes of what each transposed convolution gets, by the name of its weights. The last one makes the patch's size. */
export function upsampledSizes(network: NetworkFile, patch: Vec3): ReadonlyMap<string, Vec3> {
  const sizes = new Map<string, Vec3>();
  let size = patch;
  for (const { operator, inputs } of network.nodes.toReversed()) {
    if (operator !== 'ConvTranspose') continue;
    const name = inputs[1] ?? '';
    const [, , k0 = 1, k1 = 1, k2 = 1] = network.tensors.get(name)?.shape ?? [];
    size = [size[0] / k0, size[1] / k1, size[2] / k2];
    sizes.set(name, size);
  }
  return sizes;
}

/**
 * A transposed convolution whose kernel is its stride, without that operator: a 1×1×1 convolution that makes all voxels
 * of a block as channels, which are then moved to their places (nnunet-inference §9.1). The same products are added, so
 * the result differs by rounding only.
 * @returns name of the output, [1, channels, 2·D, 2·H, 2·W] for strides of 2
 */
export function upsampleByConv(
  graph: GraphBuilder,
  network: NetworkFile,
  node: NetworkNode,
  options: {
    readonly prefix: string;
    readonly sizes: ReadonlyMap<string, Vec3>;
    readonly input: string;
  },
): string {
  const { prefix, sizes, input } = options;
  const name = node.inputs[1] ?? '';
  const tensor = network.tensors.get(name);
  const bias = network.tensors.get(node.inputs[2] ?? '');
  const size = sizes.get(name);
  const [from = 0, to = 0, k0 = 0, k1 = 0, k2 = 0] = tensor?.shape ?? [];
  if (tensor === undefined || size === undefined || !size.every(Number.isInteger)) {
    throw fault('NETWORK_STAGE', `The network's upsampling "${name}" does not fit the patch.`);
  }
  const block = voxelCount([k0, k1, k2]);
  const tensors = bias === undefined ? [tensor] : [tensor, bias];
  const [weights = new Float32Array(0), biases] = readTensorBytes(network, tensors).map(
    ({ buffer }) => new Float32Array(buffer),
  );
  const turned = new Float32Array(weights.length);
  for (let row = 0; row < from; row += 1) {
    for (let column = 0; column < to * block; column += 1) {
      turned[column * from + row] = weights[row * to * block + column] ?? 0;
    }
  }
  const shape = [to * block, from, 1, 1, 1];
  const inputs = [input, graph.constant(`${prefix}${name}.turned`, 'float32', shape, turned)];
  if (biases !== undefined) {
    const repeated = Float32Array.from(
      { length: to * block },
      (_, i) => biases[Math.floor(i / block)] ?? 0,
    );
    inputs.push(graph.constant(`${prefix}${name}.bias`, 'float32', [to * block], repeated));
  }
  const convolved = graph.node('Conv', inputs, { kernel_shape: { ints: [1, 1, 1] } });
  const [d, h, w] = size;
  const apart = graph.node('Reshape', [convolved, graph.integers([to, k0, k1, k2, d, h, w])]);
  const placed = graph.node('Transpose', [apart], { perm: { ints: [0, 4, 1, 5, 2, 6, 3] } });
  return graph.node('Reshape', [placed, graph.integers([1, to, d * k0, h * k1, w * k2])]);
}
