import type { Architecture, Vec3 } from './plan.ts';
import type { Configuration } from './schema.ts';
import { planInvalid, unsupported } from './unsupported.ts';

const KINDS = ['PlainConvUNet', 'ResidualEncoderUNet'] as const;

/**
 * The network of a configuration: from the `UNet_*` keys of nnU-Net 2.2.1 or from the `architecture` block
 * of later versions (nnunet-inference §5.4, §5.5).
 * @param heads number of output channels
 */
export function readArchitecture(
  configuration: Configuration,
  inputChannels: number,
  heads: number,
): Architecture {
  const raw =
    configuration.architecture === undefined
      ? fromUnetKeys(configuration)
      : fromBlock(configuration.architecture);
  const architecture = { ...raw, inputChannels, heads };
  const stages = architecture.features.length;
  const lengths = [
    architecture.kernels.length,
    architecture.strides.length,
    architecture.encoderBlocks.length,
    architecture.decoderConvs.length + 1,
  ];
  if (stages < 2 || lengths.some((length) => length !== stages)) {
    throw planInvalid('plans.json', 'its network has lists of different lengths');
  }
  if (architecture.kernels.some((kernel) => kernel.some((size) => size % 2 === 0))) {
    throw unsupported('it has convolution kernels of even size');
  }
  return architecture;
}

type Raw = Omit<Architecture, 'inputChannels' | 'heads'>;

function fromUnetKeys(configuration: Configuration): Raw {
  const kernels = configuration.conv_kernel_sizes;
  const strides = configuration.pool_op_kernel_sizes;
  const encoder = configuration.n_conv_per_stage_encoder;
  const decoder = configuration.n_conv_per_stage_decoder;
  if (kernels === undefined || strides === undefined || !encoder || !decoder) {
    throw planInvalid('plans.json', 'it describes no network');
  }
  const base = configuration.UNet_base_num_features ?? 32;
  const most = configuration.unet_max_num_features ?? 320;
  return {
    kind: kindOf(configuration.UNet_class_name ?? 'PlainConvUNet'),
    features: kernels.map((_, stage) => Math.min(base * 2 ** stage, most)),
    kernels: kernels.map(vec3),
    strides: strides.map(vec3),
    encoderBlocks: encoder,
    decoderConvs: decoder,
    convBias: true,
    normEpsilon: 1e-5,
    leakySlope: 0.01,
  };
}

function fromBlock(block: NonNullable<Configuration['architecture']>): Raw {
  const kwargs = block.arch_kwargs;
  requireClass('convolution', kwargs.conv_op, 'Conv3d');
  requireClass('normalisation', kwargs.norm_op, 'InstanceNorm3d');
  requireClass('activation', kwargs.nonlin, 'LeakyReLU');
  if (kwargs.dropout_op !== null && kwargs.dropout_op !== undefined) {
    throw unsupported('its network uses dropout');
  }
  if (kwargs.norm_op_kwargs?.affine === false) {
    throw unsupported('its normalisation has no weights');
  }
  const encoder = kwargs.n_conv_per_stage ?? kwargs.n_blocks_per_stage;
  if (encoder === undefined || kwargs.features_per_stage.length !== kwargs.n_stages) {
    throw planInvalid('plans.json', 'its architecture block is incomplete');
  }
  return {
    kind: kindOf(block.network_class_name.split('.').at(-1) ?? ''),
    features: kwargs.features_per_stage,
    kernels: kwargs.kernel_sizes.map(vec3),
    strides: kwargs.strides.map(vec3),
    encoderBlocks: encoder,
    decoderConvs: kwargs.n_conv_per_stage_decoder,
    convBias: kwargs.conv_bias ?? true,
    normEpsilon: kwargs.norm_op_kwargs?.eps ?? 1e-5,
    leakySlope: kwargs.nonlin_kwargs?.negative_slope ?? 0.01,
  };
}

function kindOf(name: string): Architecture['kind'] {
  const kind = KINDS.find((known) => known === name);
  if (kind === undefined) {
    throw unsupported(`its network class is "${name}"; known are ${KINDS.join(' and ')}`);
  }
  return kind;
}

function requireClass(what: string, path: string, expected: string): void {
  if (path.split('.').at(-1) !== expected) {
    throw unsupported(`its ${what} is "${path}" instead of ${expected}`);
  }
}

function vec3(sizes: readonly number[]): Vec3 {
  const [a, b, c] = sizes;
  if (a === undefined || b === undefined || c === undefined) {
    throw unsupported('its network is two-dimensional');
  }
  return [a, b, c];
}
