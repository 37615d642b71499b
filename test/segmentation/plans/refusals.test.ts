import { describe, expect, it } from '@jest/globals';
import { ARCHITECTURE_BLOCK } from '../support/nnunet-folder.ts';
import type { FolderOptions } from '../support/nnunet-folder.ts';
import { FACTS, refusal } from '../support/plans.ts';

type Kwargs = Readonly<Record<string, unknown>>;

const withBlock = (kwargs: Kwargs, name?: string): FolderOptions => ({
  configuration: {
    architecture: {
      network_class_name: name ?? ARCHITECTURE_BLOCK.network_class_name,
      arch_kwargs: { ...ARCHITECTURE_BLOCK.arch_kwargs, ...kwargs },
    },
  },
});
const ours = 'dynamic_network_architectures.architectures.unet';

/** One case a reason; each message names the key that stands for it. */
describe('refusing models that can not be run', () => {
  it.each<[string, FolderOptions, RegExp]>([
    ['a cascade', { configuration: { previous_stage: '3d_lowres' } }, /cascade.*previous_stage/],
    [
      'several channels',
      { dataset: { channel_names: { '0': 'T1', '1': 'T2' } } },
      /2 registered.*channel_names/,
    ],
    [
      'another image resampler',
      { configuration: { resampling_fn_data: 'resample_torch_fornnunet' } },
      /resampling_fn_data.*resample_torch/,
    ],
    [
      'another logits resampler',
      { configuration: { resampling_fn_probabilities: 'no_resampling_hack' } },
      /resampling_fn_probabilities.*no_resampling_hack/,
    ],
    [
      'unknown resampler arguments',
      { configuration: { resampling_fn_data_kwargs: { memefficient_seg_resampling: true } } },
      /resampling_fn_data_kwargs.*memefficient/,
    ],
    [
      'resampling of the image as labels',
      { configuration: { resampling_fn_data_kwargs: { is_seg: true } } },
      /resampling_fn_data_kwargs\.is_seg/,
    ],
    [
      'image order 2',
      { configuration: { resampling_fn_data_kwargs: { order: 2 } } },
      /order 2 \(resampling_fn_data_kwargs\.order\)/,
    ],
    [
      'logits order 3, also when it is only the default',
      { configuration: { resampling_fn_probabilities_kwargs: {} } },
      /order 3 \(resampling_fn_probabilities_kwargs\.order\)/,
    ],
    [
      'order_z',
      { configuration: { resampling_fn_probabilities_kwargs: { order: 1, order_z: 1 } } },
      /resampling_fn_probabilities_kwargs\.order_z/,
    ],
    [
      'another preprocessor',
      { configuration: { preprocessor_name: 'Mine' } },
      /preprocessor_name.*Mine/,
    ],
    ['another label manager', { plans: { label_manager: 'Mine' } }, /label_manager.*Mine/],
    [
      'photographs',
      { plans: { image_reader_writer: 'NaturalImage2DIO' } },
      /image_reader_writer.*NaturalImage2DIO/,
    ],
    [
      'another normalisation',
      { configuration: { normalization_schemes: ['Mine'] } },
      /Mine.*normalization_schemes/,
    ],
    ['another network', { configuration: { UNet_class_name: 'Swin' } }, /UNet_class_name.*Swin/],
    ['another network class', withBlock({}, `${ours}.ResidualUNet`), /network_class_name/],
    ['a class of another package', withBlock({}, 'mine.unet.PlainConvUNet'), /network_class_name/],
    ['batch norm', withBlock({ norm_op: 'torch.nn.BatchNorm3d' }), /norm_op.*BatchNorm3d/],
    ['norms without weights', withBlock({ norm_op_kwargs: null }), /norm_op_kwargs\.affine/],
    [
      'norms with running statistics',
      withBlock({ norm_op_kwargs: { affine: true, track_running_stats: true } }),
      /track_running_stats/,
    ],
    ['other convolutions', withBlock({ conv_op: 'torch.nn.Conv2d' }), /conv_op.*Conv2d/],
    ['other activations', withBlock({ nonlin: 'torch.nn.GELU' }), /nonlin.*GELU/],
    ['other dropout', withBlock({ dropout_op: 'mine.DropPath' }), /dropout_op.*DropPath/],
    ['activation before norm', withBlock({ nonlin_first: true }), /\(nonlin_first\)/],
    ['bottleneck blocks', withBlock({ bottleneck_channels: [8, 8] }), /\(bottleneck_channels\)/],
    ['another stem', withBlock({ stem_channels: 8 }), /\(stem_channels\)/],
    [
      'even kernels',
      {
        configuration: {
          conv_kernel_sizes: [
            [2, 2, 2],
            [3, 3, 3],
          ],
        },
      },
      /even size \(kernel/,
    ],
    [
      'a stride of the first stage',
      {
        configuration: {
          pool_op_kernel_sizes: [
            [2, 1, 1],
            [2, 2, 2],
          ],
        },
      },
      /first stage.*strides/,
    ],
  ])('refuses %s', (_, options, expected) => {
    expect(refusal(options)).toMatch(/^MODEL_UNSUPPORTED/);
    expect(refusal(options)).toMatch(expected);
  });

  it.each<[string, FolderOptions, RegExp]>([
    [
      'lists of different lengths',
      { configuration: { n_conv_per_stage_encoder: [1] } },
      /different lengths.*n_conv_per_stage_encoder/,
    ],
    [
      'plain blocks for a residual encoder',
      withBlock({}, `${ours}.ResidualEncoderUNet`),
      /n_blocks_per_stage/,
    ],
    ['no network', { configuration: { UNet_class_name: undefined } }, /UNet_class_name/],
    [
      'no resampling arguments',
      { configuration: { resampling_fn_data_kwargs: undefined } },
      /resampling_fn_data_kwargs is missing/,
    ],
    [
      'a 2-D patch with 3-D spacing',
      { configuration: { patch_size: [8, 8] } },
      /spacing has 3 numbers/,
    ],
    [
      'a patch that the strides do not divide',
      { configuration: { patch_size: [8, 7, 8] } },
      /patch_size 8×7×8.*strides/,
    ],
    [
      'a patch that leaves one voxel',
      { configuration: { patch_size: [2, 2, 2] } },
      /patch_size 2×2×2.*one voxel/,
    ],
    ['labels with a gap', { dataset: { labels: { background: 0, a: 2 } } }, /gaps/],
    ['no background', { dataset: { labels: { nothing: 0, a: 1 } } }, /background/],
    [
      'an ignore label in between',
      { dataset: { labels: { background: 0, ignore: 1, a: 2 } } },
      /labels\.ignore/,
    ],
    ['more labels than a byte holds', { heads: 257 }, /255/],
    [
      'regions without order',
      { dataset: { labels: { background: 0, a: [1, 2] } } },
      /regions_class_order/,
    ],
    [
      'a region that writes the background',
      { dataset: { labels: { background: 0, a: [1, 2] }, regions_class_order: [0] } },
      /regions_class_order/,
    ],
    ['a transpose that is none', { plans: { transpose_forward: [0, 0, 1] } }, /transpose_forward/],
    [
      'transposes that do not undo each other',
      { plans: { transpose_forward: [1, 2, 0], transpose_backward: [1, 2, 0] } },
      /transpose_backward/,
    ],
    ['a negative spacing', { spacing: [1, -1, 1] }, /spacing/],
  ])('calls invalid: %s', (_, options, expected) => {
    expect(refusal(options)).toMatch(/^MODEL_PLANS_INVALID/);
    expect(refusal(options)).toMatch(expected);
  });

  it('refuses a trainer that may build another network, naming it', () => {
    const facts = { ...FACTS, trainer: 'nnUNetTrainerBN' };
    expect(refusal({}, facts)).toMatch(/^MODEL_UNSUPPORTED.*nnUNetTrainerBN.*trainer_name/);
  });

  it('calls mirroring axes invalid that a 2-D patch has not', () => {
    const flat = {
      patch_size: [8, 8],
      spacing: [1, 1],
      conv_kernel_sizes: [
        [3, 3],
        [3, 3],
      ],
      pool_op_kernel_sizes: [
        [1, 1],
        [2, 2],
      ],
    };
    const facts = { ...FACTS, mirrorAxes: [0, 2] };
    expect(refusal({ configuration: flat }, facts)).toMatch(/inference_allowed_mirroring_axes/);
    expect(refusal({ configuration: flat })).toBe('none: ');
  });
});
