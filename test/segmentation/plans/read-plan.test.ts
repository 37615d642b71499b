import { describe, expect, it } from '@jest/globals';
import type { InferencePlan } from '../../../src/segmentation/plans/plan.ts';
import { readPlan } from '../../../src/segmentation/plans/read-plan.ts';
import { errorOf } from '../support/errors.ts';
import type { FolderOptions } from '../support/nnunet-folder.ts';
import { datasetJson, plansJson } from '../support/nnunet-folder.ts';

const FACTS = { configuration: '3d_fullres', trainer: 'nnUNetTrainer', mirrorAxes: [] };

const read = (options: FolderOptions, facts = FACTS, accept: string[] = []): InferencePlan =>
  readPlan(plansJson(options), datasetJson(options), facts, accept);

const refusal = (options: FolderOptions, facts = FACTS): string => {
  const error = errorOf(() => read(options, facts));
  return `${error?.code ?? 'none'}: ${error?.message ?? ''}`;
};

const BLOCK = {
  network_class_name: 'dynamic_network_architectures.architectures.unet.PlainConvUNet',
  arch_kwargs: {
    n_stages: 2,
    features_per_stage: [4, 6],
    conv_op: 'torch.nn.modules.conv.Conv3d',
    kernel_sizes: [
      [3, 3, 3],
      [3, 3, 3],
    ],
    strides: [
      [1, 1, 1],
      [2, 2, 2],
    ],
    n_conv_per_stage: [1, 1],
    n_conv_per_stage_decoder: [1],
    conv_bias: true,
    norm_op: 'torch.nn.modules.instancenorm.InstanceNorm3d',
    norm_op_kwargs: { eps: 1e-5, affine: true },
    dropout_op: null,
    dropout_op_kwargs: null,
    nonlin: 'torch.nn.LeakyReLU',
    nonlin_kwargs: { inplace: true },
  },
  _kw_requires_import: ['conv_op', 'norm_op', 'dropout_op', 'nonlin'],
};

describe('reading plans', () => {
  it('reads the keys of nnU-Net 2.2.1', () => {
    const plan = read({});
    expect(plan).toMatchObject({
      spacing: [2, 2, 2],
      patchSize: [8, 8, 8],
      normalisation: { scheme: 'zscore', useMask: false },
      resampleImage: { order: 3, forceSeparateZ: null, anisotropyThreshold: 3 },
      resampleLogits: { order: 1 },
      labelRule: { kind: 'argmax' },
      labels: [
        { value: 1, name: 'structure_1' },
        { value: 2, name: 'structure_2' },
      ],
    });
    expect(plan.architecture.features).toEqual([4, 6]);
  });

  it('reads the architecture block of later versions to the same network', () => {
    const withBlock = { UNet_class_name: undefined, architecture: BLOCK };
    expect(read({ configuration: withBlock }).architecture).toEqual(read({}).architecture);
  });

  it('follows inherits_from; the child wins', () => {
    const configurations = plansJson()['configurations'] as Record<string, object>;
    const plans = {
      configurations: {
        base: configurations['3d_fullres'],
        middle: { inherits_from: 'base', spacing: [3, 3, 3] },
        '3d_fullres': { inherits_from: 'middle', patch_size: [16, 8, 8] },
      },
    };
    expect(read({ plans })).toMatchObject({ spacing: [3, 3, 3], patchSize: [16, 8, 8] });
  });

  it('refuses inheritance in a circle or from nothing', () => {
    const circle = { configurations: { '3d_fullres': { inherits_from: '3d_fullres' } } };
    expect(refusal({ plans: circle })).toContain('MODEL_PLANS_INVALID');
    const facts = { ...FACTS, configuration: 'toString' };
    expect(refusal({}, facts)).toContain('MODEL_PLANS_INVALID');
  });

  it('takes the CT constants under both names and needs them for CT only', () => {
    const constants = { mean: 1, std: 2, percentile_00_5: -9, percentile_99_5: 9, max: 50 };
    const configuration = { normalization_schemes: ['CTNormalization'] };
    for (const key of ['per_channel', 'by_modality']) {
      const plans = { [`foreground_intensity_properties_${key}`]: { '0': constants } };
      expect(read({ configuration, plans }).normalisation).toEqual({
        scheme: 'ct',
        mean: 1,
        std: 2,
        lower: -9,
        upper: 9,
      });
    }
    expect(refusal({ configuration })).toContain('intensity properties');
  });

  it('reads region models: one channel a region, labels by class order', () => {
    const dataset = {
      labels: { background: 0, whole: [1, 2], core: [2], ignore: 3 },
      regions_class_order: [1, 2],
    };
    expect(read({ dataset })).toMatchObject({
      architecture: { heads: 2 },
      labelRule: { kind: 'regions', classOrder: [1, 2] },
      labels: [
        { value: 1, name: 'whole' },
        { value: 2, name: 'core' },
      ],
    });
  });

  it('does not count the ignore label as a head', () => {
    const dataset = { labels: { background: 0, a: 1, ignore: 2 } };
    expect(read({ dataset }).architecture.heads).toBe(2);
  });

  it('refuses a trainer that may build another network unless the operator vouches for it', () => {
    const facts = { ...FACTS, trainer: 'nnUNetTrainerBN' };
    expect(refusal({}, facts)).toMatch(/MODEL_UNSUPPORTED.*nnUNetTrainerBN/);
    expect(read({}, facts, ['nnUNetTrainerBN']).configuration).toBe('3d_fullres');
  });

  it.each([
    'nnUNetTrainer_250epochs',
    'nnUNetTrainer_1epoch',
    'nnUNetTrainerDA5',
    'nnUNetTrainer_8000epochs_NoMirroring',
  ])('knows %s', (trainer) => {
    expect(read({}, { ...FACTS, trainer }).configuration).toBe('3d_fullres');
  });

  it.each<[string, FolderOptions, RegExp]>([
    ['a cascade', { configuration: { previous_stage: '3d_lowres' } }, /UNSUPPORTED.*cascade/],
    [
      'two channels',
      { dataset: { channel_names: { '0': 'T1', '1': 'T2' } } },
      /UNSUPPORTED.*2 registered/,
    ],
    [
      'two dimensions',
      { configuration: { patch_size: [8, 8], spacing: [1, 1] } },
      /UNSUPPORTED.*two-dim/,
    ],
    [
      'another resampler',
      { configuration: { resampling_fn_data: 'resample_torch' } },
      /UNSUPPORTED.*resample_torch/,
    ],
    ['another preprocessor', { configuration: { preprocessor_name: 'Mine' } }, /UNSUPPORTED.*Mine/],
    ['another network', { configuration: { UNet_class_name: 'Swin' } }, /UNSUPPORTED.*Swin/],
    [
      'another normalisation',
      { configuration: { normalization_schemes: ['Mine'] } },
      /UNSUPPORTED.*Mine/,
    ],
    [
      'order 2',
      { configuration: { resampling_fn_data_kwargs: { order: 2 } } },
      /UNSUPPORTED.*order 2/,
    ],
    [
      'order_z 1',
      { configuration: { resampling_fn_data_kwargs: { order_z: 1 } } },
      /UNSUPPORTED.*order_z/,
    ],
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
      /UNSUPPORTED.*even/,
    ],
    [
      'batch norm',
      {
        configuration: {
          architecture: {
            ...BLOCK,
            arch_kwargs: { ...BLOCK.arch_kwargs, norm_op: 'torch.nn.BatchNorm3d' },
          },
        },
      },
      /UNSUPPORTED.*BatchNorm/,
    ],
    ['lists of different lengths', { configuration: { n_conv_per_stage_encoder: [1] } }, /INVALID/],
    ['labels with a gap', { dataset: { labels: { background: 0, a: 2 } } }, /INVALID.*gaps/],
    ['more labels than a byte holds', { heads: 257 }, /INVALID.*255/],
    [
      'regions without order',
      { dataset: { labels: { background: 0, a: [1, 2] } } },
      /INVALID.*regions_class_order/,
    ],
    [
      'a transpose that is none',
      { plans: { transpose_forward: [0, 0, 1] } },
      /INVALID.*permutation/,
    ],
    ['a negative spacing', { spacing: [1, -1, 1] }, /INVALID.*spacing/],
  ])('refuses %s', (_, options, expected) => {
    expect(refusal(options)).toMatch(expected);
  });
});
