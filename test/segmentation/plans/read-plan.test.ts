import { describe, expect, it } from '@jest/globals';
import { targetSpacing } from '../../../src/segmentation/plans/spacing.ts';
import { ARCHITECTURE_BLOCK, plansJson } from '../support/nnunet-folder.ts';
import { FACTS, read, refusal } from '../support/plans.ts';

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
    const withBlock = { UNet_class_name: undefined, architecture: ARCHITECTURE_BLOCK };
    expect(read({ configuration: withBlock }).architecture).toEqual(read({}).architecture);
  });

  it('reads single numbers of the block as one a stage or axis, and its defaults', () => {
    const architecture = {
      network_class_name: 'dynamic_network_architectures.architectures.unet.PlainConvUNet',
      arch_kwargs: {
        ...ARCHITECTURE_BLOCK.arch_kwargs,
        conv_bias: undefined,
        features_per_stage: 4,
        kernel_sizes: [3, [1, 3, 3]],
        strides: [1, 2],
        n_conv_per_stage: 2,
        n_conv_per_stage_decoder: 1,
        nonlin: 'torch.nn.ReLU',
        dropout_op: 'torch.nn.Dropout3d',
      },
    };
    expect(read({ configuration: { architecture } }).architecture).toMatchObject({
      features: [4, 4],
      kernels: [
        [3, 3, 3],
        [1, 3, 3],
      ],
      strides: [
        [1, 1, 1],
        [2, 2, 2],
      ],
      encoderBlocks: [2, 2],
      decoderConvs: [1],
      convBias: false,
      leakySlope: 0,
    });
  });

  it.each(['unet', 'residual_unet'])('finds the residual encoder in the module %s', (module) => {
    const { n_conv_per_stage: blocks, ...kwargs } = ARCHITECTURE_BLOCK.arch_kwargs;
    const architecture = {
      network_class_name: `dynamic_network_architectures.architectures.${module}.ResidualEncoderUNet`,
      arch_kwargs: { ...kwargs, n_blocks_per_stage: blocks },
    };
    expect(read({ configuration: { architecture } }).architecture.kind).toBe('ResidualEncoderUNet');
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

  it('takes what the resampling arguments leave out from nnU-Net’s function', () => {
    const configuration = {
      resampling_fn_data_kwargs: {},
      resampling_fn_probabilities_kwargs: { order: 1, separate_z_anisotropy_threshold: 4 },
    };
    expect(read({ configuration })).toMatchObject({
      resampleImage: { order: 3, forceSeparateZ: false, anisotropyThreshold: 3 },
      resampleLogits: { order: 1, forceSeparateZ: false, anisotropyThreshold: 4 },
    });
  });

  it.each([
    [undefined, 'LPS'],
    ['SimpleITKIO', 'LPS'],
    ['NibabelIO', 'LPS'],
    ['NibabelIOWithReorient', 'RAS'],
    ['SimpleITKIOWithReorient', 'RAS'],
  ])('takes the array of the reader %s as %s', (reader, orientation) => {
    expect(read({ plans: { image_reader_writer: reader } }).orientation).toBe(orientation);
  });

  it('reads 2-D configurations as 3-D with slices of one voxel', () => {
    const plan = read(
      {
        configuration: {
          patch_size: [8, 16],
          spacing: [1.5, 2],
          conv_kernel_sizes: [
            [3, 3],
            [3, 1],
          ],
          pool_op_kernel_sizes: [
            [1, 1],
            [2, 2],
          ],
        },
      },
      { ...FACTS, mirrorAxes: [0, 1] },
    );
    expect(plan).toMatchObject({
      patchSize: [1, 8, 16],
      mirrorAxes: [1, 2],
      architecture: {
        dimensions: 2,
        kernels: [
          [1, 3, 3],
          [1, 3, 1],
        ],
        strides: [
          [1, 1, 1],
          [1, 2, 2],
        ],
      },
    });
    expect(targetSpacing(plan, [7, 1, 1])).toEqual([7, 1.5, 2]);
    expect(targetSpacing(read({}), [7, 1, 1])).toEqual([2, 2, 2]);
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
    'nnUNetTrainer_onlyMirror01_1500ep',
    'nnUNetTrainer_DASegOrd0_NoMirroring',
    'nnUNetTrainerVanillaAdam3en4',
    'nnUNetTrainerNoDeepSupervision',
  ])('knows %s', (trainer) => {
    expect(read({}, { ...FACTS, trainer }).configuration).toBe('3d_fullres');
  });
});
