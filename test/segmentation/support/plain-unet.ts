import type { FolderOptions } from './nnunet-files.ts';

/** A PlainConvUNet of any size, isotropic kernels of 3 and strides of 2. */
export interface PlainUnet {
  /** Channels of each stage. */
  readonly features: readonly number[];
  /** Convolutions a stage. */
  readonly convs: number;
  readonly patch: readonly [number, number, number];
  readonly heads: number;
}

/** The size that nnU-Net plans for bodies: 31 million weights, 41 heads (nnunet-inference §5.5). */
export const FULL_SIZE: PlainUnet = {
  features: [32, 64, 128, 256, 320, 320],
  convs: 2,
  patch: [128, 128, 128],
  heads: 41,
};

/** What `nnunetFiles` needs to write an nnU-Net folder with this network and random weights. */
export function plainUnetFolder(net: PlainUnet): FolderOptions {
  const stages = net.features.length;
  const size = (n: number): number[] => [n, n, n];
  return {
    heads: net.heads,
    shapes: weightShapes(net),
    configuration: {
      patch_size: net.patch,
      UNet_base_num_features: net.features[0],
      unet_max_num_features: Math.max(...net.features),
      n_conv_per_stage_encoder: Array.from({ length: stages }, () => net.convs),
      n_conv_per_stage_decoder: Array.from({ length: stages - 1 }, () => net.convs),
      pool_op_kernel_sizes: Array.from({ length: stages }, (_, i) => size(i === 0 ? 1 : 2)),
      num_pool_per_axis: size(stages - 1),
      conv_kernel_sizes: Array.from({ length: stages }, () => size(3)),
    },
  };
}

/** Names and shapes in a checkpoint, without aliases (nnunet-inference §5.3). */
function weightShapes({ features, convs, heads }: PlainUnet): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  const block = (prefix: string, from: number, to: number): void => {
    for (let conv = 0; conv < convs; conv += 1) {
      const name = `${prefix}convs.${conv}.`;
      shapes.set(`${name}conv.weight`, [to, conv === 0 ? from : to, 3, 3, 3]);
      for (const rest of ['conv.bias', 'norm.weight', 'norm.bias']) shapes.set(name + rest, [to]);
    }
  };
  features.forEach((to, stage) => {
    block(`encoder.stages.${stage}.0.`, features[stage - 1] ?? 1, to);
  });
  for (let stage = 0; stage < features.length - 1; stage += 1) {
    const fine = features.length - 2 - stage;
    const to = features[fine] ?? 0;
    shapes.set(`decoder.transpconvs.${stage}.weight`, [features[fine + 1] ?? 0, to, 2, 2, 2]);
    shapes.set(`decoder.transpconvs.${stage}.bias`, [to]);
    block(`decoder.stages.${stage}.`, 2 * to, to);
    shapes.set(`decoder.seg_layers.${stage}.weight`, [heads, to, 1, 1, 1]);
    shapes.set(`decoder.seg_layers.${stage}.bias`, [heads]);
  }
  return shapes;
}
