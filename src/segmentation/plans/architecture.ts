import { product } from '../product.ts';
import type { Architecture, Vec3 } from './plan.ts';
import type { ArchitectureBlock, Configuration } from './schema.ts';
import { perStage, sizesPerStage } from './sizes.ts';
import { planInvalid, unsupported } from './unsupported.ts';

const KINDS = ['PlainConvUNet', 'ResidualEncoderUNet'] as const;

/**
 * The network of a configuration: from the `UNet_*` keys of nnU-Net 2.2.1 or from the `architecture` block
 * of later versions (nnunet-inference §5.4, §5.5).
 * @param heads number of output channels
 */
export function readArchitecture(
  configuration: Configuration,
  dimensions: 2 | 3,
  patchSize: Vec3,
  inputChannels: number,
  heads: number,
): Architecture {
  const raw =
    configuration.architecture === undefined
      ? fromUnetKeys(configuration, dimensions)
      : fromBlock(configuration.architecture, dimensions);
  const architecture = { ...raw, dimensions, inputChannels, heads };
  requireRunnable(architecture, patchSize);
  return architecture;
}

type Raw = Omit<Architecture, 'dimensions' | 'inputChannels' | 'heads'>;

/** nnU-Net's planner allows 2-D networks more channels. */
const MOST_FEATURES = { 2: 512, 3: 320 } as const;

function fromUnetKeys(configuration: Configuration, dimensions: 2 | 3): Raw {
  const stages = configuration.conv_kernel_sizes?.length;
  if (stages === undefined || configuration.UNet_class_name === undefined) {
    throw planInvalid('plans.json', 'it describes no network (architecture or UNet_class_name)');
  }
  const kind = KINDS.find((known) => known === configuration.UNet_class_name);
  if (kind === undefined) {
    throw unknownKind('UNet_class_name', configuration.UNet_class_name);
  }
  const base = configuration.UNet_base_num_features ?? 32;
  const most = configuration.unet_max_num_features ?? MOST_FEATURES[dimensions];
  const sizes = (key: 'conv_kernel_sizes' | 'pool_op_kernel_sizes'): Vec3[] =>
    sizesPerStage(key, configuration[key], stages, dimensions);
  const blocks = (part: 'encoder' | 'decoder', count: number): number[] => {
    const key = `n_conv_per_stage_${part}` as const;
    return perStage(key, configuration[key], count);
  };
  return {
    kind,
    features: Array.from({ length: stages }, (_, stage) => Math.min(base * 2 ** stage, most)),
    kernels: sizes('conv_kernel_sizes'),
    strides: sizes('pool_op_kernel_sizes'),
    encoderBlocks: blocks('encoder', stages),
    decoderConvs: blocks('decoder', stages - 1),
    convBias: true,
    normEpsilon: 1e-5,
    leakySlope: 0.01,
  };
}

/** Arguments of the classes that are read below, or that change nothing in inference. */
const KNOWN_ARGUMENTS = new Set([
  'n_stages',
  'features_per_stage',
  'conv_op',
  'kernel_sizes',
  'strides',
  'n_conv_per_stage',
  'n_blocks_per_stage',
  'n_conv_per_stage_decoder',
  'conv_bias',
  'norm_op',
  'norm_op_kwargs',
  'dropout_op',
  'dropout_op_kwargs',
  'nonlin',
  'nonlin_kwargs',
  'deep_supervision',
]);

function fromBlock(block: ArchitectureBlock, dimensions: 2 | 3): Raw {
  const kwargs = block.arch_kwargs;
  const kind = kindOfPath(block.network_class_name);
  for (const [key, value] of Object.entries(kwargs)) {
    const isDefault = value === null || value === false;
    if (!KNOWN_ARGUMENTS.has(key) && !isDefault) {
      throw unsupported(`its network has an argument that changes it (${key})`, { key });
    }
  }
  requireClass('conv_op', kwargs.conv_op, `Conv${dimensions}d`);
  requireNorm(kwargs, dimensions);
  if (typeof kwargs.dropout_op === 'string' && !/\.Dropout[123]?d?$/.test(kwargs.dropout_op)) {
    throw unsupported(`its dropout_op is "${kwargs.dropout_op}"`, { key: 'dropout_op' });
  }
  const stages = kwargs.n_stages;
  const blocksKey = kind === 'PlainConvUNet' ? 'n_conv_per_stage' : 'n_blocks_per_stage';
  return {
    kind,
    features: perStage('features_per_stage', kwargs.features_per_stage, stages),
    kernels: sizesPerStage('kernel_sizes', kwargs.kernel_sizes, stages, dimensions),
    strides: sizesPerStage('strides', kwargs.strides, stages, dimensions),
    encoderBlocks: perStage(blocksKey, kwargs[blocksKey], stages),
    decoderConvs: perStage('n_conv_per_stage_decoder', kwargs.n_conv_per_stage_decoder, stages - 1),
    convBias: kwargs.conv_bias ?? false,
    normEpsilon: kwargs.norm_op_kwargs?.eps ?? 1e-5,
    leakySlope: slopeOf(kwargs),
  };
}

/** The class may have moved between modules of the package; another package's class may be another network. */
function kindOfPath(path: string): Architecture['kind'] {
  const name = /^dynamic_network_architectures\.architectures\.\w+\.(\w+)$/.exec(path)?.[1];
  const kind = KINDS.find((known) => known === name);
  if (kind === undefined) throw unknownKind('network_class_name', path);
  return kind;
}

function unknownKind(key: string, name: string): Error {
  return unsupported(`its ${key} is "${name}"; known are ${KINDS.join(' and ')}`, { key });
}

function requireNorm(kwargs: ArchitectureBlock['arch_kwargs'], dimensions: 2 | 3): void {
  requireClass('norm_op', kwargs.norm_op, `InstanceNorm${dimensions}d`);
  const norm = kwargs.norm_op_kwargs;
  if (norm?.affine !== true) {
    throw unsupported('its normalisation has no weights (norm_op_kwargs.affine)', {
      key: 'norm_op_kwargs.affine',
    });
  }
  if (norm.track_running_stats === true) {
    throw unsupported('its normalisation keeps statistics (norm_op_kwargs.track_running_stats)', {
      key: 'norm_op_kwargs.track_running_stats',
    });
  }
}

function slopeOf(kwargs: ArchitectureBlock['arch_kwargs']): number {
  if (kwargs.nonlin.split('.').at(-1) === 'ReLU') return 0;
  requireClass('nonlin', kwargs.nonlin, 'LeakyReLU');
  return kwargs.nonlin_kwargs?.negative_slope ?? 0.01;
}

function requireClass(key: string, path: string, expected: string): void {
  if (path.split('.').at(-1) !== expected) {
    throw unsupported(`its ${key} is "${path}" instead of ${expected}`, { key });
  }
}

/** Voxels; nnU-Net's planner stays far below, for the memory of the largest GPU. */
const LARGEST_PATCH = 2 ** 26;

/** What torch would refuse, or answer in another shape than the patch. */
function requireRunnable(architecture: Architecture, patchSize: Vec3): void {
  const { kernels, strides } = architecture;
  if (strides.length < 2) throw planInvalid('plans.json', 'its network has fewer than two stages');
  if (kernels.some((kernel) => kernel.some((size) => size % 2 === 0))) {
    throw unsupported('it has convolution kernels of even size (kernel sizes)', {
      key: 'kernel_sizes',
    });
  }
  if (strides[0]?.some((stride) => stride !== 1) === true) {
    throw unsupported('its first stage has a stride (strides)', { key: 'strides' });
  }
  if (product(patchSize) > LARGEST_PATCH) {
    throw planInvalid(
      'plans.json',
      `patch_size ${patchSize.join('×')} is larger than any network is trained with`,
    );
  }
  const coarsest = patchSize.map((size, axis) =>
    strides.reduce((rest, stride) => rest / (stride[axis] ?? 1), size),
  );
  if (!coarsest.every(Number.isInteger)) {
    throw planInvalid(
      'plans.json',
      `patch_size ${patchSize.join('×')} can't be halved as the strides of the network ask for`,
    );
  }
  if (coarsest.every((size) => size === 1)) {
    throw planInvalid(
      'plans.json',
      `patch_size ${patchSize.join('×')} leaves one voxel at the coarsest stage, which can't be normalised`,
    );
  }
}
